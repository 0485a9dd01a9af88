"""The Terraform provisioner over a scripted host: which runs it asks for, and what it refuses."""

import json
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Network

import pytest

from marketday.environments.errors import NoReceipt, NotBuilt
from marketday.environments.model import Step
from marketday.environments.ports import NotYet
from marketday.kit.ids import new_id
from marketday.provisioners.sweep.model import Leftover
from marketday.provisioners.terraform import provisioner
from marketday.provisioners.terraform.errors import (
    HostUnavailable,
    InvalidFacts,
    NoHostStays,
    PlanOutdated,
    PlanRemoves,
    RunFailed,
    RunLost,
    StateLocked,
)
from marketday.provisioners.terraform.facts import StackFacts
from marketday.provisioners.terraform.model import Action, Change, Exit, RunOutcome, RunState, Stack
from marketday.provisioners.terraform.variables import choose_network

from .scripted_world import DAY, DROP, FACTS, World


@pytest.fixture(autouse=True)
def look_again_at_once(monkeypatch):
    monkeypatch.setattr(provisioner, "_LOOK_AGAIN_SECONDS", 0.001)


@pytest.fixture
def world():
    return World()


async def test_a_stack_is_planned_and_then_that_very_plan_is_applied(world):
    environment = await world.new()
    assert (await world.provisioner.apply(environment)).reason == "terraform: plan"
    outputs = await world.until_done(world.provisioner.apply, environment)
    assert outputs["public_url"] == "https://event.example"
    plan, apply = world.host.begun
    assert (plan.action, apply.action, apply.plan_of) == (Action.PLAN, Action.APPLY, plan.id)
    assert await world.provisioner.apply(environment) == outputs
    assert len(world.host.begun) == 2


async def test_a_plan_is_shown_and_kept(world):
    environment = await world.new()
    *lines, last = await world.provisioner.plan(environment)
    assert lines == ["+ aws_vpc.this"]
    assert last.startswith("1 to add, 0 to change, 0 to remove; the plan is kept as run ")
    await world.until_done(world.provisioner.apply, environment)
    assert [run.action for run in world.host.begun] == [Action.PLAN, Action.APPLY]


async def test_whoever_is_killed_between_two_steps_is_followed_and_nothing_is_doubled(world):
    environment = await world.new()
    world.host.trouble = {
        "begin": [HostUnavailable("killed"), HostUnavailable("killed again")],
        "outcome": [HostUnavailable("killed"), HostUnavailable("killed")],
    }
    killed = 0
    while True:
        try:
            if not isinstance(await world.provisioner.apply(environment), NotYet):
                break
        except HostUnavailable:
            killed += 1
    assert killed == 4
    assert [run.action for run in world.host.begun] == [Action.PLAN, Action.APPLY]
    assert len(await world.runs.of_environment(environment.id)) == 2


@pytest.mark.parametrize(
    ("outcome", "error", "words"),
    [
        (
            RunOutcome(Exit.CLONE, "fatal: repository not found", "s3://log"),
            RunFailed,
            "clone: fatal: repository not found",
        ),
        (
            RunOutcome(Exit.APPLY, "x\n│ Error: creating RDS: no quota\n│ \n", "s3://log"),
            RunFailed,
            "apply: creating RDS",
        ),
        (
            RunOutcome(
                Exit.PLAN, "│ Error: Error acquiring the state lock\n│ Lock Info:\n│   ID:        6a1f-9\n", "l"
            ),
            StateLocked,
            "lock 6a1f-9; plan: Error acquiring the state lock",
        ),
        (RunOutcome(Exit.OUTDATED, "Error: the plan was made of state 3", "l"), PlanOutdated, "made of state 3"),
    ],
)
async def test_a_run_that_fails_says_why_and_a_retry_plans_anew(world, outcome, error, words):
    environment = await world.new()
    world.host.ends = [outcome]
    with pytest.raises(error) as raised:
        await world.until_done(world.provisioner.apply, environment)
    assert words in raised.value.detail
    assert f"the log is {outcome.log_place}" in raised.value.detail
    await world.until_done(world.provisioner.apply, environment)
    assert [run.action for run in world.host.begun] == [Action.PLAN, Action.PLAN, Action.APPLY]


async def test_a_run_that_is_lost_is_recorded_as_failed_and_followed_by_another(world):
    environment = await world.new()
    world.host.trouble = {"outcome": [RunLost("the host is gone")]}
    with pytest.raises(RunLost):
        await world.provisioner.apply(environment)
    [lost] = await world.runs.of_environment(environment.id)
    assert lost.detail == "lost: the host is gone"
    await world.until_done(world.provisioner.apply, environment)


async def test_what_has_opened_loses_nothing_to_a_plan(world):
    environment = await world.new()
    world.host.changes = [Change("aws_db_instance.this", ("delete", "create")), Change("aws_vpc.this", ("update",))]
    opened = replace(environment, done=frozenset({Step.OPEN}))
    with pytest.raises(PlanRemoves, match=r"-/\+ aws_db_instance\.this"):
        await world.until_done(world.provisioner.apply, opened)
    await world.until_done(world.provisioner.apply, environment)


async def test_without_a_genuine_receipt_nothing_is_touched(world):
    environment = await world.new()
    await world.until_done(world.provisioner.apply, environment)
    with pytest.raises(NoReceipt):
        await world.provisioner.destroy(environment, "receipt of another")
    assert Action.DESTROY not in {run.action for run in world.host.begun}


async def test_the_link_goes_before_the_environment_and_the_host_last(world):
    environment = await world.new()
    await world.until_done(world.provisioner.apply, environment)
    await world.until_done(world.provisioner.open_link, environment)
    assert await world.until_done(world.provisioner.destroy, environment, f"receipt of {environment.id}") is None
    assert world.asked()[-2:] == [(Stack.LINK, Action.DESTROY), (Stack.EVENT, Action.DESTROY)]
    both = [Stack.EVENT, Stack.LINK]
    released = [*both, *reversed(both), None]  # after two applies and two destroys, and all at the end
    assert world.host.released == [(environment.id, stack) for stack in released]
    before = len(world.host.begun)
    await world.provisioner.destroy(environment, f"receipt of {environment.id}")
    assert len(world.host.begun) == before
    with pytest.raises(NotBuilt):
        await world.provisioner.access(environment)


async def test_a_link_comes_and_goes_for_each_window(world):
    environment = await world.new()
    await world.until_done(world.provisioner.apply, environment)
    for _ in range(2):
        await world.until_done(world.provisioner.open_link, environment)
        world.clock.advance(600)
        await world.until_done(world.provisioner.open_link, environment)  # it stands: nothing is asked
        await world.provisioner.close_link(environment)
        await world.provisioner.keep_up(environment)
    links = [run for run in world.host.begun if run.stack is Stack.LINK]
    assert [run.action for run in links] == [Action.PLAN, Action.APPLY, Action.DESTROY] * 2
    until = links[0].variables["expires_at"]
    assert until == f"{DAY.build_at + timedelta(hours=23):%Y-%m-%dT%H:%M:%SZ}"
    assert links[0].variables["staging_schema"] == f"drop_{environment.id.hex[-8:]}"
    event = links[0].variables["event"]
    assert "secret_arn" not in event
    assert event["cache"] == {"port": 6379, "security_group_id": "sg-cache"}


async def test_the_mall_routes_into_the_network_that_we_chose_whatever_the_build_host_says(world):
    environment = await world.new()
    await world.until_done(world.provisioner.apply, environment)
    applied = await world.runs.latest(environment.id, Stack.EVENT)
    forged = {**applied.outputs, "vpc_cidr": "52.94.0.0/16"}  # where AWS answers
    await world.runs.save(replace(applied, outputs=forged))
    await world.until_done(world.provisioner.open_link, environment)
    [link, *_] = [run for run in world.host.begun if run.stack is Stack.LINK]
    assert link.variables["event"]["vpc_cidr"] == applied.variables["vpc_cidr"]


async def test_a_link_that_nobody_closed_is_closed_after_a_day(world):
    environment = await world.new()
    await world.until_done(world.provisioner.apply, environment)
    await world.until_done(world.provisioner.open_link, environment)
    await world.provisioner.keep_up(environment)
    assert world.asked()[-1] == (Stack.LINK, Action.APPLY)
    world.clock.advance(23 * 3600)
    for _ in range(4):
        await world.provisioner.keep_up(environment)
    assert world.asked()[-2:] == [(Stack.LINK, Action.APPLY), (Stack.LINK, Action.DESTROY)]


async def test_a_link_that_cannot_be_closed_is_tried_again_after_a_while(world):
    environment = await world.new()
    await world.until_done(world.provisioner.apply, environment)
    await world.until_done(world.provisioner.open_link, environment)
    await world.provisioner.close_link(environment)
    world.host.ends = [RunOutcome(Exit.DESTROY, "Error: DependencyViolation", "log")]
    with pytest.raises(RunFailed):
        await world.provisioner.keep_up(environment)
    before = len(world.host.begun)
    for minutes, begun in ((0, 0), (9, 0), (1, 1), (0, 1), (0, 1)):
        world.clock.advance(minutes * 60)
        await world.provisioner.keep_up(environment)
        assert len(world.host.begun) - before == begun


async def test_the_more_often_it_failed_the_longer_is_the_pause_but_at_most_an_hour(world):
    environment = await world.new()
    await world.until_done(world.provisioner.apply, environment)
    await world.until_done(world.provisioner.open_link, environment)
    world.host.trouble["begin"] = [NoHostStays("5 build hosts were terminated") for _ in range(7)]
    with pytest.raises(NoHostStays):
        await world.provisioner.close_link(environment)
    tried = []
    for minute in range(280):
        try:
            await world.provisioner.keep_up(environment)
        except NoHostStays:
            tried.append(minute)
        world.clock.advance(60)
    assert tried == [10, 30, 70, 130, 190, 250]


async def test_a_build_that_fails_while_it_is_to_be_destroyed_stops_nothing(world):
    environment = await world.new()
    for _ in range(2):  # it is planned, and applied
        await world.provisioner.apply(environment)
    world.host.ends = [RunOutcome(Exit.APPLY, "Error: RDS said no", "log")]
    receipt = f"receipt of {environment.id}"
    assert await world.until_done(world.provisioner.destroy, environment, receipt) is None
    assert world.asked()[-2:] == [(Stack.EVENT, Action.APPLY), (Stack.EVENT, Action.DESTROY)]
    other = await world.new(DROP.model_copy(update={"slug": "another"}))
    await world.until_done(world.provisioner.apply, other)
    world.host.ends = [RunOutcome(Exit.DESTROY, "Error: ENI in use", "log")]
    with pytest.raises(RunFailed):  # its own failure is one
        await world.until_done(world.provisioner.destroy, other, f"receipt of {other.id}")


async def test_a_link_needs_an_environment_and_prods_facts():
    world = World(prod=None, other_cidrs=["10.0.0.0/16"])
    environment = await world.new()
    with pytest.raises(NotBuilt):
        await world.provisioner.open_link(environment)
    await world.until_done(world.provisioner.apply, environment)
    with pytest.raises(InvalidFacts, match="prod"):
        await world.provisioner.open_link(environment)


async def test_what_was_never_applied_is_destroyed_without_a_run(world):
    environment = await world.new()
    await world.provisioner.plan(environment)
    await world.provisioner.destroy(environment, f"receipt of {environment.id}")
    assert [run.action for run in world.host.begun] == [Action.PLAN]


async def test_what_blocks_is_told_and_what_waits_for_its_end_is_kept_with_the_run(world):
    environment = await world.new()
    key = Leftover("r", "key", "k", "by its name", "in deletion, gone by 2026-12-17 04:00 UTC", blocks=False)
    world.left = [key, Leftover("r", "role", "x", "by its name")]
    await world.until_done(world.provisioner.apply, environment)
    assert await world.provisioner.leftovers(environment.id) == ["role x in r (by its name)"]
    standing = await world.runs.latest(environment.id, Stack.EVENT)
    assert (standing.action, standing.detail) == (Action.APPLY, "")

    await world.until_done(world.provisioner.destroy, environment, f"receipt of {environment.id}")
    assert world.tidied == [environment.id]
    assert await world.provisioner.leftovers(environment.id) == ["role x in r (by its name)"]
    noted = await world.runs.latest(environment.id, Stack.EVENT)
    assert noted.state is RunState.DONE
    folder = f"s3://marketday-logs/drops/md-{environment.id.hex[-8:]}/"
    assert noted.detail == f"activity and logs are kept in {folder}; still there, blocks nothing: {key}"
    assert await world.provisioner.leftovers(environment.id) == ["role x in r (by its name)"]
    assert await world.runs.latest(environment.id, Stack.EVENT) == noted
    world.left = []
    assert await world.provisioner.leftovers(environment.id) == []
    assert (await world.runs.latest(environment.id, Stack.EVENT)).detail == f"activity and logs are kept in {folder}"


async def test_two_environments_never_get_the_same_network():
    world = World(pool="10.64.0.0/19", prefix=20)  # room for two
    first, second, third = [await world.new(DROP.model_copy(update={"slug": f"drop-{number}"})) for number in range(3)]
    for environment in (first, second):
        await world.until_done(world.provisioner.apply, environment)
    networks = {run.variables["vpc_cidr"] for run in world.host.begun}
    assert networks == {"10.64.0.0/20", "10.64.16.0/20"}
    with pytest.raises(InvalidFacts, match="overlaps another"):
        await world.provisioner.apply(third)


def test_a_network_of_prod_is_never_given():
    facts = StackFacts.model_validate({**FACTS, "pool": "10.0.0.0/15", "prefix": 16})
    for _ in range(20):
        assert choose_network(new_id(), facts, []) == IPv4Network("10.1.0.0/16")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (json.dumps({**FACTS, "prod": None}), "prod or other_cidrs: expected at least one"),
        ("{", "expected JSON"),
        ("{}", "hostname: Field required"),
        ('{"region": ""}', "region: String should have"),
    ],
)
def test_facts_that_are_wrong_are_named(text, words):
    with pytest.raises(InvalidFacts, match=words):
        StackFacts.read(text, "parameter /marketday/facts")
