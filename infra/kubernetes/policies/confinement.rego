# Every process has the account 10001 of the images. If it is taken over it can write nothing, gains no right, and has no capability.
package confinement

import rego.v1

of_a_pod := {"runAsNonRoot": true, "runAsUser": 10001, "runAsGroup": 10001, "seccompProfile": {"type": "RuntimeDefault"}}

of_a_container := {"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": {"drop": ["ALL"]}}

# Both are compared as a whole: a member more could undo what the others say. fsGroup lets the account read mounted files.
deny contains reason if {
	some workload in data.lib.workloads
	context := object.get(workload.pod, "securityContext", {})
	not context in [of_a_pod, object.union(of_a_pod, {"fsGroup": 10001})]
	reason := sprintf("%s: its securityContext is %v; expected %v, and fsGroup 10001 if it reads a secret's file", [data.lib.name(workload.object), context, of_a_pod])
}

deny contains reason if {
	some workload in data.lib.workloads
	some container in workload.pod.containers
	context := object.get(container, "securityContext", {})
	context != of_a_container
	reason := sprintf("%s: the securityContext of its container '%s' is %v; expected %v", [data.lib.name(workload.object), container.name, context, of_a_container])
}
