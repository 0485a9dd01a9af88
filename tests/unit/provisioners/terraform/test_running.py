"""Which commit a run is of: a build of today's, a destruction of the one that made what stands."""

import pytest

from marketday.environments.ports import NotYet
from marketday.kit.clock import SystemClock
from marketday.kit.ids import new_id
from marketday.provisioners.terraform.errors import RunFailed
from marketday.provisioners.terraform.model import Action, Exit, RunOutcome, Stack
from marketday.provisioners.terraform.running import StackRunner
from marketday.testing.terraform import MemoryRuns, ScriptedHost

OLD, NEW = "a" * 40, "b" * 40


class World:
    """One environment, whose runs outlive who drives them."""

    def __init__(self):
        self.runs, self.host = MemoryRuns(), ScriptedHost()
        self.environment_id = new_id()

    def runner(self, commit):
        return StackRunner(self.runs, self.host, commit, SystemClock())

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
