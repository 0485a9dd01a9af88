# The rights of our projects: what is refused here would let somebody do more than deliver the mall.
package projects

import rego.v1

projects := data.lib.of_kind("AppProject")

deny contains reason if {
	some project in projects
	some list in ["sourceRepos"]
	some value in object.get(project.spec, list, [])
	contains(value, "*")
	reason := sprintf("%s: its '%s' has %s; expected addresses as they are", [data.lib.name(project), list, value])
}

deny contains reason if {
	some project in projects
	some place in object.get(project.spec, "destinations", [])
	[object.get(place, "server", "none"), contains(place.namespace, "*"), object.get(place, "name", "none")] != ["https://kubernetes.default.svc", false, "none"]
	reason := sprintf("%s: it may go to %v; expected namespaces of this cluster by their names", [data.lib.name(project), place])
}

# The mall's namespace belongs to one project, Argo CD's to those that keep Argo CD.
owners := {"marketday": {"marketday"}, "argocd": {"delivery", "controllers"}}

deny contains reason if {
	some project in projects
	some place in object.get(project.spec, "destinations", [])
	not project.metadata.name in object.get(owners, place.namespace, {"controllers"})
	reason := sprintf("%s: it may go to the namespace %s; expected only %v", [data.lib.name(project), place.namespace, object.get(owners, place.namespace, {"controllers"})])
}

deny contains reason if {
	some project in projects
	project.metadata.name == "default"
	count(array.concat(object.get(project.spec, "sourceRepos", []), object.get(project.spec, "destinations", []))) > 0
	reason := "AppProject/default: it allows something; expected nothing, because every Application names its project"
}

# Only controllers may make kinds, roles and webhooks.
deny contains reason if {
	some project in projects
	not project.metadata.name in {"controllers", "default"}
	some rule in array.concat(object.get(project.spec, "clusterResourceWhitelist", []), object.get(project.spec, "namespaceResourceWhitelist", [{"group": "*", "kind": "*"}]))
	not is_harmless(rule)
	not is_of_delivery(project, rule)
	reason := sprintf("%s: it may make '%s' of the group '%s'", [data.lib.name(project), rule.kind, rule.group])
}

is_harmless(rule) if {
	not contains(rule.kind, "*")
	not contains(rule.group, "*")
	not rule.group in {"rbac.authorization.k8s.io", "admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io", "policy.sigstore.dev"}
	not rule.kind in {"Secret", "Pod", "DaemonSet"}
}

# Which images are admitted is decided where the Applications are, not with the services.
is_of_delivery(project, rule) if {
	project.metadata.name == "delivery"
	[rule.group, rule.kind] == ["policy.sigstore.dev", "ClusterImagePolicy"]
}

deny contains reason if {
	some project in projects
	project.metadata.name == "controllers"
	some rule in object.get(project.spec, "clusterResourceWhitelist", [])
	rule.group == "*"
	reason := sprintf("%s: it may make '%s' of every group", [data.lib.name(project), rule.kind])
}

# Operators look, sync, and go on or stop with a canary. Nobody changes or removes an Application by hand, and nobody runs a shell.
actions := {"get", "sync", "action/argoproj.io/Rollout/*"}

deny contains reason if {
	some project in projects
	some role in object.get(project.spec, "roles", [])
	some policy in role.policies
	words := [trim_space(word) | some word in split(policy, ",")]
	not allowed(words, project.metadata.name)
	reason := sprintf("%s: the role '%s' has '%s'; expected only %s", [data.lib.name(project), role.name, policy, concat(", ", actions)])
}

allowed(words, project) if {
	words[2] == "applications"
	words[3] in actions
	words[4] == sprintf("%s/*", [project])
}

allowed(words, project) if {
	[words[2], words[3], words[4]] == ["logs", "get", sprintf("%s/*", [project])]
}

deny contains reason if {
	some project in projects
	some window in object.get(project.spec, "syncWindows", [])
	[window.kind, object.get(window, "manualSync", false)] != ["deny", true]
	reason := sprintf("%s: a sync window is '%s'; expected one that denies, and lets an operator sync", [data.lib.name(project), window.kind])
}

deny contains reason if {
	some project in projects
	count(object.get(project.spec, "sourceNamespaces", [])) > 0
	reason := sprintf("%s: it takes Applications of other namespaces", [data.lib.name(project)])
}
