"""What manifests and Terraform both name is the same: accounts, secrets, images, versions, tags."""

import re

import pytest
import yaml

from .manifests import HERE, ROOT, VERSION, find, render

STACKS = ROOT / "infra" / "terraform"
ROLE = re.compile(r'^module "\w+" \{\s+source\s+= "\.\./(?:modules/)?pod_role"(.*?)^\}', re.MULTILINE | re.DOTALL)
CLUSTER = "marketday-prod"


def text_of(folder):
    return "\n".join(file.read_text("utf-8") for file in sorted((STACKS / folder).glob("*.tf")))


def value(block, name):
    found = re.search(rf'^\s+{name}\s+= "?([^"\n]+)"?$', block, re.MULTILINE)
    return found and found[1]


@pytest.fixture(scope="module")
def plane():
    """Everything that the stack prod and the modules say."""
    return "\n".join(
        text_of(folder.relative_to(STACKS)) for folder in [STACKS / "prod", *(STACKS / "modules").iterdir()]
    )


def chart(name):
    return yaml.safe_load((HERE / "controllers" / f"{name}.yaml").read_text("utf-8"))


def test_roles_are_given_to_service_accounts_that_exist(plane, prod):
    """What has a role in AWS is a controller of the cluster, or the mall's controller; nothing else of ours has one."""
    given = {
        (value(block, "namespace"), value(block, "service_account"))
        for block in ROLE.findall(plane)
        if value(block, "by_addon") is None
    }
    ours = {("marketday", one["metadata"]["name"]) for one in prod if one["kind"] == "ServiceAccount"}
    others = {
        ("kube-system", chart("karpenter")["serviceAccount"]["name"]),
        ("kube-system", chart("load-balancers")["serviceAccount"]["name"]),
        ("external-secrets", chart("external-secrets")["serviceAccount"]["name"]),
        ("argo-rollouts", chart("argo-rollouts")["serviceAccount"]["name"]),
        ("cosign-system", chart("policy-controller")["webhook"]["serviceAccount"]["name"]),
    }
    assert others <= given <= others | {("marketday", "controller")}
    assert ("marketday", "controller") in ours


def test_secrets_are_those_of_the_stack(plane, prod):
    wanted = set()
    of_argocd = render(ROOT / "infra" / "argocd" / "overlays" / "prod")
    for one in (each["spec"] for each in [*prod, *of_argocd] if each["kind"] == "ExternalSecret"):
        wanted |= {part["remoteRef"]["key"] for part in one.get("data", [])}
        wanted |= {part["extract"]["key"] for part in one.get("dataFrom", [])}
    text = text_of("prod")
    by_hand = re.search(r"by_hand = \{(.*?)\n  \}", text, re.DOTALL)[1]
    made = set(re.findall(r'^\s+([a-z-]+)\s+= "', by_hand, re.MULTILINE))
    made |= set(re.findall(r'name\s+= "\$\{var\.name\}/([a-z-]+)"', text))
    assert {name.removeprefix(f"{CLUSTER}/") for name in wanted} <= made


def test_every_workload_has_a_security_group_of_the_stack(plane, prod):
    groups = re.search(r"pods = toset\(\[(.*?)\]\)", text_of("modules/pod_groups"))[1]
    workloads = {
        one["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/name"]
        for one in prod
        if one["kind"] in {"Deployment", "Job", "Rollout"}
    }
    chosen = {one["metadata"]["name"] for one in prod if one["kind"] == "SecurityGroupPolicy"}
    assert set(re.findall(r'"([a-z-]+)"', groups)) == workloads == chosen


def test_nodes_start_where_and_as_what_the_stack_says(plane, prod):
    network = re.search(r"tier_tags = \{(.*?)\n  \}", text_of("prod"), re.DOTALL)[1]
    tags = dict(re.findall(r'(\w+)\s+= \{.*"karpenter\.sh/discovery" = (\S+) \}', network))
    named = {tier: re.sub(r"\$\{var\.name\}|var\.name", CLUSTER, tag).strip('"') for tier, tag in tags.items()}
    for pool, tier in {"services": "app", "controller": "controller"}.items():
        node = find(prod, f"EC2NodeClass/{pool}")["spec"]
        assert node["subnetSelectorTerms"] == [{"tags": {"karpenter.sh/discovery": named[tier]}}]
        assert node["instanceProfile"] == f"{CLUSTER}-karpenter-node"
    assert 'name = "${var.cluster.name}-karpenter-node"' in text_of("modules/karpenter")


def test_objects_are_checked_for_the_version_of_the_cluster(plane):
    variables = text_of("prod")
    default = re.search(r'variable "kubernetes_version" \{.*?default\s+= "([^"]+)"', variables, re.DOTALL)[1]
    assert default == VERSION


def test_the_account_of_processes_is_the_one_of_the_event_plane(prod):
    """The images are the same, and so is the account that owns nothing in them."""
    [user] = set(re.findall(r'\buser\s+= "([^"]+)"', text_of("modules/service")))
    contexts = [
        one["spec"]["template"]["spec"]["securityContext"]
        for one in prod
        if one["kind"] in {"Deployment", "Job", "Rollout"}
    ]
    assert {f"{one['runAsUser']}:{one['runAsGroup']}" for one in contexts} == {user}


def test_each_image_has_a_repository(prod):
    repositories = re.search(
        r'variable "repositories" \{.*?default\s+= \[(.*?)\]', text_of("modules/registry"), re.DOTALL
    )[1]
    containers = [
        one["spec"]["template"]["spec"]["containers"][0]
        for one in prod
        if one["kind"] in {"Deployment", "Job", "Rollout"}
    ]
    wanted = {re.search(r"/marketday/([a-z-]+)@", one["image"])[1] for one in containers}
    assert wanted <= set(re.findall(r'"([a-z-]+)"', repositories))


@pytest.mark.parametrize("overlay", ["prod", "staging"])
def test_the_stack_says_what_an_account_is(plane, overlay):
    """`terraform output manifests` has its values under the same names; the others are a person's to decide."""
    account = yaml.safe_load((HERE / "overlays" / overlay / "account.yaml").read_text("utf-8"))["data"]
    output = re.search(r'^output "manifests" \{(.*?)^\}', text_of("prod"), re.MULTILINE | re.DOTALL)[1]
    told = set(re.findall(r"^    (\w+)\s+= ", output, re.MULTILINE))
    by_hand = {
        "mall_host",
        "console_host",
        "mall_certificate",
        "console_certificate",
        "payment_gateway",
        "mall_balancer",
    }
    assert set(account) == told | by_hand


def test_a_pod_leaves_the_network_with_its_own_security_group(plane):
    """In the mode `standard` the node's group would count outside of the network, unless NAT is left to others."""
    settings = text_of("prod").partition("network_settings = jsonencode({")[2].partition("})")[0]
    env = dict(re.findall(r'^\s+([A-Z0-9_]+)\s+= "(\w+)"$', settings, re.MULTILINE))
    assert (env["POD_SECURITY_GROUP_ENFORCING_MODE"], env["AWS_VPC_K8S_CNI_EXTERNALSNAT"]) == ("standard", "true")
    # Who names the controller's group beyond the network, and so depends on it.
    assert "referenced_security_group_id = each.value" in text_of("modules/peering")
