# A scaler has a target that exists, and is the only one that says how many pods there are.
package scaling

import rego.v1

targets := {workload.object.metadata.name: workload.object | some workload in data.lib.services}

deny contains reason if {
	some scaler in data.lib.of_kind("HorizontalPodAutoscaler")
	not targets[scaler.spec.scaleTargetRef.name]
	reason := sprintf("%s: there is no Deployment %s", [data.lib.name(scaler), scaler.spec.scaleTargetRef.name])
}

deny contains reason if {
	some scaler in data.lib.of_kind("HorizontalPodAutoscaler")
	object.get(targets[scaler.spec.scaleTargetRef.name].spec, "replicas", null) != null
	reason := sprintf("%s: the Deployment sets replicas too, and each delivery would undo what was scaled", [data.lib.name(scaler)])
}
