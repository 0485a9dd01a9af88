# Each object has its place: a namespace in which only restricted pods may run, and a stage of the delivery, or it is not delivered.
package places

import rego.v1

stages := {"ground", "expand", "serve", "contract"}

of_the_cluster := {"Namespace", "NodePool", "EC2NodeClass"}

namespaces := {object.metadata.name: object | some object in data.lib.of_kind("Namespace")}

deny contains reason if {
	some object in input.objects
	not object.kind in of_the_cluster
	not namespaces[object.metadata.namespace]
	reason := sprintf("%s: it is in no namespace that is made here", [data.lib.name(object)])
}

deny contains reason if {
	some name, namespace in namespaces
	namespace.metadata.labels["pod-security.kubernetes.io/enforce"] != "restricted"
	reason := sprintf("Namespace/%s: expected pod-security.kubernetes.io/enforce to be restricted", [name])
}

deny contains reason if {
	some one in input.objects
	stage := object.get(one, ["metadata", "labels", "marketday/stage"], "nothing")
	not stage in stages
	reason := sprintf("%s: marketday/stage is %s; expected one of %s", [data.lib.name(one), stage, concat(", ", stages)])
}

deny contains reason if {
	some workload in data.lib.workloads
	pools := {pool.spec.template.metadata.labels["marketday/pool"] | some pool in data.lib.of_kind("NodePool")}
	pool := object.get(workload.pod, ["nodeSelector", "marketday/pool"], "any")
	not pool in pools
	reason := sprintf("%s: it runs on nodes of the pool %s; expected one of %s", [data.lib.name(workload.object), pool, concat(", ", pools)])
}
