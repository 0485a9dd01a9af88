# A service has three probes. Ready and alive must not depend on the database: while it fails over, every pod would go at once.
package probes

import rego.v1

deny contains reason if {
	some workload in data.lib.services
	some container in workload.pod.containers
	some probe in ["startupProbe", "readinessProbe", "livenessProbe"]
	object.get(container, [probe, "httpGet", "path"], null) == null
	reason := sprintf("%s: the container '%s' has no '%s' by HTTP", [data.lib.name(workload.object), container.name, probe])
}

deny contains reason if {
	some workload in data.lib.services
	some container in workload.pod.containers
	some probe in ["readinessProbe", "livenessProbe"]
	path := object.get(container, [probe, "httpGet", "path"], "/healthz")
	path != "/healthz"
	reason := sprintf("%s: the '%s' of '%s' asks %s; expected /healthz, which asks no database", [data.lib.name(workload.object), probe, container.name, path])
}
