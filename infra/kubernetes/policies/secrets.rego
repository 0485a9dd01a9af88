# A secret comes from Secrets Manager by External Secrets, and is never written here.
package secrets

import rego.v1

deny contains reason if {
	some secret in data.lib.of_kind("Secret")
	reason := sprintf("%s: a Secret with its value; expected an ExternalSecret", [data.lib.name(secret)])
}

deny contains reason if {
	some map in data.lib.of_kind("ConfigMap")
	some key, value in object.get(map, "data", {})
	regex.match(`(?i)(://[^/\s:@]+:[^/\s@]+@|-----BEGIN [A-Z ]*PRIVATE KEY|"(d|k)"\s*:\s*")`, value)
	reason := sprintf("%s: '%s' holds a credential", [data.lib.name(map), key])
}

deny contains reason if {
	some workload in data.lib.workloads
	some container in data.lib.containers(workload.pod)
	count(object.get(container, "env", [])) > 0
	reason := sprintf("%s: the container '%s' sets variables itself; expected them from a ConfigMap or an ExternalSecret", [data.lib.name(workload.object), container.name])
}

# What a pod reads exists: a Secret by an ExternalSecret, a ConfigMap here.
wanted[kind] contains [data.lib.name(workload.object), name] if {
	some workload in data.lib.workloads
	some container in data.lib.containers(workload.pod)
	some source in object.get(container, "envFrom", [])
	some kind, member in {"ExternalSecret": "secretRef", "ConfigMap": "configMapRef"}
	name := source[member].name
}

wanted[kind] contains [data.lib.name(workload.object), name] if {
	some workload in data.lib.workloads
	some volume in object.get(workload.pod, "volumes", [])
	some kind, path in {"ExternalSecret": ["secret", "secretName"], "ConfigMap": ["configMap", "name"]}
	name := object.get(volume, path, null)
	name != null
}

deny contains reason if {
	some kind, pairs in wanted
	some pair in pairs
	not pair[1] in {object.metadata.name | some object in data.lib.of_kind(kind)}
	reason := sprintf("%s: there is no '%s' %s", [pair[0], kind, pair[1]])
}
