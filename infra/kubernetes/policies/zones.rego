# The pods of a service stand in different zones. Without minDomains both pods of a new service would go to the first node that is ready:
# as long as it is alone, its zone is the only one that is counted.
package zones

import rego.v1

deny contains reason if {
	some workload in data.lib.services
	over := [rule |
		some rule in object.get(workload.pod, "topologySpreadConstraints", [])
		rule.topologyKey == "topology.kubernetes.io/zone"
		rule.whenUnsatisfiable == "DoNotSchedule"
		rule.maxSkew == 1
		rule.minDomains == 2
		data.lib.selects(rule.labelSelector.matchLabels, workload.labels)
	]
	count(over) != 1
	reason := sprintf("%s: expected its pods spread over topology.kubernetes.io/zone, with maxSkew 1, minDomains 2 and DoNotSchedule", [data.lib.name(workload.object)])
}
