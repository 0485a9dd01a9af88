"""The prod plane with its cluster: it comes, changes in place, goes, and comes again under the same names."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from . import stack_variables as given
from .emulated import EmulatedAws, shared_emulator
from .inventory import inventory

SEOUL, GLOBAL = "ap-northeast-2", "us-east-1"
LATER = {
    "kubernetes_version": "1.36",
    "addon_versions": {"kube_proxy": "v1.36.0-eksbuild.2", "vpc_cni": "v1.22.0-eksbuild.1"},
    "system_nodes": {"min": 3, "max": 6, "disk_gb": 40},
    "admin_role_arns": ["arn:aws:iam::123456789012:role/others"],
    "log_retention_days": 400,
}
# What is made anew because its key in the state is another role's.
MADE_ANEW = {"aws_eks_access_entry", "aws_eks_access_policy_association"}


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    """One of its own: the stack makes thousands of calls, and the shared one answers one call at a time."""
    with shared_emulator(tmp_path_factory.mktemp("aws")) as emulated:
        yield emulated


@pytest.mark.long
def test_a_prod_plane_comes_changes_in_place_goes_and_comes_again(new_stack, account):
    before = inventory(account, SEOUL, GLOBAL)
    plane = new_stack("prod", given.prod(SEOUL, "10.32.0.0/16", "abc"))
    plane.apply()
    assert plane.drift() == ""
    first = inventory(account, SEOUL, GLOBAL)

    tag_everything_once_more(plane.folder)
    plane.change(**LATER)
    assert replaced(plane.plan()) <= MADE_ANEW
    plane.apply()
    assert plane.drift() == ""
    cluster = account.client("eks", SEOUL).describe_cluster(name="marketday-prod")["cluster"]
    assert (cluster["version"], cluster["tags"]["later"]) == ("1.36", "yes")

    plane.destroy(refresh=False)
    assert sorted(inventory(account, SEOUL, GLOBAL) - before) == []
    plane.apply()
    assert kinds(inventory(account, SEOUL, GLOBAL)) == kinds(first)
    plane.destroy(refresh=False)
    assert sorted(inventory(account, SEOUL, GLOBAL) - before) == []


def tag_everything_once_more(stack: Path) -> None:
    """Add a tag to the provider's: each service must be able to take it on what it has already."""
    versions = stack / "versions.tf"
    tag = '"marketday:stack" = "prod"'
    written = versions.read_text("utf-8")
    assert tag in written
    versions.write_text(written.replace(tag, f'{tag}\n      "later" = "yes"'))


def replaced(plan: dict[str, Any]) -> set[str]:
    """The kinds of what a plan would remove, also where it makes another in its place."""
    return {change["type"] for change in plan["resource_changes"] if "delete" in change["change"]["actions"]}


def kinds(found: set[str]) -> Counter[str]:
    """How many of each kind were found. (Who has a tag is told by ids, which are new each time.)"""
    return Counter(" ".join(each.split()[:2]) for each in found if not each.startswith("tagged "))
