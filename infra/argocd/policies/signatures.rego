# Unsigned images: one policy, which admits what our key has signed in our registry, and nothing that weakens it. Authorities are
# alternatives, so a second one would be a second key. Its schema knows no authority but a key.
package signatures

import rego.v1

policies := data.lib.of_kind("ClusterImagePolicy")

deny contains reason if {
	names := {one.metadata.name | some one in policies}
	names != {"marketday"}
	reason := sprintf("the image policies are '%s'; expected one, called marketday", [concat(", ", names)])
}

deny contains reason if {
	some one in policies
	one.spec.mode != "enforce"
	reason := sprintf("%s: its mode is %s; expected enforce, which alone refuses", [data.lib.name(one), one.spec.mode])
}

deny contains reason if {
	some one in policies
	globs := [image.glob | some image in one.spec.images]
	[glob | some glob in globs; regex.match(`^[0-9]{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/marketday/\*$`, glob)] != globs
	reason := sprintf("%s: it is for '%s'; expected REGISTRY/marketday/* of our registry", [data.lib.name(one), concat(", ", globs)])
}

deny contains reason if {
	some one in policies
	count(one.spec.images) * count(one.spec.authorities) != 1
	reason := sprintf("%s: it has '%d' globs and '%d' authorities; expected one of each", [data.lib.name(one), count(one.spec.images), count(one.spec.authorities)])
}

options := {"argocd.argoproj.io/sync-wave": "-1", "argocd.argoproj.io/sync-options": "Prune=false,Delete=false,SkipDryRunOnMissingResource=true"}

deny contains reason if {
	some one in policies
	object.get(one.metadata, "annotations", {}) != options
	reason := sprintf("%s: its annotations are %v; expected %v: after its controller, before the services, and kept", [data.lib.name(one), object.get(one.metadata, "annotations", {}), options])
}

# What the controller does with pods is decided by its values, in a file that a test looks at.
deny contains reason if {
	some app in data.lib.of_kind("Application")
	app.metadata.name == "policy-controller"
	some source in object.get(app.spec, "sources", [])
	some member, _ in object.get(source, "helm", {})
	not member in {"releaseName", "valueFiles"}
	reason := sprintf("%s: its chart has '%s'; expected only the file of values", [data.lib.name(app), member])
}

deny contains reason if {
	not "policy-controller" in {app.metadata.name | some app in data.lib.of_kind("Application")}
	reason := "there is no Application policy-controller; without it nothing in the cluster refuses an unsigned image"
}
