"""Which commit a run is of, and what follows a run that was lost."""

import pytest

from marketday.environments.ports import NotYet
from marketday.kit.clock import SystemClock
from marketday.kit.ids import new_id
from marketday.provisioners.terraform.errors import RunFailed, RunLost, StateLocked
from marketday.provisioners.terraform.model import Action, Exit, Lock, RunOutcome, Stack, holder
from marketday.provisioners.terraform.running import StackRunner
from marketday.testing.terraform import MemoryLocks, MemoryRuns, ScriptedHost

OLD, NEW = "a" * 40, "b" * 40


class World:
    """One environment, whose runs outlive who drives them."""

    def __init__(self):
        self.runs, self.host, self.locks = MemoryRuns(), ScriptedHost(), MemoryLocks()
        self.environment_id = new_id()

    def runner(self, commit):
        return StackRunner(self.runs, self.host, commit, SystemClock(), self.locks)

    async def applies(self, commit, **variables):
        return await finished(
            self.runner(commit).applied, self.environment_id, Stack.EVENT, {"region": "r", **variables}, lambda _: None
        )

    async def destroys(self, commit):
        return await finished(self.runner(commit).destroyed, self.environment_id, Stack.EVENT)

    def asked(self):
        return [(run.action, run.commit, dict(run.variables)) for run in self.host.begun]


async def finished(call, *arguments):
    while isinstance(result := await call(*arguments), NotYet):
        pass
    return result


@pytest.fixture
def world():
    return World()


async def test_what_stands_is_destroyed_by_the_commit_that_made_it(world):
    await world.applies(OLD)
    assert await world.destroys(NEW) is None
    assert world.asked()[-1] == (Action.DESTROY, OLD, {"region": "r"})


async def test_a_destruction_that_failed_is_repeated_by_that_commit(world):
    await world.applies(OLD)
    world.host.ends = [RunOutcome(Exit.DESTROY, "Error: ENI in use", "log")]
    with pytest.raises(RunFailed):
        await world.destroys(OLD)
    await world.destroys(NEW)
    assert [(action, commit) for action, commit, _ in world.asked()[-2:]] == [(Action.DESTROY, OLD)] * 2


async def test_what_was_applied_again_is_destroyed_by_the_newest_of_the_commits(world):
    await world.applies(OLD)
    await world.applies(NEW, new="wanted")
    await world.destroys(OLD)
    assert world.asked()[-1] == (Action.DESTROY, NEW, {"region": "r", "new": "wanted"})


async def test_a_plan_alone_changes_nothing_of_it(world):
    await world.applies(OLD)
    await finished(world.runner(NEW).planned, world.environment_id, Stack.EVENT, {"region": "r", "new": "wanted"})
    await world.destroys(NEW)
    assert world.asked()[-1] == (Action.DESTROY, OLD, {"region": "r"})


OURS = "ec2-user@i-0abc.ap-northeast-2.compute.internal"


@pytest.fixture
async def lost():
    """A world in which an apply was lost, and left its lock."""
    world = World()
    world.host.who = OURS
    world.locks.lock = None
    await finished(world.runner(OLD).planned, world.environment_id, Stack.EVENT, {"region": "r"})
    world.host.trouble["outcome"] = [RunLost("its host ended")]
    with pytest.raises(RunLost):
        await world.applies(OLD)
    world.locks.lock = Lock("6a1f", OURS, "v1")
    [*_, world.lost] = await world.runs.of_environment(world.environment_id)
    return world


async def test_the_lock_of_a_lost_run_is_broken_when_its_machine_is_gone(lost):
    lost.host.living = {lost.lost.id}
    waiting = await lost.runner(OLD).applied(lost.environment_id, Stack.EVENT, {"region": "r"}, lambda _: None)
    assert waiting == NotYet(f"lock 6a1f is broken when host-1 is terminated, on which run {lost.lost.id} was")
    assert lost.locks.lock is not None
    lost.host.living = set()
    await lost.applies(OLD)
    assert lost.locks.lock is None
    assert lost.asked()[-2:] == [(action, OLD, {"region": "r"}) for action in (Action.PLAN, Action.APPLY)]


async def test_a_lost_runs_lock_is_broken_also_before_what_was_made_is_removed(lost):
    await lost.destroys(OLD)
    assert lost.locks.lock is None


@pytest.mark.parametrize(
    "who",
    [
        "ana@laptop",
        "",
        "ec2-user@i-0abcd.ap-northeast-2.compute.internal",
        "root@i-0abc.ap-northeast-2.compute.internal",
    ],
)
async def test_the_lock_of_anybody_else_stays(lost, who):
    theirs = lost.locks.lock = Lock("77", who, "v2")
    await lost.applies(OLD)
    assert lost.locks.lock == theirs


async def test_the_lock_of_a_run_that_is_under_way_stays(lost):
    run = await lost.runs.save(lost.runner(OLD)._new(lost.environment_id, Stack.EVENT, Action.PLAN, {"region": "r"}))
    run = await lost.runs.save(run.begun("host-2", "ec2-user@i-0def"))
    lost.locks.lock = Lock("88", "ec2-user@i-0def", "v3")
    assert holder(lost.locks.lock, await lost.runs.of_environment(lost.environment_id)) is None
    assert await lost.runner(OLD)._locked(lost.lost) is None
    assert lost.locks.lock is not None


async def test_a_lock_is_told_with_the_command_that_breaks_it(lost):
    words = "Error: Error acquiring the state lock\n\nLock Info:\n  ID:        6a1f\n"
    lost.host.ends = [RunOutcome(Exit.PLAN, words, "log")]
    with pytest.raises(StateLocked, match=r"lock 6a1f; plan: .*When nobody works with it: force-unlock 6a1f of event"):
        await lost.applies(OLD)
