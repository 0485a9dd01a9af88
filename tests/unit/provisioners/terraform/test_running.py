"""Which commit a run is of, and what follows a run that was lost."""

import pytest

from marketday.environments.ports import NotYet
from marketday.kit.clock import SystemClock
from marketday.kit.ids import new_id
from marketday.provisioners.terraform.errors import NoHostStays, RunFailed, RunLost, StateLocked
from marketday.provisioners.terraform.model import Action, Exit, Lock, RunOutcome, Stack, holder
from marketday.provisioners.terraform.running import StackRunner
from marketday.testing.terraform import MemoryLocks, MemoryRuns, ScriptedHost

OLD, NEW = "a" * 40, "b" * 40


class World:
    """One environment, whose runs outlive who drives them."""

    def __init__(self):
        self.runs, self.host, self.locks = MemoryRuns(), ScriptedHost(), MemoryLocks()
        self.environment_id, self.left = new_id(), Left()

    def runner(self, commit):
        return StackRunner(self.runs, self.host, commit, SystemClock(), locks=self.locks, adoption=self.left)

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
    assert lost.host.released == [(lost.environment_id, Stack.EVENT)] * 2  # also again: AWS may have refused it
    lost.host.living = set()
    await lost.applies(OLD)
    assert lost.locks.lock is None
    assert lost.asked()[-2:] == [(action, OLD, {"region": "r"}) for action in (Action.PLAN, Action.APPLY)]


async def test_a_lost_runs_lock_is_broken_also_before_what_was_made_is_removed(lost):
    await lost.destroys(OLD)
    assert lost.locks.lock is None


async def test_a_lock_is_broken_also_if_its_machine_died_before_its_name_was_recorded(world):
    world.host.starting = ["i-0abc"]
    begun = await world.runner(OLD).planned(world.environment_id, Stack.EVENT, {"region": "r"})
    assert isinstance(begun, NotYet)
    world.locks.lock = Lock("6a1f", OURS, "v1")  # it ran there, and nobody knows
    words = "Error: Error acquiring the state lock\n\nLock Info:\n  ID:        6a1f\n"
    world.host.ends = [RunOutcome(Exit.PLAN, words, "log")]
    with pytest.raises(StateLocked):
        await world.applies(OLD)
    assert world.locks.lock is not None
    await world.applies(OLD)
    assert world.locks.lock is None
    assert world.host.asked_gone == ["i-0abc"]


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


class Left:
    """Things that a lost run left: `found` is what is told of them at each look, one after the other."""

    def __init__(self, *found):
        self.found, self.looks = list(found), 0

    async def of(self, plan):
        assert plan.action is Action.PLAN
        self.looks += 1
        return self.found.pop(0) if self.found else {}


async def test_what_a_lost_run_left_is_taken_over_in_as_many_rounds_as_it_needs(lost):
    lost.left = Left(NotYet("database md-1 is creating"), {"a.vpc": "vpc-1"}, {"a.vpc": "vpc-1", "a.route": "rtb-1_x"})
    await lost.applies(OLD)
    plans = [dict(run.imports) for run in lost.host.begun if run.action is Action.PLAN]
    assert plans[-3:] == [{}, {"a.vpc": "vpc-1"}, {"a.vpc": "vpc-1", "a.route": "rtb-1_x"}]
    assert lost.host.begun[-1].action is Action.APPLY


async def test_what_was_taken_over_and_is_told_again_makes_no_endless_round(lost):
    lost.left = Left(*[{"a.vpc": "vpc-1"}] * 9)
    await lost.applies(OLD)
    assert [dict(run.imports) for run in lost.host.begun if run.imports] == [{"a.vpc": "vpc-1"}]


async def test_it_is_taken_over_also_before_it_is_destroyed_by_the_commit_that_made_it(lost):
    lost.left = Left({"a.vpc": "vpc-1"})
    await lost.destroys(NEW)
    assert lost.asked()[-3:] == [
        (action, OLD, {"region": "r"}) for action in (Action.PLAN, Action.PLAN, Action.DESTROY)
    ]


async def test_what_cannot_be_planned_any_more_is_destroyed_as_the_state_knows_it(lost):
    lost.left = Left()
    lost.host.ends = [RunOutcome(Exit.PLAN, "Error: expires_at has passed", "log")] * 2
    for _ in range(20):
        try:
            if await lost.runner(OLD).destroyed(lost.environment_id, Stack.EVENT) is None:
                break
        except RunFailed:
            pass
    assert lost.asked()[-1][0] is Action.DESTROY
    assert lost.left.looks == 0


async def test_after_an_apply_that_ended_well_nothing_is_looked_for(world):
    world.left = Left({"a.vpc": "vpc-1"})
    await world.applies(OLD)
    await world.applies(OLD, more="wanted")
    assert world.left.looks == 0


async def test_a_run_for_which_no_host_stays_is_over_and_a_retry_is_another(world):
    world.host.trouble["begin"] = [NoHostStays("5 build hosts were terminated")]
    with pytest.raises(NoHostStays):
        await world.applies(OLD)
    [failed] = await world.runs.of_environment(world.environment_id)
    assert (failed.over, failed.detail) == (True, "lost: 5 build hosts were terminated")
    await world.applies(OLD)
    assert (await world.runs.latest(world.environment_id, Stack.EVENT)).action is Action.APPLY


NOT_CLONED = RunOutcome(Exit.CLONE, "fatal: not our ref", "log")


async def test_a_stack_whose_commit_cannot_be_cloned_any_more_is_destroyed_by_the_sites_own(world):
    await world.applies(OLD)
    world.host.ends = [NOT_CLONED]
    assert await world.destroys(NEW) is None, "nobody has to retry it"
    assert world.asked()[-2:] == [(Action.DESTROY, each, {"region": "r"}) for each in (OLD, NEW)]


async def test_what_a_failed_build_left_is_destroyed_by_it_too(world):
    world.host.ends = [RunOutcome(Exit.DONE, "", "log"), RunOutcome(Exit.APPLY, "Error: no quota", "log"), NOT_CLONED]
    with pytest.raises(RunFailed):
        await world.applies(OLD)
    assert await world.destroys(NEW) is None
    assert [(action, commit) for action, commit, _ in world.asked()[2:]] == [
        (Action.PLAN, OLD), (Action.PLAN, NEW), (Action.DESTROY, NEW)
    ]  # fmt: skip


async def test_while_git_does_not_answer_at_all_the_own_commit_is_not_preferred_for_ever(world):
    await world.applies(OLD)
    world.host.ends = [NOT_CLONED, NOT_CLONED]
    with pytest.raises(RunFailed):
        await world.destroys(NEW)
    assert await world.destroys(NEW) is None
    assert [commit for action, commit, _ in world.asked() if action is Action.DESTROY] == [OLD, NEW, OLD]
    await world.applies(OLD, more="1")
    world.host.ends = [NOT_CLONED]
    with pytest.raises(RunFailed):
        await world.destroys(OLD)
