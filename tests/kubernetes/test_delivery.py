"""The order in which Argo CD brings a new version into a cluster, as the objects say it."""

import json
import re
import shutil

import yaml

from .manifests import HERE, ROOT, changed, check, find, render

WAVE, HOOK = "argocd.argoproj.io/sync-wave", "argocd.argoproj.io/hook"


def waves(objects):
    """Kinds and names by wave."""
    found = {}
    for one in objects:
        found.setdefault(int(one["metadata"]["annotations"][WAVE]), set()).add(one["kind"])
    return found


def test_migrations_stand_on_both_sides_of_the_services(trees):
    for tree in trees.values():
        kinds = waves(tree)
        assert sorted(kinds) == [0, 1, 2, 3]
        assert kinds[1] == {"Job"}
        assert kinds[3] == {"Job", "ConfigMap"}
        served = {"Deployment", "HorizontalPodAutoscaler", "Ingress", "PodDisruptionBudget", "Rollout", "Service"}
        assert kinds[2] == served
        assert not {"Job", *served} & kinds[0]


def test_without_the_component_the_second_half_waits_and_the_version_before_can_come_back(tmp_path, prod):
    """What ci/12-commit delivers, unless it is told otherwise."""
    text = (HERE / "overlays" / "prod" / "kustomization.yaml").read_text("utf-8")
    assert text.count("  - ../../components/contract\n") == 1
    overlay = copied(tmp_path, text.replace("  - ../../components/contract\n", ""))
    objects = render(overlay)
    assert sorted(waves(objects)) == [0, 1, 2]
    left = [one for one in prod if one["metadata"]["labels"]["marketday/stage"] != "contract"]
    assert objects == left
    assert check({"it": objects})["it"] == []


def copied(folder, text):
    """The overlay prod with another kustomization."""
    copy = shutil.copytree(HERE, folder / "kubernetes", ignore=shutil.ignore_patterns("schemas", "policies"))
    (copy / "overlays" / "prod" / "kustomization.yaml").write_text(text, "utf-8")
    return copy / "overlays" / "prod"


def test_what_differs_by_the_second_half_alone_is_seen(prod):
    """A hook alone is no difference for Argo CD, so nothing would begin: something beside the Job has to be new."""
    new = [one for one in prod if one["metadata"]["labels"]["marketday/stage"] == "contract"]
    assert [one["kind"] for one in new if HOOK not in one["metadata"]["annotations"]] == ["ConfigMap"]


def test_charts_have_the_versions_of_their_schemas():
    applications = yaml.safe_load_all((ROOT / "infra" / "argocd" / "base" / "controllers.yaml").read_text("utf-8"))
    sources = [source for one in applications for source in one["spec"]["sources"] if "chart" in source]
    charts = {source["chart"].rpartition("/")[2]: source["targetRevision"] for source in sources}
    schemas = {"karpenter": ("nodepool", "ec2nodeclass"), "external-secrets": ("externalsecret", "secretstore")}
    for chart, names in schemas.items():
        told = [json.loads((HERE / "schemas" / f"{name}.json").read_text("utf-8"))["$comment"] for name in names]
        assert [f"For {chart.replace('-', ' ').title()} {charts[chart]}," in each for each in told] == [True, True]


def test_the_canary_looks_at_the_load_balancer_of_the_account(trees):
    for overlay, tree in trees.items():
        account = yaml.safe_load((HERE / "overlays" / overlay / "account.yaml").read_text("utf-8"))["data"]
        template = find(tree, "AnalysisTemplate/mall-errors")["spec"]
        assert template["args"] == [{"name": "balancer", "value": account["mall_balancer"]}]
        ingress = find(tree, "Ingress/mall")["metadata"]["annotations"]["alb.ingress.kubernetes.io/load-balancer-name"]
        assert account["mall_balancer"].split("/")[1] == ingress
        (metric,) = template["metrics"]
        queries = metric["provider"]["cloudWatch"]["metricDataQueries"]
        result, *parts = queries
        assert set(re.findall(r"[a-z]+", result["expression"])) == {each["id"] for each in parts}
        assert [each.get("returnData", True) for each in queries] == [True, False, False, False]
        assert {each["metricStat"]["metric"]["namespace"] for each in parts} == {"AWS/ApplicationELB"}


def test_a_pod_of_the_rollout_is_checked_as_one_of_a_deployment(prod):
    broken = changed(prod, ("Rollout/mall", "spec|template|spec|containers|0|imagePullPolicys", "Always"))
    ((rule, what),) = [each for each in check({"it": broken})["it"] if each[0] == "schema"]
    assert (rule, "imagePullPolicys" in what) == ("schema", True)
