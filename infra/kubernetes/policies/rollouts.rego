# A Rollout gives a new version a share of the requests, and looks at their errors before each larger share. Its pods are told apart by
# a label of its own.
package rollouts

import rego.v1

rollouts := data.lib.of_kind("Rollout")

steps(rollout) := object.get(rollout.spec, ["strategy", "canary", "steps"], [])

templates := {template.metadata.name | some template in data.lib.of_kind("AnalysisTemplate")}

deny contains reason if {
	some rollout in rollouts
	not starts_small(rollout)
	reason := sprintf("%s: its first step is %v; expected setWeight of at most 34, before everybody gets the new version", [data.lib.name(rollout), first(rollout)])
}

first(rollout) := steps(rollout)[0]

first(rollout) := "nothing" if count(steps(rollout)) == 0

starts_small(rollout) if steps(rollout)[0].setWeight <= 34

deny contains reason if {
	some rollout in rollouts
	some at, step in steps(rollout)
	step.setWeight
	not steps(rollout)[at + 1].analysis
	reason := sprintf("%s: nothing is analysed after setWeight '%v'", [data.lib.name(rollout), step.setWeight])
}

deny contains reason if {
	some rollout in rollouts
	some step in steps(rollout)
	some template in step.analysis.templates
	not template.templateName in templates
	reason := sprintf("%s: there is no AnalysisTemplate %s", [data.lib.name(rollout), template.templateName])
}

deny contains reason if {
	some rollout in rollouts
	object.get(rollout.spec, "progressDeadlineAbort", false) != true
	reason := sprintf("%s: expected progressDeadlineAbort: pods that do not get ready end the new version", [data.lib.name(rollout)])
}

deny contains reason if {
	some rollout in rollouts
	some rule in object.get(rollout.spec.template.spec, "topologySpreadConstraints", [])
	object.get(rule, "matchLabelKeys", []) != ["rollouts-pod-template-hash"]
	reason := sprintf("%s: it is spread over %s by the labels %v; expected rollouts-pod-template-hash, which its pods have", [data.lib.name(rollout), rule.topologyKey, object.get(rule, "matchLabelKeys", [])])
}

# Without a limit of failures or of results that say nothing, an analysis would pass whatever it finds.
deny contains reason if {
	some template in data.lib.of_kind("AnalysisTemplate")
	some metric in template.spec.metrics
	some limit, most in {"failureLimit": 1, "inconclusiveLimit": 2, "consecutiveErrorLimit": 3}
	object.get(metric, limit, 99) > most
	reason := sprintf("%s: '%s' has no '%s', or one over %d", [data.lib.name(template), metric.name, limit, most])
}

deny contains reason if {
	some template in data.lib.of_kind("AnalysisTemplate")
	some metric in template.spec.metrics
	some member in ["count", "successCondition", "failureCondition"]
	not metric[member]
	reason := sprintf("%s: '%s' has no %s", [data.lib.name(template), metric.name, member])
}
