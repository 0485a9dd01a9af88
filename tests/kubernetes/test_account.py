"""An overlay names what the stack prod tells, under the same names; the rest an account decides by itself."""

import re

import pytest
import yaml

from .manifests import HERE, OVERLAYS, VERSION

# Host names, certificates and partners are decided outside.
DECIDED_ELSEWHERE = {
    "mall_host",
    "console_host",
    "mall_certificate",
    "console_certificate",
    "payment_gateway",
}


def told():
    outputs = (HERE.parent / "terraform" / "prod" / "outputs.tf").read_text("utf-8")
    block = outputs.partition('output "manifests" {')[2].partition("  value = {\n")[2].partition("\n  }\n")[0]
    return set(re.findall(r"^    (\w+) +=", block, re.MULTILINE))


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_account_names_what_the_stack_prod_tells(overlay):
    account = yaml.safe_load((HERE / "overlays" / overlay / "account.yaml").read_text("utf-8"))
    assert set(account["data"]) == told() | DECIDED_ELSEWHERE


def test_the_manifests_are_checked_for_the_version_that_the_cluster_has():
    variables = (HERE.parent / "terraform" / "prod" / "variables_cluster.tf").read_text("utf-8")
    block = variables.partition('variable "kubernetes_version" {')[2].partition("\n}\n")[0]
    assert re.findall(r'default += "([^"]+)"', block) == [VERSION]
