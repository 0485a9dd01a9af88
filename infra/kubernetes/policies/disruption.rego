# When nodes are replaced, at least one pod of each service stays, and the node can still be emptied.
package disruption

import rego.v1

scalers := {scaler.spec.scaleTargetRef.name: scaler | some scaler in data.lib.of_kind("HorizontalPodAutoscaler")}

fewest(deployment) := object.get(scalers[deployment.metadata.name].spec, "minReplicas", 1) if scalers[deployment.metadata.name]

fewest(deployment) := object.get(deployment.spec, "replicas", 1) if not scalers[deployment.metadata.name]

budgets(workload) := [budget |
	some budget in data.lib.of_kind("PodDisruptionBudget")
	data.lib.selects(budget.spec.selector.matchLabels, workload.labels)
]

deny contains reason if {
	some workload in data.lib.services
	count(budgets(workload)) != 1
	reason := sprintf("%s: its PodDisruptionBudgets are %v; expected one", [data.lib.name(workload.object), count(budgets(workload))])
}

deny contains reason if {
	some workload in data.lib.services
	some budget in budgets(workload)
	gone := object.get(budget.spec, "maxUnavailable", 0)
	is_number(gone)
	left := fewest(workload.object) - gone
	left < 1
	reason := sprintf("%s: of '%v' pods '%v' may go at once; expected one to stay", [data.lib.name(budget), fewest(workload.object), gone])
}

deny contains reason if {
	some budget in data.lib.of_kind("PodDisruptionBudget")
	gone := object.get(budget.spec, "maxUnavailable", 0)
	not at_least_one(gone)
	reason := sprintf("%s: maxUnavailable is %v; expected a number of at least 1, or no node can be emptied", [data.lib.name(budget), gone])
}

at_least_one(gone) if {
	is_number(gone)
	gone >= 1
}

# A new version replaces pods while the others work. What is not a number is a share, and 25 % if nothing is said.
deny contains reason if {
	some workload in data.lib.services
	gone := object.get(workload.object.spec, how[workload.object.kind], "25%")
	not keeps_one(workload.object, gone)
	reason := sprintf("%s: a new version may take '%v' of '%v' pods away at once; expected a number that leaves one", [data.lib.name(workload.object), gone, fewest(workload.object)])
}

how := {"Deployment": ["strategy", "rollingUpdate", "maxUnavailable"], "Rollout": ["strategy", "canary", "maxUnavailable"]}

keeps_one(deployment, gone) if {
	object.get(deployment.spec, ["strategy", "type"], "RollingUpdate") == "RollingUpdate"
	is_number(gone)
	fewest(deployment) - gone >= 1
}
