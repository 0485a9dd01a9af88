# Each object has its place: a kind that these policies know, the one namespace, in which only restricted pods may run, a stage of the
# delivery, or it is not delivered, and nodes of its own pool.
package places

import rego.v1

stages := {"ground", "expand", "serve", "contract"}

of_the_cluster := {"Namespace", "NodePool", "EC2NodeClass"}

# Nothing else makes pods, opens a way to them or gives rights. `secrets` refuses each Secret.
kinds := of_the_cluster | {
	"AnalysisTemplate", "ConfigMap", "Deployment", "ExternalSecret", "HorizontalPodAutoscaler", "Ingress", "Job", "NetworkPolicy",
	"PodDisruptionBudget", "Rollout", "Secret", "SecretStore", "SecurityGroupPolicy", "Service", "ServiceAccount",
}

namespaces := {object.metadata.name: object | some object in data.lib.of_kind("Namespace")}

deny contains reason if {
	some one in input.objects
	not one.kind in kinds
	reason := sprintf("%s: no policy knows this kind; expected %s", [data.lib.name(one), concat(", ", kinds)])
}

deny contains reason if {
	names := [data.lib.name(one) | some one in input.objects]
	some name in names
	same := [other | some other in names; other == name]
	count(same) > 1
	reason := sprintf("%s: there are '%d' of this name; expected one", [name, count(same)])
}

deny contains reason if {
	some object in input.objects
	object.kind in kinds - of_the_cluster
	not namespaces[object.metadata.namespace]
	reason := sprintf("%s: it is in no namespace that is made here", [data.lib.name(object)])
}

deny contains reason if {
	count(namespaces) > 1
	reason := sprintf("the namespaces are %s; expected one: a NetworkPolicy that refuses everything is in one only", [concat(", ", object.keys(namespaces))])
}

deny contains reason if {
	some name, namespace in namespaces
	{level | some key, level in namespace.metadata.labels; startswith(key, "pod-security.kubernetes.io/")} != {"restricted"}
	reason := sprintf("Namespace/%s: expected each label of pod-security.kubernetes.io to be restricted", [name])
}

deny contains reason if {
	some name, namespace in namespaces
	not namespace.metadata.labels["pod-security.kubernetes.io/enforce"]
	reason := sprintf("Namespace/%s: expected the label pod-security.kubernetes.io/enforce", [name])
}

deny contains reason if {
	some name, namespace in namespaces
	object.get(namespace.metadata, ["labels", "policy.sigstore.dev/include"], "nothing") != "true"
	reason := sprintf("Namespace/%s: it admits unsigned images; expected the label policy.sigstore.dev/include to be true", [name])
}

deny contains reason if {
	some one in input.objects
	stage := object.get(one, ["metadata", "labels", "marketday/stage"], "nothing")
	not stage in stages
	reason := sprintf("%s: marketday/stage is %s; expected one of %s", [data.lib.name(one), stage, concat(", ", stages)])
}

# Only the controller runs where a link gives its routes.
pool_of(workload) := object.get({"controller": "controller"}, data.lib.called(workload), "services")

pools := {pool.spec.template.metadata.labels["marketday/pool"] | some pool in data.lib.of_kind("NodePool")}

deny contains reason if {
	some workload in data.lib.workloads
	pool := object.get(workload.pod, ["nodeSelector", "marketday/pool"], "any")
	not pool in {pool_of(workload)} & pools
	reason := sprintf("%s: it runs on nodes of the pool %s; expected %s, one of the pools %s", [data.lib.name(workload.object), pool, pool_of(workload), concat(", ", pools)])
}

deny contains reason if {
	some workload in data.lib.workloads
	some toleration in object.get(workload.pod, "tolerations", [])
	[object.get(toleration, "key", "any"), object.get(toleration, "value", "any")] != ["marketday/pool", pool_of(workload)]
	reason := sprintf("%s: it tolerates %v; expected only marketday/pool=%s", [data.lib.name(workload.object), toleration, pool_of(workload)])
}

deny contains reason if {
	some workload in data.lib.services
	own := {"app.kubernetes.io/name": workload.object.metadata.name}
	[object.get(workload.object.spec.selector, "matchLabels", {}), data.lib.called(workload)] != [own, workload.object.metadata.name]
	reason := sprintf("%s: expected it to select pods by app.kubernetes.io/name, and that to be its name", [data.lib.name(workload.object)])
}
