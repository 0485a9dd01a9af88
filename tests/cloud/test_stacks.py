"""Each stack, and all of them together: applied, planned again without a change, destroyed, and nothing is left."""

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import boto3
import pytest

from marketday.capacity.cost.plan import STACKS, resources_of
from marketday.capacity.cost.reference import differences
from marketday.provisioners.sweep import late_logs
from marketday.provisioners.sweep.aws import AwsSweep
from marketday.provisioners.terraform.keys import Keys
from marketday.provisioners.terraform.model import environment_name

from . import stack_variables as given
from .behind_its_back import assert_drift_is_found
from .emulated import REGION, Account, EmulatedAws, shared_emulator
from .inventory import inventory
from .requests_made import refused, tags_of
from .rights import rights
from .terraform import copy_of_stacks

POLICY_CHARACTERS = 6144  # AWS's limit for a policy of its own name
GLOBAL = "us-east-1"  # where what has no region is found
LATE_LOGS = {"event": 2, "link": 1}  # how many of a stack's log groups AWS may make anew
MALLS_END = ("vpc_id", "security_group_id", "route_table_ids")  # what the role for links is told of prod
AUTHORITIES = {"database_ca_pem": given.CERTIFICATES}  # where they are given, everybody checks who answers


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    """One of their own: a stack makes thousands of calls, and the shared one answers one call at a time."""
    with shared_emulator(tmp_path_factory.mktemp("aws")) as emulated:
        yield emulated


def permanent(account: Account, folder: Path) -> dict[str, Any]:
    """As docs/aws.md has it: `marketday aws keys` first, which makes secrets that the stack then takes over."""
    public = asyncio.run(Keys(account.client("secretsmanager", "eu-central-1")).make())
    return {**given.permanent("eu-central-1", "eu-west-1", folder), "build_host_public_key": public} | {
        "drift_schedule": "rate(1 hour)"
    }


def prod(account: Account, folder: Path) -> dict[str, Any]:
    return given.prod("us-west-2", "172.24.0.0/16", "ab")


def dev(account: Account, folder: Path) -> dict[str, Any]:
    return given.dev(account, "us-east-2", "10.40.0.0/20", "ab")


def event(account: Account, folder: Path) -> dict[str, Any]:
    made = given.surroundings(account, "ap-northeast-1")
    other = {"environment_id": given.OTHER_ENVIRONMENT, "drop": "another-drop", "hostname": "event.example.org"}
    return given.event("ap-northeast-1", "172.16.0.0/20", ["10.0.0.0/8"], edge_place=3, **made, **other)


def link(account: Account, folder: Path) -> dict[str, Any]:
    databases = [
        given.database(account, "eu-west-1", name, network) for name, network in (("drop", "10.77"), ("mall", "10.78"))
    ]
    other = {"environment_id": given.OTHER_ENVIRONMENT, "drop": "another-drop"}
    return given.link("eu-west-1", *databases, **other)


@pytest.mark.long
def test_all_stacks_together(new_stack, account, tmp_path):
    """The permanent one and prod, then event in what both have made; then the link between the two planes."""
    before = inventory(account, REGION, GLOBAL)
    secret = given.payment_key(account, REGION)
    lasting = new_stack("permanent", given.permanent(REGION, "ap-northeast-1", tmp_path))
    facts = lasting.apply()
    mall = new_stack("prod", given.prod(REGION, "10.0.0.0/16", "ac"))
    mall.change(controller_policy_arns=facts["controller_policy_arns"])
    wired = {name: facts[name] for name in ("certificate_arn", "alarm_topic_arn")}
    store = facts["edge"]["key_value_store_arn"]
    wired["evidence_bucket"] = facts["evidence_bucket"]
    drop = new_stack(
        "event",
        given.event(
            *(REGION, "10.64.0.0/16", [mall.variables["vpc_cidr"]]),
            **wired,
            **AUTHORITIES,
            mall=given.mall(secret),
            edge_key_value_store_arn=store,
            edge_place=3,
        ),
    )
    network, made = at_once(mall.apply, drop.apply)
    planes = linked(made), network["link"]
    assert account.edge_keys(store) == [f"{drop.variables['hostname']}/3"]
    path = new_stack("link", given.link(REGION, *planes, **AUTHORITIES))
    path.apply()
    may_work(account, REGION)
    assert at_once(lasting.drift, mall.drift, drop.drift, path.drift) == [""] * 4
    assert believing(account, REGION) == []
    for name, stack in (("event", drop), ("link", path), ("permanent", lasting)):
        priced_and_late(name, resources_in(stack.state), given.ENVIRONMENT)
    path.destroy(refresh=False)
    at_once(partial(drop.destroy, refresh=False), partial(mall.destroy, refresh=False))
    lasting.destroy(refresh=False)
    account.client("secretsmanager", REGION).delete_secret(SecretId=secret, ForceDeleteWithoutRecovery=True)
    assert unkept(inventory(account, REGION, GLOBAL) - before) == []
    assert swept(account, given.ENVIRONMENT, REGION) == []


@pytest.mark.parametrize(
    "variables_of", [link, *(pytest.param(each, marks=pytest.mark.long) for each in (permanent, prod, dev, event))]
)
def test_a_stack_on_its_own(new_stack, account, tmp_path, variables_of, request):
    """In another region, with other addresses and another drop; with no more rights than its build host has."""
    variables = variables_of(account, tmp_path)
    regions = {variables["region"], variables.get("replica_region", GLOBAL), GLOBAL}
    before = inventory(account, *regions)
    stack, earlier = new_stack(variables_of.__name__, variables), len(account.calls())
    stack.apply()
    made = [one for one in resources_in(stack.state) if "drift_host" not in one["address"]]  # by choice, in no bill
    if store := variables.get("edge_key_value_store_arn"):
        assert account.edge_keys(store) == [f"{variables['hostname']}/{variables['edge_place']}"]
    assert stack.drift() == ""
    calls = account.calls()[earlier:]
    ended = [*assert_drift_is_found(stack), *(each for one in made for each in parts_of_an_instance(one))]
    earlier = len(account.calls())
    tags = tags_of(account, variables["region"])
    stack.destroy(refresh=False)
    if variables_of in {event, link}:
        prod_end = variables.get("prod", {"vpc_id": "vpc-0", "security_group_id": "sg-0", "route_table_ids": ["rtb-0"]})
        of = request.getfixturevalue("terraform"), copy_of_stacks(tmp_path / "rights"), {}
        roles = rights(*of, account.number, variables["region"], {key: prod_end[key] for key in MALLS_END})
        assert refused(getattr(roles, variables_of.__name__), [*calls, *account.calls()[earlier:]], tags) == []
    left = unkept(inventory(account, *regions) - before)
    assert [each for each in left if not any(one in each for one in ended)] == []
    priced_and_late(variables_of.__name__, made, variables.get("environment_id", given.ENVIRONMENT))
    if environment := variables.get("environment_id"):
        assert swept(account, environment, variables["region"]) == []


def parts_of_an_instance(one: dict[str, Any]) -> list[str]:
    """The ids that the emulator keeps of an instance that is terminated; AWS removes them with it."""
    if one["type"] != "aws_instance":
        return []
    values = one["values"]
    disks = [each["volume_id"] for each in values["root_block_device"]]
    return [values["id"], values["primary_network_interface_id"], *disks]


def unkept(left: Iterable[str]) -> list[str]:
    """What is left, without the backups of the removed database, which RDS keeps for some days."""
    return sorted(each for each in left if "DBSnapshots rds:" not in each and ":snapshot:rds:" not in each)


def priced_and_late(name: str, made: list[dict[str, Any]], environment: str) -> None:
    """Compare what a stack made with the reference of its costs, and with the log groups that AWS may make anew."""
    if name in STACKS:
        assert differences(resources_of({"planned_values": {"root_module": {"resources": made}}})) == []
    late = late_logs.names(environment_name(UUID(environment)))
    found = {one["values"].get("name") for one in made}.intersection(late)
    assert len(found) == LATE_LOGS.get(name, 0)


def may_work(account: Account, region: str) -> None:
    """Whether the controller's pods have the role with the policies that permanent made for them."""
    asked = {"clusterName": "marketday-prod", "namespace": "marketday", "serviceAccount": "controller"}
    eks, iam = account.client("eks", region), account.client("iam")
    [found] = eks.list_pod_identity_associations(**asked)["associations"]
    named = {"clusterName": asked["clusterName"], "associationId": found["associationId"]}
    role = eks.describe_pod_identity_association(**named)["association"]["roleArn"].rpartition("/")[2]
    attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    for each in attached:
        written = iam.get_policy_version(PolicyArn=each["PolicyArn"], VersionId="v1")["PolicyVersion"]["Document"]
        assert len(json.dumps(written, separators=(",", ":"))) <= POLICY_CHARACTERS, each["PolicyName"]
    assert sorted(each["PolicyName"] for each in attached) == [
        f"marketday-controller-{part}" for part in ("hand-back", "hosts", "look", "work")
    ]


def believing(account: Account, region: str) -> list[str]:
    """Who connects to the drop database and would believe whoever answers: DMS's endpoints, and the services."""
    endpoints = account.client("dms", region).describe_endpoints()["Endpoints"]
    modes = {one["EndpointIdentifier"]: one["SslMode"] for one in endpoints}
    secrets, name = account.client("secretsmanager", region), environment_name(UUID(given.ENVIRONMENT))
    for role in ("store", "worker"):
        secret = f"{name}/{role}-database-url"
        query = urlsplit(secrets.get_secret_value(SecretId=secret)["SecretString"]).query
        modes[secret] = dict(parse_qsl(query))["sslmode"]
    assert len(modes) == 4, "two endpoints and two services"
    return [who for who, mode in modes.items() if mode != "verify-full"]


def resources_in(state: dict[str, Any]) -> list[dict[str, Any]]:
    """What a plan of the same stack lists, out of the state that it was applied to: a plan would cost another start."""
    return [
        {
            "address": f"{one['module']}.{_within(one, instance)}" if "module" in one else _within(one, instance),
            "mode": one["mode"],
            "type": one["type"],
            "values": instance["attributes"],
        }
        for one in state["resources"]
        for instance in one["instances"]
    ]


def _within(one: dict[str, Any], instance: dict[str, Any]) -> str:
    key = instance.get("index_key")
    return f"{one['type']}.{one['name']}" + ("" if key is None else f"[{json.dumps(key)}]")


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
    """What the link is told of an event plane, out of its outputs."""
    known = {**outputs["database"], "vpc_id": outputs["vpc_id"], "vpc_cidr": outputs["vpc_cidr"]}
    return {**known, "cache": {name: outputs["cache"][name] for name in ("port", "security_group_id")}}
