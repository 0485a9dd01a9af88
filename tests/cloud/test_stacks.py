"""Each stack, and all of them together: applied, planned again without a change, destroyed, and nothing is left."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import boto3
import pytest

from marketday.environments.terraform.sweep import AwsSweep

from . import stack_variables as given
from .emulated import REGION, Account
from .inventory import inventory
from .terraform import write_root

GLOBAL = "us-east-1"  # where what has no region is found
WIRES = {name: f"${{module.permanent.{name}}}" for name in ("certificate_arn", "alarm_topic_arn")}


def permanent(account: Account, folder: Path) -> dict[str, Any]:
    return given.permanent("eu-central-1", "eu-west-1", folder)


def prod(account: Account, folder: Path) -> dict[str, Any]:
    return given.prod("us-west-2", "172.20.0.0/16", "ab")


def event(account: Account, folder: Path) -> dict[str, Any]:
    made = given.surroundings(account, "ap-northeast-1")
    other = {"environment_id": given.OTHER_ENVIRONMENT, "drop": "another-drop", "hostname": "event.example.org"}
    return given.event("ap-northeast-1", "172.16.0.0/20", ["10.0.0.0/8"], **made, **other)


def link(account: Account, folder: Path) -> dict[str, Any]:
    databases = [
        given.database(account, "eu-west-1", name, network) for name, network in (("drop", "10.77"), ("mall", "10.78"))
    ]
    other = {"environment_id": given.OTHER_ENVIRONMENT, "drop": "another-drop"}
    return given.link("eu-west-1", *databases, **other)


@pytest.mark.parametrize("variables_of", [permanent, prod, event, link])
def test_a_stack_on_its_own(new_stack, account, tmp_path, variables_of):
    variables = variables_of(account, tmp_path)
    regions = {variables["region"], variables.get("replica_region", GLOBAL), GLOBAL}
    before = inventory(account, *regions)
    stack = new_stack(variables_of.__name__, variables)
    stack.apply()
    assert stack.drift() == ""
    stack.destroy(refresh=False)
    assert sorted(inventory(account, *regions) - before) == []
    if environment := variables.get("environment_id"):
        assert swept(account, environment, variables["region"]) == []


def test_all_stacks_together(new_stack, stacks, account, tmp_path):
    """The permanent one, prod and event in one graph, so that they come up side by side; then the link between them."""
    before = inventory(account, REGION, GLOBAL)
    secret = given.payment_key(account, REGION)
    planes = {
        "permanent": given.permanent(REGION, "ap-northeast-1", tmp_path),
        "prod": given.prod(REGION, "10.0.0.0/16", "ac"),
        "event": given.event(REGION, "10.64.0.0/16", ["${module.prod.vpc_cidr}"], mall=given.mall(secret), **WIRES),
    }
    write_root(stacks, planes)
    base = new_stack(".", {})
    outputs = base.apply()
    path = new_stack("link", given.link(REGION, linked(outputs["event"]), linked(outputs["prod"])))
    path.apply()
    assert at_once(base.drift, path.drift) == ["", ""]
    path.destroy(refresh=False)
    base.destroy(refresh=False)
    account.client("secretsmanager", REGION).delete_secret(SecretId=secret, ForceDeleteWithoutRecovery=True)
    assert sorted(inventory(account, REGION, GLOBAL) - before) == []
    assert swept(account, given.ENVIRONMENT, REGION) == []


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Do several things at a time; most of each is waiting."""
    with ThreadPoolExecutor(len(works)) as threads:
        return [job.result() for job in [threads.submit(work) for work in works]]


def swept(account: Account, environment: str, region: str) -> list[str]:
    """What the product's own sweep says of an environment, without what AWS takes away by itself."""
    session = boto3.Session(account.number, "testing")

    def client(service: str, **options: Any) -> Any:
        return session.client(service, endpoint_url=account.aws.url, **options)

    left = asyncio.run(AwsSweep(client, [region]).leftovers(UUID(environment)))
    return [str(each) for each in left if each.blocks]


def linked(outputs: dict[str, Any]) -> dict[str, Any]:
    """What the link is told of a plane, out of its outputs."""
    known = {**outputs["database"], "vpc_id": outputs["vpc_id"], "vpc_cidr": outputs["vpc_cidr"]}
    cache = outputs.get("cache")
    return known if cache is None else {**known, "cache": {name: cache[name] for name in ("port", "security_group_id")}}
