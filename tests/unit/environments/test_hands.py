"""Two hands share an environment, and wake-ups call them: what one leaves undone, the other tells or makes good."""

from datetime import timedelta

import pytest

from marketday.environments import service
from marketday.environments.errors import LifecycleError, NothingToRetry
from marketday.environments.model import MAKING_PATIENCE, Outcome, State, Step
from marketday.environments.notices import NoticeKind
from marketday.environments.service import OTHER_PROCESS_LATE, EnvironmentService
from marketday.provisioners.terraform.errors import HostUnavailable, RunFailed
from marketday.testing.clock import FakeClock
from marketday.testing.definitions import dawn_serum
from marketday.testing.environments import FilePlane, MemoryEnvironments, NoticeBoard

DROP = dawn_serum()
DAY = DROP.schedule()
LAMBDAS = frozenset({Step.PROVISION, Step.OPEN, Step.DESTROY})
LINK_TAKES = timedelta(minutes=30)


SILENT = LifecycleError("the scheduler does not answer")


class WakeUps:
    """Keeps until when each environment is called for; `away`: asking raises that."""

    def __init__(self):
        self.until = {}
        self.away = None

    async def set(self, environment):
        self._reach()
        self.until[environment.id] = environment.schedule.destroy_at

    async def cancel(self, environment):
        self._reach()
        self.until.pop(environment.id, None)

    def _reach(self):
        if self.away:
            raise self.away


class Hands:
    def __init__(self, folder):
        self.clock, self.store, self.board = FakeClock(DAY.build_at), MemoryEnvironments(), NoticeBoard()
        self.plane, self.wake_ups = FilePlane(folder), WakeUps()
        self.function, self.controller = self._hand(LAMBDAS), self._hand(frozenset(Step) - LAMBDAS | {Step.OPEN})

    def _hand(self, does):
        return EnvironmentService(
            self.store, self.plane, self.plane.steps(), self.board, self.clock,
            wake_ups=self.wake_ups, does=does, link_takes=LINK_TAKES,
        )  # fmt: skip

    async def begin(self):
        self.id = (await self.function.request(DROP)).id
        await self.go_on(self.function, self.controller)

    async def go_on(self, *hands):
        for hand in hands:
            while (progress := await hand.advance(self.id)).outcome is Outcome.DONE:
                pass
        return progress

    def at(self, moment):
        self.clock.advance((moment - self.clock.now()).total_seconds())


@pytest.fixture
def hands(tmp_path):
    return Hands(tmp_path)


async def test_a_hand_that_is_gone_when_the_drop_closes_is_told_of(hands):
    await hands.begin()
    hands.at(DAY.room_opens_at)
    await hands.go_on(hands.function)
    hands.at(DAY.closes_at + timedelta(minutes=30))
    left = await hands.go_on(hands.function)
    assert (left.environment.state, left.detail) == (State.OPEN, "drain is done by another process")
    hands.clock.advance(LINK_TAKES.total_seconds() + OTHER_PROCESS_LATE.total_seconds())
    failed = await hands.go_on(hands.function)
    assert (failed.environment.state, failed.environment.failed_step) == (State.FAILED, Step.DRAIN)
    [notice] = hands.board.of(NoticeKind.FAILED)
    assert "drain is done by another process, which did not" in notice.reason
    await hands.controller.retry(hands.id)
    assert (await hands.go_on(hands.function)).environment.state is State.DRAINING  # it has time again
    assert (await hands.go_on(hands.controller)).environment.state is State.VERIFIED


async def test_a_hand_that_comes_in_time_is_not_told_of(hands):
    await hands.begin()
    for moment in (DAY.room_opens_at, DAY.closes_at, DAY.destroy_at):
        hands.at(moment)
        await hands.go_on(hands.controller, hands.function)
    assert hands.board.of(NoticeKind.FAILED) == []
    assert (await hands.store.get(hands.id)).state is State.DESTROYED


async def test_the_drain_may_wait_for_the_link_to_be_made(hands):
    await hands.begin()
    hands.at(DAY.room_opens_at)
    await hands.go_on(hands.function)
    hands.at(DAY.closes_at)
    hands.plane.link_waits = ["terraform: apply"] * 2
    for _ in range(2):
        assert (await hands.go_on(hands.controller)).detail == "terraform: apply"
        hands.clock.advance(15 * 60)
    assert (await hands.go_on(hands.controller)).environment.state is State.VERIFIED


async def test_a_destruction_is_recorded_before_nobody_is_called_any_more(hands):
    await hands.begin()
    for moment in (DAY.room_opens_at, DAY.closes_at, DAY.destroy_at):
        hands.at(moment)
        hands.wake_ups.away = SILENT if moment == DAY.destroy_at else None
        await hands.go_on(hands.controller, hands.function)
    assert (await hands.store.get(hands.id)).state is State.DESTROYED
    assert list(hands.wake_ups.until) == [hands.id]  # the next call removes them


async def test_wake_ups_that_were_not_moved_are_moved_when_it_is_asked_again(hands):
    await hands.begin()
    later = DAY.destroy_at + timedelta(hours=6)
    hands.wake_ups.away = SILENT
    with pytest.raises(LifecycleError):
        await hands.function.extend(hands.id, later)
    hands.wake_ups.away = None
    await hands.function.extend(hands.id, later)
    assert hands.wake_ups.until == {hands.id: later}


async def test_wake_ups_that_a_request_could_not_set_are_set_by_a_retry(hands):
    hands.wake_ups.away = SILENT
    with pytest.raises(LifecycleError):
        await hands.function.request(DROP)
    [environment] = await hands.store.living()
    hands.wake_ups.away = None
    with pytest.raises(NothingToRetry):
        await hands.function.retry(environment.id)
    assert hands.wake_ups.until == {environment.id: DAY.destroy_at}


async def test_wake_ups_that_cannot_be_set_by_our_own_mistake_keep_no_step_waiting(hands):
    hands.wake_ups.away = RuntimeError("a mistake")
    with pytest.raises(RuntimeError):
        await hands.function.request(DROP)
    [environment] = await hands.store.living()
    assert (await hands.function.advance(environment.id)).step is Step.PROVISION


async def test_a_failure_says_where_its_own_log_is_and_no_older_one(hands):
    hands.plane.trouble["apply"] = [RunFailed("apply: RDS said no", log="s3://b/runs/1.log")]
    await hands.begin()
    hands.plane.trouble["apply"] = [HostUnavailable("no answer")] * 8
    await hands.function.retry(hands.id)
    for _ in range(8):
        hands.clock.advance(30)
        await hands.go_on(hands.function)
    assert [notice.log for notice in hands.board.of(NoticeKind.FAILED)] == ["s3://b/runs/1.log", ""]


class Killed(BaseException):
    """What no step can catch."""


async def test_a_step_whose_attempts_are_all_cut_off_is_told_of_after_one_more(hands, monkeypatch):
    await hands.begin()
    hands.at(DAY.room_opens_at)

    async def cut_off(*_):
        raise Killed

    async def attempt():
        with pytest.raises(Killed):
            await hands.function.advance(hands.id)

    monkeypatch.setattr(hands.function._steps, "do", cut_off)
    for _ in range(3):
        await attempt()
    hands.clock.advance(MAKING_PATIENCE.total_seconds())
    await attempt()  # a machine that slept in between gets its chance
    failed = await hands.function.advance(hands.id)
    assert (failed.environment.state, failed.environment.failed_step) == (State.FAILED, Step.OPEN)
    [notice] = hands.board.of(NoticeKind.FAILED)
    assert "each attempt was cut off; expected an end by" in notice.reason
    monkeypatch.undo()
    await hands.function.retry(hands.id)
    assert (await hands.go_on(hands.function)).environment.state is State.OPEN


async def test_no_text_of_the_diary_decides_what_is_done(hands, monkeypatch):
    """A last attempt is known by its record: whoever words the diary anew changes nothing."""
    monkeypatch.setattr(service, "LAST_ATTEMPT", "")
    await test_a_step_whose_attempts_are_all_cut_off_is_told_of_after_one_more(hands, monkeypatch)
