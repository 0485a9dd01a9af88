# Each container says what it needs, so that nodes are chosen for it, and cannot take the memory of others.
package resources

import rego.v1

deny contains reason if {
	some workload in data.lib.workloads
	some container in workload.pod.containers
	some path in [["requests", "cpu"], ["requests", "memory"], ["limits", "memory"]]
	object.get(object.get(container, "resources", {}), path, null) == null
	reason := sprintf("%s: the container '%s' has no %s", [data.lib.name(workload.object), container.name, concat(".", path)])
}

deny contains reason if {
	some workload in data.lib.workloads
	some container in workload.pod.containers
	container.resources.limits.memory != container.resources.requests.memory
	reason := sprintf("%s: the container '%s' requests '%s' of memory and may use %s; expected the same: a full node would end it", [data.lib.name(workload.object), container.name, container.resources.requests.memory, container.resources.limits.memory])
}

deny contains reason if {
	some workload in data.lib.workloads
	some container in workload.pod.containers
	limit := object.get(container, ["resources", "limits", "cpu"], null)
	limit != null
	reason := sprintf("%s: the container '%s' may use '%v' CPUs; expected no limit: it would be slow while its node has time", [data.lib.name(workload.object), container.name, limit])
}
