# Argo CD applies a version in waves, which follow from the stage of each object (components/waves): what the services stand on, the first
# half of the migrations, the services, the second half. What must not be lost is kept also if its file is gone.
package waves

import rego.v1

wave := {"ground": "0", "expand": "1", "serve": "2", "contract": "3"}

kept := {"Namespace", "Ingress", "NodePool", "EC2NodeClass", "SecretStore", "ExternalSecret"}

argo(object_, name) := object.get(object_.metadata, ["annotations", sprintf("argocd.argoproj.io/%s", [name])], "nothing")

deny contains reason if {
	some one in input.objects
	stage := one.metadata.labels["marketday/stage"]
	argo(one, "sync-wave") != wave[stage]
	reason := sprintf("%s: its sync-wave is %s; expected %s, of the stage %s", [data.lib.name(one), argo(one, "sync-wave"), wave[stage], stage])
}

known := {"argocd.argoproj.io/hook", "argocd.argoproj.io/hook-delete-policy", "argocd.argoproj.io/sync-options", "argocd.argoproj.io/sync-wave"}

deny contains reason if {
	some one in input.objects
	some key, _ in object.get(one.metadata, "annotations", {})
	startswith(key, "argocd.argoproj.io/")
	not key in known
	reason := sprintf("%s: no policy knows the annotation %s", [data.lib.name(one), key])
}

deny contains reason if {
	some job in data.lib.of_kind("Job")
	[argo(job, "hook"), argo(job, "hook-delete-policy")] != ["Sync", "BeforeHookCreation"]
	reason := sprintf("%s: expected a hook of Sync that is deleted BeforeHookCreation: a Job cannot be changed", [data.lib.name(job)])
}

deny contains reason if {
	some one in input.objects
	one.kind != "Job"
	argo(one, "hook") != "nothing"
	reason := sprintf("%s: it is a hook, so Argo CD would not look after it", [data.lib.name(one)])
}

deny contains reason if {
	some one in input.objects
	wanted := {true: "Prune=false,Delete=false", false: "nothing"}[one.kind in kept]
	argo(one, "sync-options") != wanted
	reason := sprintf("%s: its sync-options are %s; expected %s", [data.lib.name(one), argo(one, "sync-options"), wanted])
}

# A Job is a migration: in the right half, and the first one is always there.
deny contains reason if {
	some job in data.lib.of_kind("Job")
	some container in job.spec.template.spec.containers
	container.args != ["marketday.apps.migrate_mall", "--phase", job.metadata.labels["marketday/stage"]]
	reason := sprintf("%s: it runs %v; expected the half of its stage, %s", [data.lib.name(job), container.args, job.metadata.labels["marketday/stage"]])
}

deny contains reason if {
	count([job | some job in data.lib.of_kind("Job"); job.metadata.labels["marketday/stage"] == "expand"]) != 1
	reason := "expected one Job of the stage expand"
}
