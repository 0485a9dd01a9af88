"""Our own Applications and projects: as schemas and policies want them; each rule refuses what breaks it."""

import json
import re
import subprocess

import pytest
import yaml
from ci.gitops import layout, render, rights
from ci.gitops.programs import TOOLS
from tests.kubernetes.manifests import HERE, ROOT, changed, find

ARGOCD = ROOT / "infra" / "argocd"
APP, SHOP, KARPENTER = "Application/delivery", "Application/marketday", "Application/karpenter"
PROJECT, CONTROLLERS = "AppProject/marketday", "AppProject/controllers"
SYNC, ARGO = "spec|syncPolicy", "metadata|annotations|argocd.argoproj.io"
GONE = find.__globals__["GONE"]
ROLE = {"group": "rbac.authorization.k8s.io", "kind": "ClusterRole"}
RIGHT = "p, proj:marketday:operators, {}, marketday/*, allow"
FIRST = "spec|roles|0|policies|0"
IMAGES, GUARD = "ClusterImagePolicy/marketday", "Application/policy-controller"
ADMITS = {"group": "policy.sigstore.dev", "kind": "ClusterImagePolicy"}
PEM = "-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n"
AUTHORITY = {"name": "x", "key": {"data": PEM, "hashAlgorithm": "sha256"}, "signatureFormat": "legacy"}
POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x", "namespace": "argocd"}}

BREAKS = [
    ("applications", "Pod/x: no policy", [(None, "", POD)]),
    ("applications", "expected argocd", [("ConfigMap/argocd-notifications-cm", "metadata|namespace", "default")]),
    ("applications", "does not belong to", [(SHOP, "spec|project", "controllers")]),
    ("applications", "the projects are", [("AppProject/default", "", GONE)]),
    ("applications", "another cluster", [(SHOP, "spec|destination|server", "https://example.com")]),
    ("applications", "prune and selfHeal", [(SHOP, f"{SYNC}|automated|prune", False)]),
    ("applications", "prune and selfHeal", [(SHOP, f"{SYNC}|automated|allowEmpty", True)]),
    ("applications", "tried again", [(SHOP, f"{SYNC}|retry|limit", -1)]),
    ("applications", "lack PruneLast=true", [(SHOP, f"{SYNC}|syncOptions|1", GONE)]),
    ("applications", "sync-options are nothing", [(APP, f"{ARGO}/sync-options", GONE)]),
    ("applications", "skip-reconcile", [(SHOP, f"{ARGO}/skip-reconcile", "true")]),
    ("applications", "has finalizers", [(APP, "metadata|finalizers", ["resources-finalizer.argocd.argoproj.io"])]),
    ("applications", "which only the pipeline moves", [(SHOP, "spec|source|targetRevision", "candidate")]),
    ("applications", "expected an exact one", [(KARPENTER, "spec|sources|0|targetRevision", "1.*")]),
    ("applications", "has 'kustomize'", [(SHOP, "spec|source|kustomize", {"images": ["a=b"]})]),
    ("applications", "sync-wave is 5", [(KARPENTER, f"{ARGO}/sync-wave", "5")]),
    ("projects", "addresses as they are", [(PROJECT, "spec|sourceRepos|0", "*")]),
    ("projects", "by their names", [(CONTROLLERS, "spec|destinations|0|namespace", "kube-*")]),
    ("projects", "namespace marketday", [(CONTROLLERS, "spec|destinations|0|namespace", "marketday")]),
    ("projects", "expected nothing", [("AppProject/default", "spec|sourceRepos", ["https://example.com/a"])]),
    ("projects", "'Secret'", [(PROJECT, "spec|namespaceResourceWhitelist|0|kind", "Secret")]),
    ("projects", "'ClusterRole'", [(PROJECT, "spec|clusterResourceWhitelist|1", ROLE)]),
    ("projects", "of every group", [(CONTROLLERS, "spec|clusterResourceWhitelist|0|group", "*")]),
    ("projects", "the role 'operators'", [(PROJECT, FIRST, RIGHT.format("applications, delete"))]),
    ("projects", "the role 'operators'", [(PROJECT, FIRST, RIGHT.format("exec, create"))]),
    ("projects", "sync window", [(CONTROLLERS, "spec|syncWindows|0|kind", "allow")]),
    ("projects", "other namespaces", [(PROJECT, "spec|sourceNamespaces", ["x"])]),
    ("secrets", "holds a credential", [(KARPENTER, "spec|sources|0|helm|parameters|0|value", "xox" + "b-1-2")]),
    ("secrets", "only argocd-notifications-cm", [("ConfigMap/argocd-notifications-cm", "metadata|name", "argocd-cm")]),
    ("secrets", "not $slack-token", [("ConfigMap/argocd-notifications-cm", "data|service.slack", "token: x")]),
    ("signatures", "the image policies are ''", [(IMAGES, "", GONE)]),
    ("signatures", "its mode is warn", [(IMAGES, "spec|mode", "warn")]),
    ("signatures", "it is for '**'", [(IMAGES, "spec|images|0|glob", "**")]),
    ("signatures", "'1' globs and '2' authorities", [(IMAGES, "spec|authorities", [AUTHORITY] * 2)]),
    ("signatures", "its annotations are", [(IMAGES, f"{ARGO}/sync-wave", "1")]),
    ("signatures", "its chart has 'values'", [(GUARD, "spec|sources|0|helm|values", "webhook: {}")]),
    ("signatures", "there is no Application policy-controller", [(GUARD, "", GONE)]),
    ("projects", "'ClusterImagePolicy'", [(PROJECT, "spec|clusterResourceWhitelist|1", ADMITS)]),
    ("schema", "'mode'", [(IMAGES, "spec|mode", GONE)]),
    ("schema", "'static'", [(IMAGES, "spec|authorities|0|static", {"action": "pass"})]),
    ("schema", "'keyless'", [(IMAGES, "spec|authorities|0|keyless", {"url": "https://example.com"})]),
    ("schema", "'match'", [(IMAGES, "spec|match", [{"resource": "jobs"}])]),
    ("schema", "does not match", [(IMAGES, "spec|authorities|0|key|data", "-----BEGIN CERTIFICATE-----")]),
    ("schema", "automateds", [(SHOP, f"{SYNC}|automateds", {})]),
    ("schema", "sourceRepo'", [(PROJECT, "spec|sourceRepo", [])]),
]  # fmt: skip


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    folder = tmp_path_factory.mktemp("argocd")
    starts = {overlay: layout.start_of(overlay) for overlay in layout.OVERLAYS}
    return render.deployment(layout.of_here(folder / "files"), starts, folder / "work", None, "1.35")


@pytest.fixture(scope="module")
def ours(outcome):
    return list(outcome.rendered["prod/delivery"].objects.values())


@pytest.fixture(scope="module")
def findings(outcome, ours):
    trees = {f"{number}": changed(ours, *changes) for number, (_, _, changes) in enumerate(BREAKS)}
    trees |= {name: list(outcome.rendered[f"{name}/delivery"].objects.values()) for name in layout.OVERLAYS}
    command = [TOOLS / "python", HERE / "check.py", "1.35", "--each", "--policies", ARGOCD / "policies"]
    command[0] = TOOLS / "bin" / "python"
    done = subprocess.run(command, input=json.dumps(trees), capture_output=True, text=True, timeout=120, check=True)
    return json.loads(done.stdout)


def test_ours_are_as_schemas_policies_and_projects_want_them(outcome, findings):
    assert {name: findings[name] for name in layout.OVERLAYS} == {name: [] for name in layout.OVERLAYS}
    for name, each in outcome.rendered.items():
        assert each.problems == []
        assert list(rights.refused(each, outcome.projects[name.partition("/")[0]])) == []
    assert list(rights.shared(outcome.rendered)) == []


@pytest.mark.parametrize("number", range(len(BREAKS)), ids=lambda number: f"{BREAKS[number][0]}-{number}")
def test_what_is_broken_is_refused(findings, number):
    rule, told, _ = BREAKS[number]
    found = findings[f"{number}"]
    assert any(name == rule and told in what for name, what in found), found


def test_every_rule_is_broken_once():
    for file in (ARGOCD / "policies").glob("*.rego"):
        rules = len(re.findall(r"^deny contains", file.read_text("utf-8"), re.MULTILINE))
        assert len({told for name, told, _ in BREAKS if name == file.stem}) >= rules, file.name


def test_each_argo_cd_has_all_applications_and_only_charts_are_missing(outcome):
    names = {"argo-cd", "argo-rollouts", "delivery", "external-secrets", "karpenter", "load-balancers", "marketday"}
    names |= {"policy-controller"}
    for overlay in layout.OVERLAYS:
        found = {name.partition("/")[2]: each for name, each in outcome.rendered.items() if name.startswith(overlay)}
        assert set(found) == names
        assert {name for name, each in found.items() if each.missing} == names - {"delivery", "marketday"}


def test_the_account_s_values_are_the_same_as_those_of_the_services():
    for overlay in layout.OVERLAYS:
        own, other = (
            yaml.safe_load((folder / "overlays" / overlay / "account.yaml").read_text("utf-8"))["data"]
            for folder in (ARGOCD, HERE)
        )
        assert {name: own[name] for name in ("cluster", "region")} == {
            name: other[name] for name in ("cluster", "region")
        }
        assert own["overlay"] == overlay
        images = yaml.safe_load((HERE / "overlays" / overlay / "kustomization.yaml").read_text("utf-8"))["images"]
        assert {each["newName"].partition("/")[0] for each in images} == {own["registry"]}


def test_no_placeholder_is_left(ours):
    text = json.dumps(ours)
    names = "REPOSITORY|OVERLAY|CLUSTER|REGION|VPC|OPERATORS|CHANNEL|REGISTRY|KEY"
    assert re.findall(rf"\b(?<!PUBLIC )({names})\b", text) == []


def test_every_subscription_has_its_trigger_and_every_trigger_its_template(ours):
    data = find(ours, "ConfigMap/argocd-notifications-cm")["data"]
    triggers = {name.removeprefix("trigger.") for name in data if name.startswith("trigger.")}
    told = {key for one in ours for key in one["metadata"].get("annotations", {}) if key.startswith("notifications.")}
    assert {re.fullmatch(r"notifications\.argoproj\.io/subscribe\.(.+)\.slack", key)[1] for key in told} == triggers
    sent = {each for name in triggers for part in yaml.safe_load(data[f"trigger.{name}"]) for each in part["send"]}
    assert {f"template.{name}" for name in sent} == {name for name in data if name.startswith("template.")}
    assert set(data) == {f"trigger.{name}" for name in triggers} | {f"template.{name}" for name in sent} | {
        "service.slack"
    }
    (secret,) = [one for one in ours if one["metadata"]["name"] == "argocd-notifications-secret"]
    stack = (ROOT / "infra" / "terraform" / "prod" / "secrets.tf").read_text("utf-8")
    name = secret["spec"]["dataFrom"][0]["extract"]["key"].partition("/")[2]
    assert re.search(rf'^    {name} += ".* member (\S+)"$', stack, re.MULTILINE)[1] == "slack-token"


def test_the_controllers_are_left_alone_in_the_hours_of_the_nodes(ours):
    """The sync window has the hours in which Karpenter replaces no node that is in use."""
    nodes = yaml.safe_load_all((HERE / "nodes" / "services.yaml").read_text("utf-8"))
    (budget,) = [one for one in next(nodes)["spec"]["disruption"]["budgets"] if "schedule" in one]
    (window,) = find(ours, CONTROLLERS)["spec"]["syncWindows"]
    assert (window["schedule"], window["duration"], window["timeZone"]) == (
        budget["schedule"],
        budget["duration"],
        "UTC",
    )


def test_what_the_services_need_the_project_allows_and_no_more(outcome):
    """So a kind that nothing has is no right either."""
    spec = outcome.projects["prod"]["marketday"]["spec"]
    allowed = {
        (each["group"], each["kind"])
        for part in ("clusterResourceWhitelist", "namespaceResourceWhitelist")
        for each in spec[part]
    }
    assert {key[:2] for key in outcome.rendered["prod/marketday"].objects} == allowed


def test_nobody_signs_in_by_a_password():
    values = yaml.safe_load((ARGOCD / "values" / "argo-cd.yaml").read_text("utf-8"))
    assert values["configs"]["cm"]["admin.enabled"] == "false"
    assert values["configs"]["cm"]["users.anonymous.enabled"] == "false"
    assert values["configs"]["rbac"]["policy.default"] == "role:readonly"
    assert values["server"]["ingress"] == {"enabled": False}
    for overlay in layout.OVERLAYS:
        sign_in = yaml.safe_load((ARGOCD / "overlays" / overlay / "sign-in.yaml").read_text("utf-8"))["configs"]
        assert yaml.safe_load(sign_in["cm"]["oidc.config"])["clientSecret"] == "$sign-in:client-secret"


def test_a_project_refuses_what_it_does_not_allow(outcome):
    services = outcome.rendered["prod/marketday"]
    projects = dict(outcome.projects["prod"])
    assert list(rights.refused(services, {})) == ["there is no AppProject marketday"]
    narrow = json.loads(json.dumps(projects["marketday"]))
    narrow["spec"] |= {"sourceRepos": ["https://example.com/*"], "destinations": [], "clusterResourceWhitelist": []}
    told = list(rights.refused(services, {"marketday": narrow}))
    assert any("does not allow the repository git@git.example.com" in each for each in told)
    assert any("does not allow the namespace marketday" in each for each in told)
    assert any("does not allow NodePool/services" in each for each in told)
    assert rights.allowed("https://a.example/x.git", ["*", "!https://a.example/x"]) is False


@pytest.mark.parametrize(
    ("patterns", "url", "allowed"),
    [
        (["https://a.example/*"], "https://a.example/x", True),
        (["https://a.example/*"], "https://a.example/x/y", False),
        (["https://a.example/**"], "https://a.example/x/y", True),
        (["!https://a.example/**"], "https://b.example/x", True),
        (["!https://a.example/**", "*"], "https://a.example/x/y", False),
    ],
)
def test_repositories_of_a_project_are_read_as_argo_cd_reads_them(patterns, url, allowed):
    assert rights.allowed(url, patterns) is allowed


@pytest.mark.parametrize(
    ("places", "allowed"),
    [
        ([("*", "*")], True),
        ([("*", "*"), ("*", "!marketday")], False),
        ([("*", "!kube-system")], True),
        ([("https://kubernetes.default.svc", "market*"), ("!https://kubernetes.default.svc", "*")], False),
        ([("https://other.example", "*")], False),
    ],
)
def test_places_of_a_project_are_read_as_argo_cd_reads_them(outcome, places, allowed):
    project = json.loads(json.dumps(outcome.projects["prod"]["marketday"]))
    project["spec"]["destinations"] = [{"server": server, "namespace": namespace} for server, namespace in places]
    told = list(rights.refused(outcome.rendered["prod/marketday"], {"marketday": project}))
    assert any("does not allow the namespace marketday" in each for each in told) is not allowed
