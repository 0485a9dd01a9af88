# Nothing of the node is shared with a pod, and a node's credentials are not reached.
package host

import rego.v1

deny contains reason if {
	some workload in data.lib.workloads
	some key in ["hostNetwork", "hostPID", "hostIPC"]
	object.get(workload.pod, key, false)
	reason := sprintf("%s: '%s' is set; expected nothing of the node", [data.lib.name(workload.object), key])
}

deny contains reason if {
	some workload in data.lib.workloads
	some volume in object.get(workload.pod, "volumes", [])
	not volume.secret
	not volume.configMap
	not volume.emptyDir
	reason := sprintf("%s: the volume '%s' is neither a Secret, a ConfigMap nor an emptyDir", [data.lib.name(workload.object), volume.name])
}

deny contains reason if {
	some workload in data.lib.workloads
	some container in data.lib.containers(workload.pod)
	some port in object.get(container, "ports", [])
	port.hostPort
	reason := sprintf("%s: it takes port %v, a port of the node", [data.lib.name(workload.object), port.hostPort])
}

deny contains reason if {
	some class in data.lib.of_kind("EC2NodeClass")
	options := object.get(class.spec, "metadataOptions", {})
	[object.get(options, "httpTokens", ""), object.get(options, "httpPutResponseHopLimit", 0)] != ["required", 1]
	reason := sprintf("%s: expected httpTokens required and httpPutResponseHopLimit 1: pods must not get a node's credentials", [data.lib.name(class)])
}
