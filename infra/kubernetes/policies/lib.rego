# What the policies share: the workloads of a tree, with the specification of their pods.
package lib

import rego.v1

workloads := [{"object": object, "pod": object.spec.template.spec, "labels": object.spec.template.metadata.labels} |
	some object in input.objects
	object.kind in {"Deployment", "Rollout", "StatefulSet", "DaemonSet", "Job"}
]

services := [workload | some workload in data.lib.workloads; workload.object.kind in {"Deployment", "Rollout"}]

# What a workload is called everywhere: its account, its image, its policies. Both migrations are `migrate`.
called(workload) := workload.labels["app.kubernetes.io/name"]

name(object) := sprintf("%s/%s", [object.kind, object.metadata.name])

# Those for Argo CD are the same on every object; `waves` looks at them.
annotations(object) := {key: value |
	some key, value in object.metadata.annotations
	not startswith(key, "argocd.argoproj.io/")
}

of_kind(kind) := [object | some object in input.objects; object.kind == kind]

# Whether a selector's labels are among a pod's.
selects(labels, pod_labels) if {
	every key, value in labels {
		pod_labels[key] == value
	}
}
