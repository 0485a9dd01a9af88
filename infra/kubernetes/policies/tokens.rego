# No pod calls Kubernetes, so none gets a token for it. One that must is named in `needs_token`, with the reason beside it.
package tokens

import rego.v1

needs_token := set()

deny contains reason if {
	some workload in data.lib.workloads
	not data.lib.name(workload.object) in needs_token
	object.get(workload.pod, "automountServiceAccountToken", true)
	reason := sprintf("%s: its pods get a token for Kubernetes", [data.lib.name(workload.object)])
}

deny contains reason if {
	some account in data.lib.of_kind("ServiceAccount")
	object.get(account, "automountServiceAccountToken", true)
	reason := sprintf("%s: its pods get a token for Kubernetes unless they refuse", [data.lib.name(account)])
}

deny contains reason if {
	some workload in data.lib.workloads
	accounts := {account.metadata.name | some account in data.lib.of_kind("ServiceAccount")}
	used := object.get(workload.pod, "serviceAccountName", "default")
	not used in {data.lib.called(workload)} & accounts
	reason := sprintf("%s: its service account is %s; expected its own, %s, made here", [data.lib.name(workload.object), used, data.lib.called(workload)])
}

# Roles in AWS are given by pod identity (infra/terraform/modules/pod_role), where Terraform shows them.
deny contains reason if {
	some account in data.lib.of_kind("ServiceAccount")
	some key, _ in data.lib.annotations(account)
	reason := sprintf("%s: it has the annotation %s; expected none", [data.lib.name(account), key])
}
