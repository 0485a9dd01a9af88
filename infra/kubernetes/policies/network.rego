# Nothing may be reached that is not named: each workload has a NetworkPolicy of its own over one that refuses everything.
package network

import rego.v1

policies := data.lib.of_kind("NetworkPolicy")

both := {"Ingress", "Egress"}

deny contains reason if {
	refuse_all := [policy |
		some policy in policies
		policy.spec.podSelector == {}
		{kind | some kind in policy.spec.policyTypes} == both
		not policy.spec.ingress
		not policy.spec.egress
	]
	count(refuse_all) == 0
	reason := "expected a NetworkPolicy that selects every pod and allows nothing, in both directions"
}

deny contains reason if {
	some workload in data.lib.workloads
	own := [policy |
		some policy in policies
		count(object.get(policy.spec.podSelector, "matchLabels", {})) > 0
		data.lib.selects(policy.spec.podSelector.matchLabels, workload.labels)
		{kind | some kind in policy.spec.policyTypes} == both
	]
	count(own) == 0
	reason := sprintf("%s: expected a NetworkPolicy of its own, for both directions", [data.lib.name(workload.object)])
}

deny contains reason if {
	some policy in policies
	some direction, member in {"ingress": "from", "egress": "to"}
	some rule in object.get(policy.spec, direction, [])
	some key in [member, "ports"]
	count(object.get(rule, key, [])) == 0
	reason := sprintf("%s: a rule of '%s' names no %s, which allows all of them", [data.lib.name(policy), direction, key])
}

deny contains reason if {
	some policy in policies
	some direction in ["ingress", "egress"]
	some rule in object.get(policy.spec, direction, [])
	some port in object.get(rule, "ports", [])
	[is_number(object.get(port, "port", null)), object.get(port, "endPort", null)] != [true, null]
	reason := sprintf("%s: a rule of '%s' has the port %v; expected one number", [data.lib.name(policy), direction, port])
}

deny contains reason if {
	some policy in policies
	some direction, member in {"ingress": "from", "egress": "to"}
	some rule in object.get(policy.spec, direction, [])
	some peer in object.get(rule, member, [])
	not is_named(peer)
	reason := sprintf("%s: a rule of '%s' allows %v; expected networks of ours, or pods by labels of theirs and of their namespace", [data.lib.name(policy), direction, peer])
}

# A network of ours, or the agent of pod identity. What concerns the whole internet has rules of its own below.
ours := `^((10|192\.168|172\.(1[6-9]|2[0-9]|3[01]))\..*/([89]|[12][0-9]|3[0-2])|169\.254\.170\.23/32|0\.0\.0\.0/0)$`

is_named(peer) if {
	object.keys(peer) == {"ipBlock"}
	regex.match(ours, peer.ipBlock.cidr)
}

is_named(peer) if {
	object.keys(peer) == {"namespaceSelector", "podSelector"}
	every selector in peer {
		object.keys(selector) == {"matchLabels"}
		count(selector.matchLabels) > 0
	}
}

deny contains reason if {
	some policy in policies
	some rule in object.get(policy.spec, "ingress", [])
	some peer in object.get(rule, "from", [])
	peer.ipBlock.cidr == "0.0.0.0/0"
	reason := sprintf("%s: everybody may connect; expected the networks of the load balancers", [data.lib.name(policy)])
}

# What every pod must not reach by a rule for the internet: the node's metadata, and whatever has a private address.
not_internet := {"10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"}

deny contains reason if {
	some policy in policies
	some rule in object.get(policy.spec, "egress", [])
	some peer in object.get(rule, "to", [])
	peer.ipBlock.cidr == "0.0.0.0/0"
	missing := not_internet - {range | some range in object.get(peer.ipBlock, "except", [])}
	count(missing) > 0
	reason := sprintf("%s: a rule for the internet also allows %s", [data.lib.name(policy), concat(", ", missing)])
}

# Database and cache know by these who connects.
deny contains reason if {
	some workload in data.lib.workloads
	groups := [policy |
		some policy in data.lib.of_kind("SecurityGroupPolicy")
		data.lib.selects(object.get(policy.spec.podSelector, "matchLabels", {}), workload.labels)
	]
	count(groups) != 1
	reason := sprintf("%s: its SecurityGroupPolicies are %d; expected one", [data.lib.name(workload.object), count(groups)])
}
