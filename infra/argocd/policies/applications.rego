# What our own Argo CD may be told: which projects there are with which rights, and how each Application keeps its objects.
package applications

import rego.v1

cluster := "https://kubernetes.default.svc"

# Who may come from where is in the projects; that there are no others, and who is in which, is here.
members := {
	"delivery": {"delivery"},
	"marketday": {"marketday"},
	"controllers": {"argo-cd", "argo-rollouts", "external-secrets", "karpenter", "load-balancers", "policy-controller"},
	"default": set(),
}

kinds := {"AppProject", "Application", "ClusterImagePolicy", "ConfigMap", "ExternalSecret", "SecretStore"}

applications := data.lib.of_kind("Application")

projects := data.lib.of_kind("AppProject")

argo(object_, name) := object.get(object_.metadata, ["annotations", sprintf("argocd.argoproj.io/%s", [name])], "nothing")

sources(app) := object.get(app.spec, "sources", [object.get(app.spec, "source", {})])

deny contains reason if {
	some one in input.objects
	not one.kind in kinds
	reason := sprintf("%s: no policy knows this kind; expected %s", [data.lib.name(one), concat(", ", kinds)])
}

deny contains reason if {
	some one in input.objects
	one.kind != "ClusterImagePolicy" # it is in no namespace
	one.metadata.namespace != "argocd"
	reason := sprintf("%s: it is in the namespace %s; expected argocd", [data.lib.name(one), one.metadata.namespace])
}

deny contains reason if {
	some app in applications
	not app.metadata.name in members[app.spec.project]
	reason := sprintf("%s: its project is %s, which it does not belong to", [data.lib.name(app), app.spec.project])
}

deny contains reason if {
	{project.metadata.name | some project in projects} != object.keys(members)
	reason := sprintf("the projects are %s; expected %s", [concat(", ", {project.metadata.name | some project in projects}), concat(", ", object.keys(members))])
}

# Each cluster has an Argo CD of its own.
deny contains reason if {
	some app in applications
	[object.get(app.spec.destination, "server", "none"), object.get(app.spec.destination, "name", "none")] != [cluster, "none"]
	reason := sprintf("%s: it goes to another cluster; expected %s", [data.lib.name(app), cluster])
}

deny contains reason if {
	some app in applications
	automated := object.get(app.spec, ["syncPolicy", "automated"], {})
	[object.get(automated, "prune", false), object.get(automated, "selfHeal", false), object.get(automated, "allowEmpty", false), object.get(automated, "enabled", true)] != [true, true, false, true]
	reason := sprintf("%s: expected prune and selfHeal, and never an empty folder taken for an order to remove everything", [data.lib.name(app)])
}

deny contains reason if {
	some app in applications
	limit := object.get(app.spec, ["syncPolicy", "retry", "limit"], 0)
	not limit in {1, 2, 3, 4, 5}
	reason := sprintf("%s: it is tried again '%v' times; expected one to five: a migration that fails waits for a person", [data.lib.name(app), limit])
}

options := {"ServerSideApply=true", "PruneLast=true", "FailOnSharedResource=true"}

deny contains reason if {
	some app in applications
	missing := options - {option | some option in object.get(app.spec, ["syncPolicy", "syncOptions"], [])}
	count(missing) > 0
	reason := sprintf("%s: its syncOptions lack %s", [data.lib.name(app), concat(", ", missing)])
}

# What removes an Application by mistake must not remove a plane: no finalizer, and it is not pruned.
deny contains reason if {
	some one in array.concat(applications, projects)
	argo(one, "sync-options") != "Prune=false,Delete=false"
	reason := sprintf("%s: its sync-options are %s; expected Prune=false,Delete=false", [data.lib.name(one), argo(one, "sync-options")])
}

# Others, such as skip-reconcile, would switch Argo CD off for it.
deny contains reason if {
	some one in array.concat(applications, projects)
	some key, _ in object.get(one.metadata, "annotations", {})
	startswith(key, "argocd.argoproj.io/")
	not key in {"argocd.argoproj.io/sync-wave", "argocd.argoproj.io/sync-options"}
	reason := sprintf("%s: no policy knows the annotation %s", [data.lib.name(one), key])
}

deny contains reason if {
	some app in applications
	count(object.get(app.metadata, "finalizers", [])) > 0
	reason := sprintf("%s: it has finalizers, so its objects would go with it", [data.lib.name(app)])
}

# A branch that only the pipeline moves, or an exact version of a chart.
deny contains reason if {
	some app in applications
	some source in sources(app)
	not source.chart
	object.get(source, "targetRevision", "HEAD") != "main"
	reason := sprintf("%s: it follows '%s'; expected main, which only the pipeline moves", [data.lib.name(app), object.get(source, "targetRevision", "HEAD")])
}

deny contains reason if {
	some app in applications
	some source in sources(app)
	source.chart
	not regex.match(`^\d+\.\d+\.\d+$`, source.targetRevision)
	reason := sprintf("%s: the chart %s has the version %s; expected an exact one", [data.lib.name(app), source.chart, source.targetRevision])
}

# The digests of images come from the overlay alone, where the pipeline writes them.
deny contains reason if {
	some app in applications
	app.spec.project == "marketday"
	some source in sources(app)
	some member in {"kustomize", "helm", "directory"} & object.keys(source)
	reason := sprintf("%s: it has '%s', which changes what the pipeline has rendered", [data.lib.name(app), member])
}

# The waves of Applications: what others need comes first.
order := {"delivery": "-4", "external-secrets": "-3", "argo-cd": "-2", "karpenter": "-2", "load-balancers": "-2", "argo-rollouts": "-2", "policy-controller": "-2", "marketday": "0"}

deny contains reason if {
	some app in applications
	argo(app, "sync-wave") != object.get(order, app.metadata.name, "none")
	reason := sprintf("%s: its sync-wave is %s; expected %s", [data.lib.name(app), argo(app, "sync-wave"), object.get(order, app.metadata.name, "none")])
}
