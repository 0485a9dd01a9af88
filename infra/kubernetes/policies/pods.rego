# A pod has only what these policies look at: whoever needs more adds it here, and a rule for it where one is needed. So nothing of the
# node is shared, no container stands beside the service, and no variable is set by hand.
package pods

import rego.v1

of_a_pod := {
	"automountServiceAccountToken", "containers", "enableServiceLinks", "nodeSelector", "restartPolicy", "securityContext",
	"serviceAccountName", "terminationGracePeriodSeconds", "tolerations", "topologySpreadConstraints", "volumes",
}

of_a_container := {
	"args", "envFrom", "image", "lifecycle", "livenessProbe", "name", "ports", "readinessProbe", "resources",
	"securityContext", "startupProbe", "volumeMounts",
}

of_a_volume := {"configMap", "emptyDir", "name", "secret"}

of_a_port := {"containerPort", "name"}

deny contains reason if {
	some workload in data.lib.workloads
	some member in object.keys(workload.pod) - of_a_pod
	reason := sprintf("%s: its pods have '%s'; expected only %s", [data.lib.name(workload.object), member, concat(", ", of_a_pod)])
}

deny contains reason if {
	some workload in data.lib.workloads
	some container in workload.pod.containers
	some member in object.keys(container) - of_a_container
	reason := sprintf("%s: the container '%s' has '%s'; expected only %s", [data.lib.name(workload.object), container.name, member, concat(", ", of_a_container)])
}

deny contains reason if {
	some workload in data.lib.workloads
	some volume in object.get(workload.pod, "volumes", [])
	some member in object.keys(volume) - of_a_volume
	reason := sprintf("%s: the volume '%s' has '%s'; expected a Secret, a ConfigMap or an emptyDir", [data.lib.name(workload.object), volume.name, member])
}

deny contains reason if {
	some workload in data.lib.workloads
	some container in workload.pod.containers
	some port in object.get(container, "ports", [])
	some member in object.keys(port) - of_a_port
	reason := sprintf("%s: the port '%v' has '%s'; expected only %s, nothing of the node", [data.lib.name(workload.object), port.containerPort, member, concat(", ", of_a_port)])
}
