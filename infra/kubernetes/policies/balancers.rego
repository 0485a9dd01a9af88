# The load balancers are the only way in: one for the mall, on the internet, and one for the console, inside. Each leads to its own service
# alone, by HTTPS, and not to what only monitoring reads.
package balancers

import rego.v1

prefix := "alb.ingress.kubernetes.io/"

schemes := {"mall": "internet-facing", "console": "internal"}

# What each must say, and what it may say beside that. Others open more, such as group.name, auth-* or wafv2-acl-arn.
said := {
	"target-type": "ip",
	"manage-backend-security-group-rules": "false",
	"ssl-policy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
	"healthcheck-path": "/healthz",
	"success-codes": "200",
	"actions.private": `{"type": "fixed-response", "fixedResponseConfig": {"contentType": "text/plain", "statusCode": "404"}}`,
}

may_be_said := {
	"certificate-arn", "healthcheck-interval-seconds", "healthcheck-timeout-seconds", "healthy-threshold-count",
	"listen-ports", "load-balancer-attributes", "load-balancer-name", "scheme", "security-groups", "ssl-redirect", "subnets",
	"target-group-attributes", "unhealthy-threshold-count",
}

annotation(ingress, name) := object.get(ingress.metadata.annotations, concat("", [prefix, name]), "nothing")

deny contains reason if {
	some ingress in data.lib.of_kind("Ingress")
	some name, wanted in object.union(said, {"scheme": object.get(schemes, ingress.metadata.name, "none: no Ingress of this name")})
	annotation(ingress, name) != wanted
	reason := sprintf("%s: '%s%s' is '%s'; expected %s", [data.lib.name(ingress), prefix, name, annotation(ingress, name), wanted])
}

deny contains reason if {
	some ingress in data.lib.of_kind("Ingress")
	some key, _ in data.lib.annotations(ingress)
	not trim_prefix(key, prefix) in may_be_said | object.keys(said)
	reason := sprintf("%s: no policy knows the annotation %s", [data.lib.name(ingress), key])
}

# Without a group of ours the controller would ask for one that is open to everybody.
deny contains reason if {
	some ingress in data.lib.of_kind("Ingress")
	some name, form in {
		"security-groups": `^sg-[0-9a-f]{17}$`,
		"certificate-arn": `^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[0-9a-f-]{36}$`,
		"listen-ports": `^\[(\{"HTTP": 80\}, )?\{"HTTPS": 443\}\]$`,
	}
	not regex.match(form, annotation(ingress, name))
	reason := sprintf("%s: '%s%s' is '%s'; expected the form %s", [data.lib.name(ingress), prefix, name, annotation(ingress, name), form])
}

deny contains reason if {
	some ingress in data.lib.of_kind("Ingress")
	contains(annotation(ingress, "listen-ports"), `"HTTP"`)
	annotation(ingress, "ssl-redirect") != "443"
	reason := sprintf("%s: it listens on port 80; expected the redirect to 443", [data.lib.name(ingress)])
}

private := ["/metrics", "/healthz", "/readyz"]

# The first path that fits counts.
deny contains reason if {
	some ingress in data.lib.of_kind("Ingress")
	some rule in ingress.spec.rules
	led := [[path.path, path.pathType, path.backend.service.name] | some path in rule.http.paths]
	hidden := [[path, "Exact", "private"] | some path in private]
	led != array.concat(hidden, [["/", "Prefix", ingress.metadata.name]])
	reason := sprintf("%s: its paths lead to %v; expected '%v' to lead to `private`, and then / to its own service", [data.lib.name(ingress), led, private])
}

deny contains reason if {
	some ingress in data.lib.of_kind("Ingress")
	hosts := [rule.host | some rule in ingress.spec.rules]
	secured := [host | some tls in ingress.spec.tls; some host in tls.hosts]
	[object.keys(ingress.spec), ingress.spec.ingressClassName, count(hosts), hosts] != [{"ingressClassName", "rules", "tls"}, "alb", 1, secured]
	reason := sprintf("%s: expected the class alb, one host, the same under `tls`, and no other backend", [data.lib.name(ingress)])
}

deny contains reason if {
	some service in data.lib.of_kind("Service")
	some key in (object.keys(service.spec) - {"ports", "selector"}) | object.keys(data.lib.annotations(service))
	reason := sprintf("%s: it has '%s'; expected only ports and a selector: whoever is outside comes by a load balancer", [data.lib.name(service), key])
}

deny contains reason if {
	some service in data.lib.of_kind("Service")
	reached := [port.name |
		some workload in data.lib.services
		object.get(service.spec, "selector", {}) == {"app.kubernetes.io/name": workload.object.metadata.name}
		service.metadata.name == workload.object.metadata.name
		some container in workload.pod.containers
		some port in object.get(container, "ports", [])
	]
	reached != [port.targetPort | some port in service.spec.ports]
	reason := sprintf("%s: expected it to lead to the pods of the workload of its name, by the name of their port", [data.lib.name(service)])
}
