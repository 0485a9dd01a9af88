# A process that is taken over can write nothing, gains no right, and has no capability.
package confinement

import rego.v1

deny contains reason if {
	some workload in data.lib.workloads
	some container in data.lib.containers(workload.pod)
	some key, wanted in {"readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false}
	object.get(object.get(container, "securityContext", {}), key, null) != wanted
	reason := sprintf("%s: expected '%s' '%v' of the container %s", [data.lib.name(workload.object), key, wanted, container.name])
}

deny contains reason if {
	some workload in data.lib.workloads
	some container in data.lib.containers(workload.pod)
	object.get(object.get(container, "securityContext", {}), "capabilities", {}) != {"drop": ["ALL"]}
	reason := sprintf("%s: expected the container '%s' to drop ALL capabilities and add none", [data.lib.name(workload.object), container.name])
}

deny contains reason if {
	some workload in data.lib.workloads
	object.get(object.get(workload.pod, "securityContext", {}), "seccompProfile", {}) != {"type": "RuntimeDefault"}
	reason := sprintf("%s: expected the seccomp profile RuntimeDefault", [data.lib.name(workload.object)])
}
