# An image is named by its digest: a tag may mean something else tomorrow, and on the next node.
package images

import rego.v1

deny contains reason if {
	some workload in data.lib.workloads
	some container in data.lib.containers(workload.pod)
	not regex.match(`^[a-z0-9.-]+\.amazonaws\.com/[a-z0-9/-]+@sha256:[0-9a-f]{64}$`, container.image)
	reason := sprintf("%s: '%s' is the image; expected one in ECR by its digest, without a tag", [data.lib.name(workload.object), container.image])
}
