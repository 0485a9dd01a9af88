"""What holds a stack that is being removed: it is told, waited for if AWS removes it, and left to a person if not."""

import pytest

from marketday.environments.notices import trouble_key
from marketday.environments.ports import NotYet
from marketday.provisioners.sweep.errors import SweepUnproven
from marketday.provisioners.sweep.model import Leftover
from marketday.provisioners.terraform import script
from marketday.provisioners.terraform.errors import RunFailed
from marketday.provisioners.terraform.links import RecordedLinks
from marketday.provisioners.terraform.model import Action, Exit, RunOutcome, Stack

from .test_provisioner import World

GROUP_HELD = RunOutcome(
    Exit.DESTROY, "Error: deleting Security Group (sg-1): api error DependencyViolation: ...", "log"
)
OF_DMS = Leftover("r", "network interface", "eni-1", "with sg-1", "available", advice="DMS made it", passes=True)
FOREIGN = Leftover("r", "network interface", "eni-2", "in or with sg-1", "in-use", advice="not ours")
SNAPSHOT = Leftover("r", "database snapshot", "final", "by its name", "available", advice="somebody made it")
STILL = "{}: Still destroying... [id=sg-1, {} elapsed]"


@pytest.fixture
async def standing():
    world = World()
    environment = await world.new()
    await world.until_done(world.provisioner.apply, environment)
    return world, environment, f"receipt of {environment.id}"


async def ended(world, call, *arguments):
    """The first answer after the run that is under way has ended."""
    await call(*arguments)
    return await call(*arguments)


async def test_what_aws_removes_by_itself_is_waited_for_and_told_and_then_the_destroy_goes_through(standing):
    world, environment, receipt = standing
    world.host.ends, world.left = [GROUP_HELD, GROUP_HELD], [OF_DMS, SNAPSHOT]
    for _ in range(2):
        waiting = await ended(world, world.provisioner.destroy, environment, receipt)
        assert waiting.reason == f"the stack event is held by {OF_DMS}; it is tried again"
        assert waiting.trouble == f"The stack event is held by {OF_DMS}."
        run = await world.runs.latest(environment.id, Stack.EVENT)
        assert run.detail.endswith(f"DependencyViolation: ...; held by {OF_DMS}")
    world.left = []
    assert await world.until_done(world.provisioner.destroy, environment, receipt) is None
    assert world.asked()[-3:] == [(Stack.EVENT, Action.DESTROY)] * 3


async def test_what_has_not_gone_for_ten_minutes_is_looked_for_once(standing):
    world, environment, receipt = standing
    world.left, looked, leftovers = [OF_DMS], [], world.leftovers

    async def counted(*arguments):
        looked.append(arguments)
        return await leftovers(*arguments)

    async def outcome(_):
        return script.progress(STILL.format("aws_security_group.x", "12m0s"))

    world.leftovers, world.host.outcome = counted, outcome
    waiting = await world.provisioner.destroy(environment, receipt)
    assert waiting.reason == "terraform: started; aws_security_group.x (sg-1) has not gone for 12 minutes"
    assert waiting.trouble.endswith(f"It is held by {OF_DMS}.")
    told = environment.having_told([trouble_key(environment)])
    assert OF_DMS.id not in (await world.provisioner.destroy(told, receipt)).trouble
    assert len(looked) == 1


async def test_what_is_somebodys_fails_at_once_and_is_named(standing):
    world, environment, receipt = standing
    world.host.ends, world.left = [GROUP_HELD], [OF_DMS, FOREIGN]
    with pytest.raises(RunFailed) as caught:
        await ended(world, world.provisioner.destroy, environment, receipt)
    assert f"held by {OF_DMS}; {FOREIGN}" in caught.value.detail
    assert caught.value.extra == {"log": "log"}


async def test_of_what_is_left_in_the_end_that_comes_first_which_a_person_can_do_something_about(standing):
    world, environment, _ = standing
    world.left = [Leftover("r", "VPC", "vpc-1", "tagged"), SNAPSHOT]
    assert await world.provisioner.leftovers(environment.id) == [str(SNAPSHOT), "VPC vpc-1 in r (tagged)"]


@pytest.mark.parametrize("words", ["Error: RDS said no", "Error: deleting Security Group (sg-1): AccessDenied"])
async def test_another_failure_is_told_as_it_is(standing, words):
    world, environment, receipt = standing
    world.host.ends, world.left = [RunOutcome(Exit.DESTROY, words, "log")], [OF_DMS]
    with pytest.raises(RunFailed) as caught:
        await ended(world, world.provisioner.destroy, environment, receipt)
    assert "held by" not in caught.value.detail


async def test_without_an_answer_of_the_sweep_the_failure_is_told_as_it_is(standing):
    world, environment, receipt = standing
    world.host.ends, world.left = [GROUP_HELD], [OF_DMS]

    async def unproven(*_):
        raise SweepUnproven("ec2:DescribeNetworkInterfaces in r: no")

    world.leftovers = unproven
    with pytest.raises(RunFailed, match=r"DependencyViolation: \.\.\.; the log is log$"):
        await ended(world, world.provisioner.destroy, environment, receipt)


async def test_a_link_that_does_not_close_says_what_holds_it_in_its_notice(standing):
    world, environment, _ = standing
    await world.until_done(world.provisioner.open_link, environment)
    world.host.ends, world.left = [GROUP_HELD], [OF_DMS]
    with pytest.raises(RunFailed):
        await ended(world, world.provisioner.close_link, environment)
    closing = await RecordedLinks(world.runs, world.clock).closing(environment.id)
    assert closing.failure.endswith(f"held by {OF_DMS}")
    assert isinstance(await world.provisioner.destroy(environment, f"receipt of {environment.id}"), NotYet)


@pytest.mark.parametrize(
    ("lines", "reason", "trouble"),
    [
        (["a.aws_subnet.x: Destroying... [id=sg-1]"], "terraform: destroy", False),
        ([STILL.format("aws_subnet.x", "50s")], "terraform: destroy", False),
        ([STILL.format("aws_subnet.x", "2m50s")], "terraform: destroy", False),
        (
            [STILL.format('module.n.aws_subnet.x["a b"]', "4m10s")],
            'terraform: destroy; module.n.aws_subnet.x["a b"] (sg-1) has not gone for 4 minutes',
            False,
        ),
        (
            [STILL.format("aws_db_instance.x", "12m0s"), STILL.format("module.m.aws_security_group.x", "11m0s")],
            "terraform: destroy; aws_db_instance.x (sg-1) has not gone for 12 minutes",
            True,
        ),
        (
            [STILL.format("aws_db_instance.x", "12m0s"), STILL.format("module.m.aws_security_group.x", "9m0s")],
            "terraform: destroy; aws_db_instance.x (sg-1) has not gone for 12 minutes",
            False,
        ),
        (
            [STILL.format("aws_security_group.x", "9m50s"), STILL.format("aws_security_group.x", "1h02m3s")],
            "terraform: destroy; aws_security_group.x (sg-1) has not gone for 62 minutes",
            True,
        ),
        (
            [STILL.format("aws_subnet.x", "11m0s"), "aws_subnet.x: Destruction complete after 11m8s"],
            "terraform: destroy, 1 resources done",
            False,
        ),
    ],
)
def test_a_run_says_what_has_not_gone_for_minutes(lines, reason, trouble):
    told = script.progress("\n".join(["== 2026-11-29T00:00:00Z destroy", *lines]))
    assert told.reason == reason
    assert bool(told.trouble) == trouble
