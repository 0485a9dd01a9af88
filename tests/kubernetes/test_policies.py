"""Each object fits the schema of its kind and our policies, and each rule refuses a tree with one thing broken."""

import os
import re

import pytest

from marketday.telemetry.metrics import IN_FLIGHT

from .manifests import GONE, HERE, changed, check, find, render

POD = "spec|template|spec"
WHO = f"{POD}|securityContext"
ONE = f"{POD}|containers|0"
MAY = f"{ONE}|securityContext"
MALL, CONSOLE, CONTROLLER = "Deployment/mall", "Deployment/console", "Deployment/controller"
SCALER, BUDGET = "HorizontalPodAutoscaler/mall", "PodDisruptionBudget/mall"
SPREAD = f"{POD}|topologySpreadConstraints"
ENFORCED = "metadata|labels|pod-security.kubernetes.io/enforce"
DRAIN = "metadata|annotations|alb.ingress.kubernetes.io/target-group-attributes"
TAGGED = f"1.dkr.ecr.x.amazonaws.com/m:1@sha256:{'0' * 64}"
FROM_ANY_POD = [{"from": [{"podSelector": {}}], "ports": [{"port": 1}]}]
KEY = [{"name": "MARKETDAY_GATEWAY_KEY", "value": "hush"}]
TO_THE_CONTROLLER = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "door", "namespace": "marketday", "labels": {"marketday/stage": "serve"}},
    "spec": {"selector": {"app.kubernetes.io/name": "controller"}, "ports": [{"port": 80}]},
}
KEPT = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "kept", "namespace": "marketday", "labels": {"marketday/stage": "ground"}},
    "stringData": {"password": "hush"},
}

# Policy, what its reason names, and what is changed: (object, path, value).
BREAKS = [
    ("images", "marketday/mall:latest", [(MALL, f"{ONE}|image", "marketday/mall:latest")]),
    ("images", ":1@sha256", [("Job/migrate-expand", f"{ONE}|image", TAGGED)]),
    ("account", "'runAsUser' is 0", [(MALL, f"{WHO}|runAsUser", 0)]),
    ("account", "'runAsNonRoot' is nothing", [(CONSOLE, f"{WHO}|runAsNonRoot", GONE)]),
    ("account", "only at the pod", [(MALL, f"{MAY}|runAsUser", 10001)]),
    ("confinement", "readOnlyRootFilesystem", [(MALL, f"{MAY}|readOnlyRootFilesystem", GONE)]),
    ("confinement", "allowPrivilegeEscalation", [("Job/migrate-contract", f"{MAY}|allowPrivilegeEscalation", True)]),
    ("confinement", "drop ALL", [(MALL, f"{MAY}|capabilities", {"drop": ["ALL"], "add": ["ALL"]})]),
    ("confinement", "seccomp", [(CONTROLLER, f"{WHO}|seccompProfile", GONE)]),
    ("host", "hostNetwork", [(MALL, f"{POD}|hostNetwork", True)]),
    ("host", "neither a Secret", [(CONTROLLER, f"{POD}|volumes|2", {"name": "x", "hostPath": {"path": "/"}})]),
    ("host", "takes port 80", [(MALL, f"{ONE}|ports|0|hostPort", 80)]),
    ("host", "httpTokens", [("EC2NodeClass/services", "spec|metadataOptions|httpTokens", "optional")]),
    ("host", "httpTokens", [("EC2NodeClass/controller", "spec|metadataOptions|httpPutResponseHopLimit", 2)]),
    ("resources", "no requests.cpu", [(MALL, f"{ONE}|resources|requests|cpu", GONE)]),
    ("resources", "may use 1Gi", [(MALL, f"{ONE}|resources|limits|memory", "1Gi")]),
    ("resources", "no limit of CPUs", [("NodePool/services", "spec|limits", {"memory": "1Gi"})]),
    ("probes", "no 'livenessProbe'", [(MALL, f"{ONE}|livenessProbe", GONE)]),
    ("probes", "asks /readyz", [(MALL, f"{ONE}|readinessProbe|httpGet|path", "/readyz")]),
    ("tokens", "Deployment/mall: its pods get", [(MALL, f"{POD}|automountServiceAccountToken", GONE)]),
    ("tokens", "ServiceAccount/mall", [("ServiceAccount/mall", "automountServiceAccountToken", True)]),
    ("tokens", "is default", [(MALL, f"{POD}|serviceAccountName", GONE)]),
    ("network", "selects every pod", [("NetworkPolicy/nothing-by-default", "", GONE)]),
    ("network", "of its own", [("NetworkPolicy/migrate", "", GONE)]),
    ("network", "names no ports", [("NetworkPolicy/mall", "spec|egress|0|ports", GONE)]),
    ("network", "names no to", [("NetworkPolicy/mall", "spec|egress|1|to", [])]),
    ("network", "everybody", [("NetworkPolicy/mall", "spec|ingress|0|from|0|ipBlock|cidr", "0.0.0.0/0")]),
    ("network", "allows 169.254.0.0/16", [("NetworkPolicy/mall", "spec|egress|1|to|0|ipBlock|except|2", GONE)]),
    ("controller", "lets somebody", [("NetworkPolicy/names", "spec|ingress", FROM_ANY_POD)]),
    ("controller", "leads to the controller", [(None, "", TO_THE_CONTROLLER)]),
    ("controller", "called controller", [(CONTROLLER, "", GONE)]),
    ("drain", "AWS's own is 300", [("Ingress/mall", DRAIN, "load_balancing.algorithm.type=round_robin")]),
    ("drain", "works for 45s", [("Ingress/mall", DRAIN, "deregistration_delay.timeout_seconds=60")]),
    ("drain", "works for 0s", [(CONSOLE, f"{ONE}|lifecycle", GONE)]),
    ("drain", "killed after 45s", [(MALL, f"{POD}|terminationGracePeriodSeconds", 45)]),
    ("disruption", "are 0;", [("PodDisruptionBudget/console", "", GONE)]),
    ("disruption", "expected one to stay", [(CONSOLE, "spec|replicas", 1)]),
    ("disruption", "expected one to stay", [(BUDGET, "spec|maxUnavailable", 2)]),
    ("disruption", "expected one to stay", [(SCALER, "spec|minReplicas", GONE)]),
    ("disruption", "is 20%", [(BUDGET, "spec|maxUnavailable", "20%")]),
    ("disruption", "no node can be emptied", [(BUDGET, "spec|maxUnavailable", 0)]),
    ("scaling", "no Deployment shop", [(SCALER, "spec|scaleTargetRef|name", "shop"), (MALL, "spec|replicas", 2)]),
    ("scaling", "sets replicas too", [(MALL, "spec|replicas", 2)]),
    ("secrets", "Secret/kept", [(None, "", KEPT)]),
    ("secrets", "holds a credential", [("ConfigMap/mall", "data|URL", "x://mall:hush@db")]),
    ("secrets", "sets variables itself", [(MALL, f"{ONE}|env", KEY)]),
    ("secrets", "no 'ExternalSecret' cache", [("ExternalSecret/cache", "", GONE)]),
    ("secrets", "no 'ExternalSecret' signing-key", [("ExternalSecret/signing-key", "", GONE)]),
    ("zones", "Deployment/mall", [(MALL, f"{SPREAD}|0|whenUnsatisfiable", "ScheduleAnyway")]),
    ("zones", "Deployment/console", [(CONSOLE, SPREAD, GONE)]),
    ("places", "in no namespace", [("Service/mall", "metadata|namespace", "default")]),
    ("places", "restricted", [("Namespace/marketday", ENFORCED, "baseline")]),
    ("places", "stage is nothing", [("Service/mall", "metadata|labels|marketday/stage", GONE)]),
    ("places", "the pool any", [(MALL, f"{POD}|nodeSelector", GONE)]),
    ("schema", "readinessProb", [(MALL, f"{ONE}|readinessProb", {})]),
    ("schema", "metrics", [(SCALER, "spec|metrics", "cpu")]),
    ("schema", "consolidationPolicy", [("NodePool/services", "spec|disruption|consolidationPolicy", "Always")]),
    ("schema", "reserved", [("NodePool/services", f"{POD}|requirements|2|values", ["reserved"])]),
    ("schema", "'Equals'", [("NodePool/services", f"{POD}|requirements|3|operator", "Equals")]),
    ("schema", "instance-cpus", [("NodePool/services", f"{POD}|requirements|5|key", "instance-cpus")]),
    ("schema", "'values'", [("NodePool/services", f"{POD}|requirements|3|values", GONE)]),
    ("schema", "too long", [("NodePool/services", f"{POD}|requirements|4|values", ["5", "6"])]),
    ("schema", "'duration'", [("NodePool/services", "spec|disruption|budgets|1|duration", GONE)]),
    ("schema", "amiSelector", [("EC2NodeClass/services", "spec|amiSelector", {})]),
    ("schema", "remoteReference", [("ExternalSecret/cache", "spec|data|0|remoteReference", {"key": "x"})]),
    ("schema", "Vault", [("SecretStore/secrets-manager", "spec|provider|aws|service", "Vault")]),
    ("schema", "groupIds", [("SecurityGroupPolicy/mall", "spec|securityGroups|groupIds", [])]),
    ("schema", "extensions/v1beta1", [("Ingress/mall", "apiVersion", "extensions/v1beta1")]),
]  # fmt: skip


@pytest.fixture(scope="module")
def findings(trees, prod):
    """What is found in the overlays, in the component of the metric, and in each broken tree."""
    broken = {f"{number}": changed(prod, *changes) for number, (_, _, changes) in enumerate(BREAKS)}
    return check({**trees, **broken})


@pytest.mark.parametrize("overlay", ["prod", "staging"])
def test_an_overlay_is_as_schemas_and_policies_want_it(findings, overlay):
    assert findings[overlay] == []


@pytest.mark.parametrize("number", range(len(BREAKS)), ids=lambda number: f"{BREAKS[number][0]}-{number}")
def test_what_is_broken_is_refused_by_its_own_policy_alone(findings, number):
    policy, told, _ = BREAKS[number]
    found = findings[f"{number}"]
    assert {rule for rule, _ in found} == {policy}, found
    assert any(told in what for _, what in found), found


def test_every_rule_of_every_policy_is_broken_once():
    rules = {
        file.stem: len(re.findall(r"^deny contains", file.read_text("utf-8"), re.MULTILINE))
        for file in (HERE / "policies").glob("*.rego")
    }
    assert len(rules) > 10
    told = {policy: {reason for name, reason, _ in BREAKS if name == policy} for policy in rules}
    assert {policy: count for policy, count in rules.items() if len(told[policy]) < count} == {}


def test_the_metric_of_requests_is_added_by_a_component(prod, tmp_path):
    overlay = tmp_path / "overlay"
    overlay.mkdir()
    place = os.path.relpath(HERE, overlay)
    (overlay / "kustomization.yaml").write_text(
        f"resources: [{place}/overlays/prod]\ncomponents: [{place}/components/requests-in-flight]\n", "utf-8"
    )
    with_metric = render(overlay)
    assert check({"it": with_metric})["it"] == []
    before, after = (find(tree, SCALER)["spec"] for tree in (prod, with_metric))
    assert (before["minReplicas"], before["maxReplicas"]) == (2, 10)
    assert [one["resource"]["target"]["averageUtilization"] for one in before["metrics"]] == [60]
    assert after["metrics"][0] == before["metrics"][0]
    assert after["metrics"][1]["pods"]["metric"]["name"] == IN_FLIGHT._name
