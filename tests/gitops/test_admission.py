"""The cluster's check of signatures: our values for its chart, and what a chart must not make of them."""

import copy

import pytest
import yaml
from ci.gitops.application import read
from ci.gitops.tree import Rendered
from ci.gitops.verdict import findings
from tests.kubernetes.manifests import HERE, VERSION, find, put

from .repository import application

SELECTOR = {"matchExpressions": [{"key": "policy.sigstore.dev/include", "operator": "In", "values": ["true"]}]}
HOOK = {
    "name": "policy.sigstore.dev",
    "namespaceSelector": SELECTOR,
    "admissionReviewVersions": ["v1"],
    "clientConfig": {"service": {"name": "webhook", "namespace": "cosign-system"}},
    "failurePolicy": "Fail",
    "sideEffects": "None",
}
LABELS = {"app": "x"}
POD = {"metadata": {"labels": LABELS}, "spec": {"containers": [{"name": "x", "image": "x"}]}}
MADE = [  # of the kind that the chart makes
    {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "policy-controller-webhook", "namespace": "cosign-system"},
        "spec": {"selector": {"matchLabels": LABELS}, "template": POD},
    },
    {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "config-policy-controller", "namespace": "cosign-system"},
        "data": {"no-match-policy": "deny"},
    },
    *(
        {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": f"{kind}WebhookConfiguration",
            "metadata": {"name": "policy.sigstore.dev"},
            "webhooks": [HOOK],
        }
        for kind in ("Mutating", "Validating")
    ),
]
ASKED = "ValidatingWebhookConfiguration/policy.sigstore.dev"
BREAKS = {
    "nothing asks it": (ASKED, "", None),
    "its failurePolicy is Ignore": (ASKED, "webhooks|0|failurePolicy", "Ignore"),
    "and nothing else": (ASKED, "webhooks|0|objectSelector", {"matchLabels": {"a": "b"}}),
    "it is asked for": (ASKED, "webhooks|0|namespaceSelector|matchExpressions|0|operator", "NotIn"),
    "expected deny": ("ConfigMap/config-policy-controller", "data|no-match-policy", "warn"),
}


def found(objects):
    app = read(yaml.safe_load(application({"chart": "policy-controller"}, project="controllers")))
    keyed = {(str(at), one["kind"], "", one["metadata"]["name"]): one for at, one in enumerate(objects)}
    told = findings({"own/shop": Rendered("own/shop", app, keyed)}, {}, VERSION)
    return [f"{each.rule}: {each.what}" for each in told if each.rule != "project"]


def test_what_the_chart_makes_of_our_values_is_right():
    assert found(MADE) == []


@pytest.mark.parametrize("says", BREAKS)
def test_what_would_admit_unsigned_images_is_refused(says):
    name, path, value = BREAKS[says]
    objects = copy.deepcopy(MADE)
    one = find(objects, name)
    if path:
        put(one, path, value)
    else:
        objects.remove(one)
    assert any(each.startswith("admission: ") and says in each for each in found(objects))


def test_our_values_fail_closed():
    """The chart is not here, so nothing else sees these before a cluster does."""
    values = yaml.safe_load((HERE / "controllers" / "policy-controller.yaml").read_text("utf-8"))
    webhook = values["webhook"]
    assert webhook["failurePolicy"] == "Fail"
    assert webhook["namespaceSelector"] == SELECTOR
    assert webhook["configData"] == {"no-match-policy": "deny", "fail-on-empty-authorities": "true"}
    assert webhook["extraArgs"] == {"disable-tuf": True}
    assert webhook["podDisruptionBudget"]["minAvailable"] < webhook["replicaCount"]
    assert "cosign" not in values  # which could name another webhook
