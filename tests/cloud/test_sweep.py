"""The sweep in an account with one of everything: this environment's, another's, nobody's."""

from collections import Counter
from types import SimpleNamespace
from uuid import UUID

import boto3
import pytest

from marketday.provisioners.sweep.aws import AwsSweep
from marketday.provisioners.sweep.errors import SweepUnproven
from marketday.provisioners.sweep.late_logs import names
from marketday.provisioners.terraform.model import environment_name

from .emulated import REGION
from .things import KINDS, make_base, settle

MINE, OTHER = UUID("01970000-0000-7000-8000-00001234abcd"), UUID("01970000-0000-7000-8000-0000feedbeef")
SLUG = "spring"
SESSION = boto3.Session()  # reading the models of all services takes seconds
# Listings that moto refuses, of what nobody can make in the emulator.
UNLISTED = (
    "rds.DescribeOptionGroups",
    "rds.DescribeDBClusterAutomatedBackups",
    "elasticache.DescribeUserGroups",
    "elasticache.DescribeServerlessCaches",
)
# What comes into being with something else: a network's own parts, a machine's, a database's.
ACCOMPANYING = {
    "DNS record",
    "automated backup",
    "cache node",
    "database snapshot",
    "network ACL",
    "network interface",
    "route table",
    "security group",
    "topic",
    "volume",
}


def sweep_of(account, *regions):
    signed = {"aws_access_key_id": account.number, "aws_secret_access_key": "testing"}
    for region in regions or (REGION,):  # moto furnishes a region at its first call, and must not be asked meanwhile
        account.client("ec2", region).describe_snapshots(OwnerIds=["self"])

    def client(service, **options):
        made = SESSION.client(service, endpoint_url=account.aws.url, **signed, **options)
        for call in UNLISTED:
            made.meta.events.register(f"before-call.{call}", lambda **_: (SimpleNamespace(status_code=200), {}))
        return made

    return AwsSweep(client, regions or (REGION,))


def tags_of(environment):
    return {"marketday:environment": str(environment), "marketday:drop": SLUG, "marketday:stack": "event"}


def named_and_tagged(environment):
    """Two things of an environment: one that only its name tells, and one that only its tags tell."""
    name = environment_name(environment)
    return [(f"{name}-x", {}), (f"tagged-{name[-4:]}", tags_of(environment))]


def made(account, base, names_and_tags):
    """Make one of each kind for each name; return what removes them, youngest first."""
    return [
        kind.made(account, base, name, tags)
        for kind in KINDS
        for name, tags in names_and_tags
        if kind.takes_tags or not tags
    ][::-1]


async def test_a_sweep_finds_one_of_everything_and_nothing_of_another(account):
    base = make_base(account)
    longer = [(f"{environment_name(MINE)}e0", {})]
    ours = made(account, base, named_and_tagged(MINE))
    theirs = made(account, base, [*named_and_tagged(OTHER), *longer])
    sweep = sweep_of(account)

    left = await sweep.leftovers(MINE, SLUG)
    found, wanted = Counter(each.kind for each in left), Counter({kind.name: 1 + kind.takes_tags for kind in KINDS})
    assert wanted - found == Counter()
    assert (found - wanted).keys() <= ACCOMPANYING
    of_another = await sweep.leftovers(OTHER, SLUG)
    assert {str(each) for each in left}.isdisjoint(str(each) for each in of_another)
    assert Counter(each.kind for each in of_another) == found

    for remove in ours:
        remove()
    settle(account, environment_name(MINE), MINE)
    still = await sweep.leftovers(MINE, SLUG)
    assert [str(each) for each in still if each.blocks] == []
    assert {each.kind for each in still} == {"key", "task definition"}
    for remove in theirs:
        remove()


async def test_every_region_is_swept_and_a_secret_blocks_while_it_waits_for_its_deletion(account):
    account.client("sqs", "ap-northeast-1").create_queue(QueueName="by-hand", tags=tags_of(MINE))
    account.client("iam").create_role(RoleName=environment_name(MINE), AssumeRolePolicyDocument="{}")
    secrets = account.client("secretsmanager")
    secrets.create_secret(Name="md-1234abcd/mall", SecretString="-")
    secrets.delete_secret(SecretId="md-1234abcd/mall", RecoveryWindowInDays=7)
    left = await sweep_of(account, REGION, "ap-northeast-1").leftovers(MINE)
    assert [(each.kind, each.region, each.blocks) for each in left] == [
        ("queue", "ap-northeast-1", True),
        ("secret", REGION, True),
        ("role", "global", True),
    ]
    assert "secret md-1234abcd/mall in ap-northeast-2 (by its name, in deletion, gone by" in str(left[1])


async def test_log_groups_that_came_back_are_removed_and_no_others(account):
    logs, late = account.client("logs"), names(environment_name(MINE))
    others = [*names(environment_name(OTHER)), f"{environment_name(MINE)}/gate", f"{late[0]}.old"]
    for name in (*late, *others):
        logs.create_log_group(logGroupName=name)
    tagged = late[-1]
    logs.tag_log_group(logGroupName=tagged, tags=tags_of(MINE))
    sweep = sweep_of(account)
    assert {*late, others[-2], others[-1]} == {each.id for each in await sweep.leftovers(MINE)}
    assert await sweep.remove_late_logs(MINE) == list(late[:-1])
    there = {group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]}
    assert there == {tagged, *others}
    assert {tagged, others[-2], others[-1]} == {each.id for each in await sweep.leftovers(MINE)}


async def test_each_question_is_asked_once_and_a_refusal_proves_nothing(account):
    sweep = sweep_of(account)
    assert await sweep.leftovers(MINE, SLUG) == []
    asked = [(call["service"], call["region"], call["action"], call["request"]) for call in account.calls()]
    # The first one was ours, see sweep_of.
    assert Counter(asked[1:]) - Counter(set(asked[1:])) == Counter()
    account.fail("ecr", "DescribeRepositories", "AccessDeniedException", message="not allowed", times=None)
    with pytest.raises(SweepUnproven, match="ecr:DescribeRepositories in ap-northeast-2: AccessDeniedException"):
        await sweep.leftovers(MINE)
