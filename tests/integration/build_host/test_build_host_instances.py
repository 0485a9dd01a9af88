from datetime import timedelta

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto.backends import get_backend

from marketday.environments.ports import NotYet
from marketday.kit.ids import new_id
from marketday.provisioners.terraform.ec2 import PAUSES, BuildHosts, private_address
from marketday.provisioners.terraform.errors import AccessRefused, HostUnavailable
from marketday.provisioners.terraform.model import Stack
from marketday.provisioners.terraform.ports import Starting

from .a_build_host import REGION, Later, Tampered, a_run, an_account, client, make_template

ACCOUNT = "123456789012"


@pytest.fixture
def ec2():
    with an_account():
        yield client("ec2")


@pytest.fixture
def hosts(ec2):
    return BuildHosts(ec2, [make_template(ec2)], Later())


@pytest.fixture
def run():
    return a_run(new_id(), "0" * 40)


def listed(ec2):
    return [each for group in ec2.describe_instances()["Reservations"] for each in group["Instances"]]


def let(instance_id, state):
    get_backend("ec2")[ACCOUNT][REGION].get_instance(instance_id)._state.name = state


def refusal(code, operation="RunInstances"):
    def refuse(**_):
        raise ClientError({"Error": {"Code": code, "Message": "x" * 5000}}, operation)

    return refuse


async def test_an_environment_has_one_host_found_by_its_tags(ec2, hosts, run):
    assert isinstance(await hosts.ensure(run), NotYet)
    host = await hosts.ensure(run)
    assert await hosts.ensure(a_run(run.environment_id, "1" * 40)) == host
    other = a_run(new_id(), "0" * 40)
    await hosts.ensure(other)
    assert (await hosts.ensure(other)).id != host.id
    assert len(listed(ec2)) == 2
    tags = {each["Key"]: each["Value"] for each in listed(ec2)[0]["Tags"]}
    assert tags["Name"] == f"md-{run.environment_id.hex[-8:]}-build-host"
    assert tags["marketday:environment"] == str(run.environment_id)


async def test_an_instance_that_somebody_tagged_like_ours_is_neither_used_nor_terminated(ec2, hosts, run):
    theirs = BuildHosts(ec2, [make_template(ec2)], Later())
    await theirs.ensure(run)  # with the same tags, but not from our template
    assert await hosts.find(run.environment_id, run.stack) is None
    await hosts.ensure(run)
    assert (await hosts.ensure(run)).id == listed(ec2)[1]["InstanceId"]
    await hosts.end(run.environment_id)
    assert [each["State"]["Name"] for each in listed(ec2)] == ["running", "terminated"]


async def test_an_answer_without_the_instance_does_not_prove_that_it_is_gone(ec2):
    silent = BuildHosts(Tampered(ec2, describe_instances=lambda **_: {"Reservations": []}), ["lt-1"], Later())
    assert not await silent.gone("i-0abc")
    assert await BuildHosts(ec2, ["lt-1"], Later()).gone("i-0123456789abcdef0")


async def test_a_link_has_a_host_of_its_own_with_the_template_whose_role_may_open_it(ec2):
    hosts = BuildHosts(ec2, [make_template(ec2)], Later(), link_templates=[make_template(ec2, "t3.medium")])
    event = a_run(new_id(), "0" * 40)
    link = a_run(event.environment_id, "0" * 40, stack=Stack.LINK)
    for run in (event, link):
        await hosts.ensure(run)
    assert (await hosts.ensure(event)).id != (await hosts.ensure(link)).id
    assert [each["InstanceType"] for each in listed(ec2)] == ["t3.small", "t3.medium"]
    assert (await hosts.find(link.environment_id, Stack.LINK)) == await hosts.ensure(link)
    await hosts.end(event.environment_id, Stack.LINK)
    assert [each["State"]["Name"] for each in listed(ec2)] == ["running", "terminated"]
    await hosts.end(event.environment_id)
    assert {each["State"]["Name"] for each in listed(ec2)} == {"terminated"}


async def test_it_is_reached_inside_the_network(ec2, hosts, run):
    await hosts.ensure(run)
    host = await hosts.ensure(run)
    assert (host.address, host.port) == private_address(listed(ec2)[0])
    assert host.address.startswith("10.")


async def test_a_host_that_ended_is_followed_by_a_new_one_with_another_token(ec2, run):
    tokens = []

    def run_instances(**arguments):
        tokens.append(arguments["ClientToken"])
        return ec2.run_instances(**arguments)

    clock = Later()
    hosts = BuildHosts(Tampered(ec2, run_instances=run_instances), [make_template(ec2)], clock)
    await hosts.ensure(run)
    await hosts.end(run.environment_id)
    clock.more += PAUSES[0]
    await hosts.ensure(run)
    assert len(set(tokens)) == 2


async def test_what_is_not_listed_yet_is_asked_for_with_the_same_token(ec2, run):
    tokens = []

    def run_instances(**arguments):
        tokens.append(arguments["ClientToken"])
        return ec2.run_instances(**arguments)

    blind = Tampered(ec2, run_instances=run_instances, describe_instances=lambda **_: {"Reservations": []})
    hosts = BuildHosts(blind, [make_template(ec2)], Later())
    await hosts.ensure(run)
    await hosts.ensure(run)
    assert tokens[0] == tokens[1]


async def test_all_hosts_end_also_a_stopped_one_and_those_of_others_stay(ec2, run):
    clock = Later()
    hosts = BuildHosts(ec2, [make_template(ec2)], clock)
    await hosts.ensure(run)
    let(listed(ec2)[0]["InstanceId"], "stopped")
    clock.more += PAUSES[0]
    await hosts.ensure(run)
    await hosts.ensure(a_run(new_id(), "0" * 40))
    await hosts.end(run.environment_id)
    assert [each["State"]["Name"] for each in listed(ec2)] == ["terminated", "terminated", "running"]
    assert await hosts.find(run.environment_id) is None


async def test_a_host_that_stays_pending_is_told_after_ten_minutes(ec2, hosts, run):
    await hosts.ensure(run)
    name = listed(ec2)[0]["InstanceId"]
    let(name, "pending")
    assert await hosts.ensure(run) == Starting(f"build host {name} is pending", host=name)
    hosts._clock.more = timedelta(minutes=10)
    with pytest.raises(HostUnavailable, match=f"{name} is pending since"):
        await hosts.ensure(run)


@pytest.mark.parametrize("state", ["running", "pending", "stopped"])
async def test_a_host_that_outlives_its_four_hours_is_ended_from_here(ec2, run, state):
    tokens = []

    def run_instances(**arguments):
        tokens.append(arguments["ClientToken"])
        return ec2.run_instances(**arguments)

    hosts = BuildHosts(Tampered(ec2, run_instances=run_instances), [make_template(ec2)], Later())
    await hosts.ensure(run)
    let(listed(ec2)[0]["InstanceId"], state)
    await hosts.ensure(other := a_run(new_id(), "0" * 40))
    hosts._clock.more = timedelta(hours=4)
    assert await hosts.find(run.environment_id) is None
    assert [each["State"]["Name"] for each in listed(ec2)] == ["terminated", "running"]
    with pytest.raises(HostUnavailable):  # a new one, which the emulator launches at the true time, four hours ago
        await hosts.ensure(other)
    assert [each["State"]["Name"] for each in listed(ec2)] == ["terminated", "terminated", "running"]
    assert len(set(tokens)) == 3


@pytest.mark.parametrize("checked", ["initializing", "impaired", None])
async def test_a_host_is_used_when_both_status_checks_are_ok(ec2, run, checked):
    shown = [{"InstanceStatus": {"Status": "ok"}, "SystemStatus": {"Status": checked}}] if checked else []
    clock, template = Later(), make_template(ec2)
    asked = Tampered(ec2, describe_instance_status=lambda **_: {"InstanceStatuses": shown})
    hosts = BuildHosts(asked, [template], clock, lambda _: ("127.0.0.1", 22))
    await hosts.ensure(run)
    if checked != "impaired":
        assert (await hosts.ensure(run)).reason.endswith("is initializing")
        clock.more = timedelta(minutes=10)
    with pytest.raises(HostUnavailable, match=r"i-\w+ at 127.0.0.1:22: its status is i"):
        await hosts.ensure(run)
    assert await BuildHosts(ec2, [template], clock).ensure(run)


async def test_a_role_that_may_not_is_told_which_action(ec2, run):
    hosts = BuildHosts(Tampered(ec2, run_instances=refusal("UnauthorizedOperation")), ["lt-1"], Later())
    with pytest.raises(AccessRefused, match="ec2:RunInstances was refused with UnauthorizedOperation") as raised:
        await hosts.ensure(run)
    assert len(raised.value.detail) < 500


async def test_no_capacity_and_no_answer_may_go_away(ec2, run):
    hosts = BuildHosts(Tampered(ec2, run_instances=refusal("InsufficientInstanceCapacity")), ["lt-1"], Later())
    with pytest.raises(HostUnavailable, match="ec2:RunInstances: InsufficientInstanceCapacity"):
        await hosts.ensure(run)

    def silent(**_):
        raise EndpointConnectionError(endpoint_url="https://ec2.invalid")

    hosts = BuildHosts(Tampered(ec2, describe_instances=silent), ["lt-1"], Later())
    with pytest.raises(HostUnavailable, match="ec2:describe_instances: Could not connect"):
        await hosts.ensure(run)
