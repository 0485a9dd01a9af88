"""What others report most as left over: planted, found, and told with what to do; and nothing of anybody else."""

from uuid import UUID

import jmespath
import pytest
from botocore.exceptions import ClientError

from marketday.provisioners.sweep.advice import VERSIONS
from marketday.provisioners.terraform.model import environment_name

from .left_behind import interface, leave, make_group, network, run_commands
from .test_sweep import sweep_of, tags_of

MINE, OTHER = UUID("01970000-0000-7000-8000-00001234abcd"), UUID("01970000-0000-7000-8000-0000feedbeef")
NAME = environment_name(MINE)
BLOCKED = ("InvalidRequestException", "ResourceExistsException")  # as AWS says, as moto says
MALL = {"marketday:stack": "prod", "marketday:plane": "marketday-prod"}


@pytest.fixture
def mall(account):
    """The mall's network, in which DMS works; and the instance of another window's replication."""
    return network(account, MALL, "marketday-prod")


async def test_the_seven_are_found_and_each_says_what_to_do_and_nothing_of_a_neighbour_is(account, mall):
    left = leave(account, NAME, tags_of(MINE), mall)
    others = [
        leave(account, environment_name(OTHER), tags_of(OTHER), mall),
        leave(account, f"{NAME}e0", {}, mall),  # its name begins with ours
    ]
    sweep = sweep_of(account)
    found = {each.id: each for each in await sweep.leftovers(MINE, "spring")}
    assert {left[name] for name in left} <= found.keys()
    assert found.keys().isdisjoint({each[name] for each in others for name in each})
    assert {name for name in left if found[left[name]].advice} == {
        *("of_dms", "of_lambda", "secret", "service", "bucket", "snapshot", "cache", "cache_subnets")
    }
    assert all(found[left[name]].blocks for name in left)
    assert {each.id for each in found.values() if each.passes} == {left["of_dms"], left["of_lambda"]}
    told = {name: str(found[id_]) for name, id_ in left.items()}
    assert f"(with {left['link']}, available): DMS made it; it costs nothing" in told["of_dms"]
    assert f"(in {left['vpc']}, in-use): Lambda made it for the function {left['function']};" in told["of_lambda"]
    assert "gone by" in told["secret"]
    assert "nobody can make a secret of this name" in told["secret"]
    assert "DRAINING): its tasks cost until they have stopped" in told["service"]
    assert f"make the role arn:aws:iam::{account.number}:role/{NAME}-ecs again" in told["service"]
    assert "it may be evidence" in told["bucket"]
    assert f"named {NAME}, available): somebody made it" in told["snapshot"]
    assert "creating): it costs by the hour, also if Terraform does not know it" in told["cache"]


def emptied(account, bucket):
    """What the advice says about a bucket needs a shell; its query is run as it stands."""
    s3 = account.client("s3")
    listed = s3.list_object_versions(Bucket=bucket)
    assert refused(s3.delete_bucket, Bucket=bucket) == "BucketNotEmpty"
    s3.delete_objects(Bucket=bucket, Delete=jmespath.search(VERSIONS, listed))


def refused(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]


async def test_what_is_told_can_be_done_and_then_nothing_holds_the_rest(account, mall):
    left = leave(account, NAME, tags_of(MINE), mall)
    theirs = leave(account, environment_name(OTHER), tags_of(OTHER), mall)
    ec2, ecs = account.client("ec2"), account.client("ecs")
    assert refused(ec2.delete_security_group, GroupId=left["link"]) == "DependencyViolation"
    assert refused(ec2.delete_subnet, SubnetId=left["subnet"]) == "DependencyViolation"
    assert refused(ecs.delete_cluster, cluster=NAME) == "ClusterContainsServicesException"
    assert refused(account.client("secretsmanager").create_secret, Name=left["secret"]) in BLOCKED
    sweep = sweep_of(account)
    advised = {each.id: each.advice for each in await sweep.leftovers(MINE) if each.advice}

    # What waits first: the function leaves the network, the role is made again, the cache is ready.
    account.client("lambda").delete_function(FunctionName=left["function"])
    account.client("iam").create_role(RoleName=f"{NAME}-ecs", AssumeRolePolicyDocument="{}")
    ecs.describe_services(cluster=NAME, services=[f"{NAME}-store"])
    account.set_cache(NAME, "available")
    emptied(account, left["bucket"])
    advised |= {each.id: each.advice for each in await sweep.leftovers(MINE) if each.kind == "network interface"}
    named = ("of_dms", "of_lambda", "secret", "snapshot", "cache", "cache_subnets")
    done = [run_commands(account, advised[left[name]]) for name in named]
    assert done == [
        ["delete-network-interface"],
        ["delete-network-interface"],
        ["delete-secret"],
        ["delete-db-snapshot"],
        ["wait replication-group-available", "delete-replication-group"],
        ["delete-cache-subnet-group"],
    ]

    ec2.delete_security_group(GroupId=left["link"])
    ec2.delete_security_group(GroupId=left["group"])
    ec2.delete_subnet(SubnetId=left["subnet"])
    ecs.delete_cluster(cluster=NAME)
    account.client("s3").delete_bucket(Bucket=left["bucket"])
    account.client("iam").delete_role(RoleName=f"{NAME}-ecs")
    account.client("ecs").deregister_task_definition(taskDefinition=f"{NAME}-store:1")
    ec2.delete_vpc(VpcId=left["vpc"])
    assert [str(each) for each in await sweep.leftovers(MINE) if each.blocks] == []
    there = {each.id for each in await sweep.leftovers(OTHER)}
    assert set(theirs.values()) <= there


async def test_what_others_have_in_ours_is_told_and_not_taken_for_ours(account, mall):
    own = network(account, tags_of(MINE), f"{NAME}-app")
    link = make_group(account, mall["vpc"], f"{NAME}-link", tags_of(MINE))
    strangers = {
        interface(account, own["subnet"], [own["group"]], "by hand", **tags_of(OTHER)): f"{own['group']}, {own['vpc']}",
        interface(account, mall["subnet"], [link, mall["group"]], "RDSNetworkInterface"): link,
        interface(account, mall["subnet"], [link], "a pod", **MALL): link,
    }
    harmless = [
        interface(account, mall["subnet"], [mall["group"]], "DMSNetworkInterface"),
        interface(account, mall["subnet"], [mall["group"]], "of the mall", **MALL),
    ]
    sweep = sweep_of(account)
    found = {each.id: each for each in await sweep.leftovers(MINE)}
    assert found.keys().isdisjoint(harmless)
    for name, held in strangers.items():
        first = held.partition(",")[0]
        assert f"(in or with {held}, available): not ours, so do not remove it; {first} cannot" in str(found[name])
    assert {each.id for each in await sweep.things(MINE)}.isdisjoint(strangers), "nothing of them is taken over"


async def test_a_neighbours_cache_that_is_being_made_proves_nothing_and_stops_nothing(account):
    other, cache = environment_name(OTHER), account.client("elasticache")
    for name in (other, "by-hand"):
        cache.create_replication_group(
            ReplicationGroupId=name,
            ReplicationGroupDescription="-",
            NumCacheClusters=2,
            CacheNodeType="cache.t4g.micro",
            AutomaticFailoverEnabled=True,
            Tags=[{"Key": key, "Value": value} for key, value in tags_of(MINE if name == "by-hand" else OTHER).items()],
        )
        account.set_cache(name, "creating")
    left = await sweep_of(account).leftovers(MINE)
    assert [(each.id, each.detail) for each in left if each.kind == "cache"] == [("by-hand", "creating")], (
        "its tags are known from the tagging API"
    )
