# A node keeps its credentials and what is on its disk to itself, has no public address, and goes only when the mall can do without it.
package nodes

import rego.v1

deny contains reason if {
	some class in data.lib.of_kind("EC2NodeClass")
	options := object.get(class.spec, "metadataOptions", {})
	[object.get(options, "httpTokens", ""), object.get(options, "httpPutResponseHopLimit", 0)] != ["required", 1]
	reason := sprintf("%s: expected httpTokens required and httpPutResponseHopLimit 1: pods must not get a node's credentials", [data.lib.name(class)])
}

deny contains reason if {
	some class in data.lib.of_kind("EC2NodeClass")
	object.get(class.spec, "associatePublicIPAddress", true)
	reason := sprintf("%s: expected associatePublicIPAddress false", [data.lib.name(class)])
}

deny contains reason if {
	some class in data.lib.of_kind("EC2NodeClass")
	encrypted := [device | some device in object.get(class.spec, "blockDeviceMappings", []); device.ebs.encrypted]
	count(encrypted) != max([1, count(object.get(class.spec, "blockDeviceMappings", []))])
	reason := sprintf("%s: expected blockDeviceMappings, each encrypted", [data.lib.name(class)])
}

deny contains reason if {
	some pool in data.lib.of_kind("NodePool")
	object.get(pool.spec, ["limits", "cpu"], null) == null
	reason := sprintf("%s: it has no limit of CPUs; expected one: it is the limit of what the pool may cost", [data.lib.name(pool)])
}

# An expired node goes at once, whatever the budgets say, also in the middle of a drop. A newer image replaces it inside of them.
deny contains reason if {
	some pool in data.lib.of_kind("NodePool")
	after := object.get(pool.spec.template.spec, "expireAfter", "720h")
	after != "Never"
	reason := sprintf("%s: its nodes expire after %s; expected Never: no budget holds back what is expired", [data.lib.name(pool), after])
}

deny contains reason if {
	some pool in data.lib.of_kind("NodePool")
	resting := {held | some budget in object.get(pool.spec.disruption, "budgets", []); budget.nodes == "0"; some held in budget.reasons}
	not "Drifted" in resting
	reason := sprintf("%s: no budget keeps nodes that have drifted while people shop; expected one with nodes \"0\" and the reason Drifted", [data.lib.name(pool)])
}

# The controller's nodes are in the subnets that a link reaches. Nothing else may run there.
deny contains reason if {
	some pool in data.lib.of_kind("NodePool")
	pool.metadata.name == "controller"
	{"key": "marketday/pool", "value": "controller", "effect": "NoSchedule"} != object.get(pool.spec.template.spec, ["taints", 0], {})
	reason := sprintf("%s: expected the taint marketday/pool=controller:NoSchedule first", [data.lib.name(pool)])
}
