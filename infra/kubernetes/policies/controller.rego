# Nothing reaches the controller, which holds the mall's key and may open a link: no rule lets anybody in, and no name leads to it.
package controller

import rego.v1

pods := [workload.labels | some workload in data.lib.workloads; workload.object.metadata.name == "controller"]

deny contains reason if {
	some policy in data.lib.of_kind("NetworkPolicy")
	some labels in pods
	data.lib.selects(object.get(policy.spec.podSelector, "matchLabels", {}), labels)
	count(object.get(policy.spec, "ingress", [])) > 0
	reason := sprintf("%s: it lets somebody connect to the controller", [data.lib.name(policy)])
}

deny contains reason if {
	some service in data.lib.of_kind("Service")
	some labels in pods
	data.lib.selects(object.get(service.spec, "selector", {}), labels)
	reason := sprintf("%s: it leads to the controller", [data.lib.name(service)])
}

deny contains reason if {
	count(pods) == 0
	reason := "expected a workload called controller"
}
