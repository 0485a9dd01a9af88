# A scaler has a target that exists, and is the only one that says how many pods there are.
package scaling

import rego.v1

targets := {data.lib.name(workload.object): workload.object | some workload in data.lib.services}

target_of(scaler) := sprintf("%s/%s", [scaler.spec.scaleTargetRef.kind, scaler.spec.scaleTargetRef.name])

deny contains reason if {
	some scaler in data.lib.of_kind("HorizontalPodAutoscaler")
	not targets[target_of(scaler)]
	reason := sprintf("%s: there is no %s", [data.lib.name(scaler), target_of(scaler)])
}

deny contains reason if {
	some scaler in data.lib.of_kind("HorizontalPodAutoscaler")
	object.get(targets[target_of(scaler)].spec, "replicas", null) != null
	reason := sprintf("%s: the %s sets replicas too, and each delivery would undo what was scaled", [data.lib.name(scaler), scaler.spec.scaleTargetRef.kind])
}

deny contains reason if {
	some scaler in data.lib.of_kind("HorizontalPodAutoscaler")
	scaler.spec.maxReplicas <= object.get(scaler.spec, "minReplicas", 1)
	reason := sprintf("%s: it has at most '%v' pods and at least %v; expected room between them", [data.lib.name(scaler), scaler.spec.maxReplicas, object.get(scaler.spec, "minReplicas", 1)])
}
