# What a chart of the controllers makes of our values, as far as it decides whether unsigned images are refused.
package admission

import rego.v1

guards := [one | some one in input.objects; [one.kind, one.metadata.name] == ["Deployment", "policy-controller-webhook"]]

hooks := [one | some one in input.objects; one.metadata.name == "policy.sigstore.dev"; endswith(one.kind, "WebhookConfiguration")]

selector := {"matchExpressions": [{"key": "policy.sigstore.dev/include", "operator": "In", "values": ["true"]}]}

deny contains reason if {
	count(guards) > 0
	not "ValidatingWebhookConfiguration" in {one.kind | some one in hooks}
	reason := "policy-controller has no ValidatingWebhookConfiguration/policy.sigstore.dev, so nothing asks it"
}

deny contains reason if {
	some one in hooks
	some hook in one.webhooks
	object.get(hook, "failurePolicy", "Fail") != "Fail"
	reason := sprintf("%s: its failurePolicy is %s; expected Fail: without an answer no pod starts", [data.lib.name(one), hook.failurePolicy])
}

# A pod may be let out by a selector of its own labels, or by a condition.
deny contains reason if {
	some one in hooks
	some hook in one.webhooks
	chosen := {key: value | some key, value in hook; key in {"namespaceSelector", "objectSelector", "matchConditions", "rules"}}
	chosen != {"namespaceSelector": selector}
	reason := sprintf("%s: it is asked for %v; expected %v, and nothing else", [data.lib.name(one), chosen, {"namespaceSelector": selector}])
}

settings := [one | some one in input.objects; [one.kind, one.metadata.name] == ["ConfigMap", "config-policy-controller"]]

deny contains reason if {
	count(guards) > 0
	found := [object.get(one, ["data", "no-match-policy"], "nothing") | some one in settings]
	found != ["deny"]
	reason := sprintf("config-policy-controller says %v of an image that no policy is for; expected deny", [found])
}
