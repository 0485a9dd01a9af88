# No secret is written here, also not as a value of a chart or in what Slack is told.
package secrets

import rego.v1

credential := `(?i)(://[^/\s:@]+:[^/\s@]+@|-----BEGIN [A-Z ]*PRIVATE KEY|"(d|k)"\s*:\s*"|\b(AKIA|ASIA)[A-Z0-9]{16}\b|hooks\.slack\.com/services/|\bxox[abp]-)`

deny contains reason if {
	some one in input.objects
	regex.match(credential, concat("\n", texts(one))) # once for all: it is slow
	walk(one, [path, value])
	is_string(value)
	regex.match(credential, value)
	reason := sprintf("%s: '%v' holds a credential", [data.lib.name(one), path])
}

texts(one) := [value | walk(one, [_, value]); is_string(value)]

# What notifications name, they have; the token comes by its name.
notifications := [map | some map in data.lib.of_kind("ConfigMap"); map.metadata.name == "argocd-notifications-cm"]

deny contains reason if {
	some map in data.lib.of_kind("ConfigMap")
	map.metadata.name != "argocd-notifications-cm"
	reason := sprintf("%s: expected only argocd-notifications-cm", [data.lib.name(map)])
}

deny contains reason if {
	some map in notifications
	not contains(object.get(map.data, "service.slack", ""), "token: $slack-token")
	reason := sprintf("%s: the token of Slack is not $slack-token", [data.lib.name(map)])
}
