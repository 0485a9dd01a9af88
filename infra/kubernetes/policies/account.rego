# Every process has the account 10001 of the images: never root, and no other by accident.
package account

import rego.v1

deny contains reason if {
	some workload in data.lib.workloads
	some key, wanted in {"runAsNonRoot": true, "runAsUser": 10001, "runAsGroup": 10001}
	context := object.get(workload.pod, "securityContext", {})
	found := object.get(context, key, "nothing")
	found != wanted
	reason := sprintf("%s: '%s' is %v; expected %v", [data.lib.name(workload.object), key, found, wanted])
}

deny contains reason if {
	some workload in data.lib.workloads
	some container in data.lib.containers(workload.pod)
	some key in ["runAsUser", "runAsGroup", "runAsNonRoot"]
	object.get(object.get(container, "securityContext", {}), key, null) != null
	reason := sprintf("%s: the container '%s' sets %s; expected it only at the pod", [data.lib.name(workload.object), container.name, key])
}
