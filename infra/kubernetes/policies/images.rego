# An image is named by its digest: a tag may mean something else tomorrow, and on the next node. It is the service's own, and all are
# from one registry.
package images

import rego.v1

deny contains reason if {
	some workload in data.lib.workloads
	some container in workload.pod.containers
	own := sprintf(`^[0-9]{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/marketday/%s@sha256:[0-9a-f]{64}$`, [container.name])
	not regex.match(own, container.image)
	reason := sprintf("%s: '%s' is the image; expected one in ECR by its digest, without a tag: marketday/%s", [data.lib.name(workload.object), container.image, container.name])
}

registries := {split(container.image, "/")[0] |
	some workload in data.lib.workloads
	some container in workload.pod.containers
}

deny contains reason if {
	count(registries) > 1
	reason := sprintf("images come from %s; expected one registry, that of the account", [concat(" and ", registries)])
}
