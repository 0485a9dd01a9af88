# A secret comes from Secrets Manager by External Secrets, and is never written here.
package secrets

import rego.v1

deny contains reason if {
	some secret in data.lib.of_kind("Secret")
	reason := sprintf("%s: a Secret with its value; expected an ExternalSecret", [data.lib.name(secret)])
}

# An address with a password, a private key, a key of AWS, an address at Slack that is a password itself.
credential := `(?i)(://[^/\s:@]+:[^/\s@]+@|-----BEGIN [A-Z ]*PRIVATE KEY|"(d|k)"\s*:\s*"|\b(AKIA|ASIA)[A-Z0-9]{16}\b|hooks\.slack\.com/services/)`

deny contains reason if {
	some map in data.lib.of_kind("ConfigMap")
	regex.match(credential, concat("\n", [value | some value in object.get(map, "data", {})])) # once for all: it is slow
	some key, value in object.get(map, "data", {})
	regex.match(credential, value)
	reason := sprintf("%s: '%s' holds a credential", [data.lib.name(map), key])
}

deny contains reason if {
	some map in data.lib.of_kind("ConfigMap")
	some key, _ in object.get(map, "data", {})
	some ending in ["password", "secret_access_key", "session_token"]
	endswith(lower(key), ending)
	reason := sprintf("%s: '%s' is the name of a credential", [data.lib.name(map), key])
}

deny contains reason if {
	some map in data.lib.of_kind("ConfigMap")
	map.binaryData
	reason := sprintf("%s: it has binaryData, which nobody can look at", [data.lib.name(map)])
}

deny contains reason if {
	some workload in data.lib.workloads
	some container in workload.pod.containers
	regex.match(credential, concat(" ", object.get(container, "args", [])))
	reason := sprintf("%s: an argument of the container '%s' holds a credential", [data.lib.name(workload.object), container.name])
}

# What a pod reads exists: a Secret by an ExternalSecret, a ConfigMap here.
wanted[kind] contains [data.lib.name(workload.object), name, data.lib.called(workload)] if {
	some workload in data.lib.workloads
	some container in workload.pod.containers
	some source in object.get(container, "envFrom", [])
	some kind, member in {"ExternalSecret": "secretRef", "ConfigMap": "configMapRef"}
	name := source[member].name
}

wanted[kind] contains [data.lib.name(workload.object), name, data.lib.called(workload)] if {
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

# Who reads which secret.
may_read := {
	"mall": {"cache", "database", "payment-gateway", "signing-key"},
	"console": {"cache", "database"},
	"controller": {"database", "payment-gateway", "signing-key"},
	"migrate": {"database"},
}

deny contains reason if {
	some pair in wanted.ExternalSecret
	not pair[1] in may_read[pair[2]]
	reason := sprintf("%s: it reads the secret %s; expected only %v", [pair[0], pair[1], may_read[pair[2]]])
}
