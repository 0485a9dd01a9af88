"""The chain of `test_chain_story.py` with other links broken in turn, and a stand-in for Terraform.

Every start of the real one costs seconds. What can be wrong with keys and the way in is tried in `test_chain_ssh.py`.
"""

import asyncio
import json
import os
import signal
import socket
from pathlib import Path

import pytest

from marketday.environments.errors import UnknownEnvironment
from marketday.environments.model import State, Step
from marketday.provisioners.sweep.finders import FINDERS
from marketday.testing.terraform_program import StandIn

from .build_host import a_machine, make_keys, repository_of
from .chain_stacks import EVENT, LOCKED
from .lifecycle_account import FACTS, STACK, Chain, Killed, a_slack
from .sshd import LOOPBACK

PLANNED = ["init", "state", "plan", "show"]
APPLIED = ["init", "state", "apply", "output"]


@pytest.fixture
def quick_sweep(monkeypatch):
    """Look for build hosts and schedules alone."""
    few = [each for each in FINDERS if each.kind in ("instance", "schedule")]
    assert len(few) == 2
    for known in ("aws.FINDERS", "tagging.PLANE_FINDERS"):
        monkeypatch.setattr(f"marketday.provisioners.sweep.{known}", few)


@pytest.fixture(scope="module")
def tools(tmp_path_factory):
    return StandIn(tmp_path_factory.mktemp("tools"))


@pytest.fixture(scope="module")
def standing(aws, tools, tmp_path_factory):
    """A chain whose Terraform is a stand-in."""
    account, folder = aws.account(), tmp_path_factory.mktemp("chain")
    repository, commit = repository_of(folder / "theirs", "infra/terraform/event/main.tf", EVENT)
    settings = {**account.environment, "PATH": f"{tools.folder}:{os.environ['PATH']}"}
    public = asyncio.run(make_keys(account))
    with a_slack() as slack, a_machine(account, folder, public, settings) as machine:
        yield Chain(machine, str(repository), commit, slack)


@pytest.fixture
def chain(standing, wired, quick_sweep, tools):
    """The same, with nothing said or asked yet."""
    standing.slack.got.clear()
    standing.clock.more *= 0
    tools.forget()
    return wired(standing)


def no_machine(chain, tools):
    chain.machine.account.fail("ec2", "RunInstances", "InsufficientInstanceCapacity", times=None)
    return chain.machine.account.heal


def silent_host(chain, tools):
    sshd, port = chain.machine.sshd, chain.machine.sshd.port
    mute = socket.socket()
    mute.bind((LOOPBACK, 0))
    sshd.port = mute.getsockname()[1]

    def mend():
        sshd.port = port
        mute.close()

    return mend


def no_clone(chain, tools):
    there = Path(chain.variables["MARKETDAY_REPOSITORY_URL"])
    there.rename(there.with_name("away"))
    return lambda: there.with_name("away").rename(there)


def failing_resource(chain, tools):
    return tools.fails("apply", "Error: creating RDS instance: InsufficientDBInstanceCapacity\n")


def locked_state(chain, tools):
    return tools.fails("plan", LOCKED)


def no_facts(chain, tools):
    chain.put_parameter(STACK, {key: value for key, value in FACTS.items() if key != "hostname"})
    return lambda: chain.put_parameter(STACK, FACTS)


@pytest.mark.parametrize(
    ("broken", "words", "runs"),
    [
        (no_machine, ["ec2:RunInstances: InsufficientInstanceCapacity"], 2),
        pytest.param(no_clone, ["clone: "], 3, marks=pytest.mark.long),
        (failing_resource, ["apply: creating RDS instance: InsufficientDBInstanceCapacity", "s3://"], 4),
        pytest.param(
            locked_state,
            ["event force-unlock 6d8f4f0e-0f4e-4f0a-9a53-0123456789ab"],
            3,
            marks=pytest.mark.long,
        ),
        pytest.param(no_facts, [f"{STACK}: hostname: Field required"], 2, marks=pytest.mark.long),
    ],
)
def test_a_broken_link_is_told_once_and_retrying_goes_on_from_there(chain, tools, broken, words, runs):
    drop = chain.request(broken.__name__.replace("_", "-"), hours=12)
    chain.clock.reach(drop.day.build_at)
    mend = broken(chain, tools)
    try:
        drop.wake_until(state=State.FAILED)
        drop.wake()
        [told] = chain.slack.said("failed")
    finally:
        mend()
    for part in (*words, str(drop.id), f"marketday env retry {drop.id}"):
        assert part in told
    assert "PRIVATE" not in told
    assert chain.slack.said("recovered") == []
    drop.retry()
    record = drop.wake_until(step=Step.PROVISION)
    assert record.outputs["public_url"] == "https://event.example.com"
    assert len(chain.slack.said("failed")) == len(chain.slack.said("recovered")) == 1
    assert len(drop.runs) == runs
    assert drop.instances("pending", "running") == []
    assert tools.calls.count("output") == 1
    drop.to_the_end()
    assert drop.schedules == {}
    assert drop.instances("pending", "running") == []


def test_a_silent_host_is_followed_by_another_and_nobody_is_told(chain, tools):
    drop = chain.request("silent-for-once")
    chain.clock.reach(drop.day.build_at)
    mend = silent_host(chain, tools)
    drop.wake()
    chain.clock.pass_(minutes=10)
    drop.wake()
    mend()
    chain.clock.pass_(seconds=2)
    drop.wake_until(step=Step.PROVISION)
    assert chain.slack.said("failed") == chain.slack.said("recovered") == []
    assert (len(drop.instances()), drop.instances("pending", "running")) == (2, [])
    assert tools.calls == [*PLANNED, *APPLIED]
    assert drop.runs == [("plan", "done"), ("apply", "done")]
    drop.to_the_end()


def test_hosts_that_do_not_stay_are_few_are_told_of_at_the_third_and_stop_the_day_at_the_fifth(chain, tools):
    drop = chain.request("no-host-stays", hours=12)
    chain.clock.reach(drop.day.build_at)
    started = []
    for _ in range(40):
        came = drop.wake()
        started.append(len(drop.instances()))
        assert started[-1] >= 3 or chain.slack.said("is in trouble") == []
        if came["state"] == "failed":
            break
        for each in drop.instances("pending", "running"):
            chain.machine.client("ec2").terminate_instances(InstanceIds=[each["InstanceId"]])
        chain.clock.pass_(minutes=1)
    assert started[-1] == 5
    [told] = chain.slack.said("is in trouble")
    assert "3 build hosts were terminated while they started" in told
    [told] = chain.slack.said("failed")
    assert "5 build hosts were terminated while they started" in told
    assert f"marketday env retry {drop.id}" in told
    drop.retry()
    drop.wake_until(step=Step.PROVISION)
    assert drop.runs == [("plan", "failed"), ("plan", "done"), ("apply", "done")]
    assert len(drop.instances()) == 6
    drop.to_the_end()


def test_a_host_that_hangs_under_its_run_is_ended_after_four_hours_and_a_retry_plans_anew(chain, tools):
    drop = chain.request("hangs", hours=12)
    chain.clock.reach(drop.day.build_at)
    goes_on = tools.hangs("plan")
    while not tools.hung:
        drop.wake()
    assert drop.runs == [("plan", "running")]
    for process in tools.hung:
        os.kill(process, signal.SIGKILL)  # as it is with all of a machine that hangs
    goes_on()
    mend = silent_host(chain, tools)
    chain.clock.pass_(minutes=11)
    drop.wake_until(state=State.FAILED)
    [told] = chain.slack.said("failed")
    assert "does not answer SSH" in told
    [hanging] = drop.instances("running")
    mend()
    chain.clock.pass_(hours=4)
    drop.retry()
    drop.wake()
    assert drop.runs == [("plan", "failed")]
    assert drop.instances("pending", "running") == []
    drop.wake_until(step=Step.PROVISION)
    assert drop.runs == [("plan", "failed"), ("plan", "done"), ("apply", "done")]
    assert hanging["InstanceId"] in [each["InstanceId"] for each in drop.instances("terminated")]
    drop.to_the_end()


def test_with_slack_down_the_failure_is_told_later_and_once(chain, tools):
    drop = chain.request("slack-down")
    chain.clock.reach(drop.day.build_at)
    chain.slack.down = True
    mend = failing_resource(chain, tools)
    drop.wake_until(state=State.FAILED)
    assert chain.slack.got == []
    chain.slack.down = False
    for _ in range(3):
        chain.clock.pass_(minutes=1)
        drop.wake()
    assert len(chain.slack.said("failed")) == 1
    mend()
    drop.retry()
    drop.wake_until(step=Step.PROVISION)
    assert len(chain.slack.said("recovered")) == 1
    drop.to_the_end()


def test_killed_at_each_call_in_turn_it_goes_on_and_nothing_is_doubled(chain, tools):
    drop = chain.request("killed")
    chain.clock.reach(drop.day.build_at)
    assert killed_in_turn(drop, Step.PROVISION) > 5
    assert tools.calls == [*PLANNED, *APPLIED]
    assert drop.runs == [("plan", "done"), ("apply", "done")]
    assert len(drop.instances()) == 1
    drop.to_its_last_hour()
    assert killed_in_turn(drop, Step.DESTROY) > 5
    if drop.schedules:  # killed between the record of the end and the removal of what still calls
        drop.wake()
    assert tools.calls == [*PLANNED, *APPLIED, "init", "destroy"]
    assert drop.runs[-1] == ("destroy", "done")
    assert chain.slack.said("failed") == []
    assert drop.schedules == {}
    assert drop.instances("pending", "running") == []


def killed_in_turn(drop, step):
    """Let the function be killed before its first call, then before its second, and so on until `step` is done."""
    chain, deaths = drop.chain, 0
    while step not in drop.record.done:
        chain.life.left = deaths
        try:
            drop.wake()
            drop.run_ends()
            chain.clock.pass_(seconds=31)  # the longest pause between two attempts
        except Killed:
            deaths += 1
            chain.clock.pass_(seconds=91)  # its lease ends
        finally:
            chain.life.left = None
        assert drop.record.state is not State.FAILED, drop.record.failure
    return deaths


def test_if_the_run_table_has_lost_an_environment_the_function_fails_until_it_is_restored(chain):
    drop = chain.request("unknown")
    schedules, key = drop.schedules, {"pk": {"S": "environment"}, "sk": {"S": str(drop.id)}}
    table = chain.machine.client("dynamodb")
    lost = table.get_item(TableName="marketday-runs", Key=key)["Item"]
    table.delete_item(TableName="marketday-runs", Key=key)
    with pytest.raises(UnknownEnvironment):  # an error of the function, of which an alarm tells
        drop.wake()
    assert schedules
    assert drop.schedules == schedules
    table.put_item(TableName="marketday-runs", Item=lost)
    assert json.dumps(drop.wake())
