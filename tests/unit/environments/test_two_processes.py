"""Two processes share an environment, and wake-ups call them: if one does not work, the other reports it or does it."""

from datetime import timedelta

import pytest

from marketday.environments import service
from marketday.environments.closing_request import ask_to_close
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


class TwoProcesses:
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

    async def go_on(self, *processes):
        for process in processes:
            while (progress := await process.advance(self.id)).outcome is Outcome.DONE:
                pass
        return progress

    def at(self, moment):
        self.clock.advance((moment - self.clock.now()).total_seconds())


@pytest.fixture
def day(tmp_path):
    return TwoProcesses(tmp_path)


async def test_a_missing_process_is_reported_when_the_drop_closes(day):
    await day.begin()
    day.at(DAY.room_opens_at)
    await day.go_on(day.function)
    day.at(DAY.closes_at + timedelta(minutes=30))
    left = await day.go_on(day.function)
    assert (left.environment.state, left.detail) == (State.OPEN, "drain is done by another process")
    day.clock.advance(LINK_TAKES.total_seconds() + OTHER_PROCESS_LATE.total_seconds())
    failed = await day.go_on(day.function)
    assert (failed.environment.state, failed.environment.failed_step) == (State.FAILED, Step.DRAIN)
    [notice] = day.board.of(NoticeKind.FAILED)
    assert "drain is done by another process, which did not" in notice.reason
    await day.controller.retry(day.id)
    assert (await day.go_on(day.function)).environment.state is State.DRAINING  # it has time again
    assert (await day.go_on(day.controller)).environment.state is State.VERIFIED


async def test_a_process_that_works_in_time_is_not_reported(day):
    await day.begin()
    for moment in (DAY.room_opens_at, DAY.closes_at, DAY.destroy_at):
        day.at(moment)
        await day.go_on(day.controller, day.function)
    assert day.board.of(NoticeKind.FAILED) == []
    assert (await day.store.get(day.id)).state is State.DESTROYED


async def test_the_drain_may_wait_for_the_link_to_be_made(day):
    await day.begin()
    day.at(DAY.room_opens_at)
    await day.go_on(day.function)
    day.at(DAY.closes_at)
    day.plane.link_waits = ["terraform: apply"] * 2
    for _ in range(2):
        assert (await day.go_on(day.controller)).detail == "terraform: apply"
        day.clock.advance(15 * 60)
    assert (await day.go_on(day.controller)).environment.state is State.VERIFIED


async def test_a_drop_is_closed_early_by_the_process_that_reaches_it(day):
    await day.begin()
    day.at(DAY.room_opens_at)
    await day.go_on(day.function)
    day.at(DAY.opens_at + timedelta(minutes=1))
    asked = await ask_to_close(day.store, day.id, "bora")
    assert await ask_to_close(day.store, day.id, "minji") == asked, "the first one stays"
    assert (await day.go_on(day.function)).environment.state is State.OPEN, "only the controller reaches it"
    day.plane.link_waits = ["terraform: apply"]
    day.plane.trouble["close"] = [HostUnavailable("the room does not answer")]
    assert (await day.go_on(day.controller)).detail == "terraform: apply"
    assert (await day.go_on(day.controller)).outcome is Outcome.FAILED
    day.clock.advance(60)
    closed = await day.go_on(day.controller)
    assert closed.detail == "the drop is closed before its time"
    moment = day.clock.now()
    assert closed.environment.schedule.closes_at == closed.environment.definition.closes_at == moment < DAY.closes_at
    [told] = day.plane.folder.glob("environments/*/closed-early")
    assert told.read_text() == moment.isoformat()
    day.clock.advance(15)
    assert (await day.go_on(day.controller)).environment.state is State.VERIFIED
    assert (await day.go_on(day.function)).environment.state is State.DESTROYED
    assert list(day.plane.folder.glob("environments/*/window-*")) == []
    assert day.board.of(NoticeKind.FAILED) == []


async def test_a_destruction_is_recorded_before_nobody_is_called_any_more(day):
    await day.begin()
    for moment in (DAY.room_opens_at, DAY.closes_at, DAY.destroy_at):
        day.at(moment)
        day.wake_ups.away = SILENT if moment == DAY.destroy_at else None
        await day.go_on(day.controller, day.function)
    assert (await day.store.get(day.id)).state is State.DESTROYED
    assert list(day.wake_ups.until) == [day.id]  # the next call removes them


async def test_wake_ups_that_were_not_moved_are_moved_when_it_is_asked_again(day):
    await day.begin()
    later = DAY.destroy_at + timedelta(hours=6)
    day.wake_ups.away = SILENT
    with pytest.raises(LifecycleError):
        await day.function.extend(day.id, later)
    day.wake_ups.away = None
    await day.function.extend(day.id, later)
    assert day.wake_ups.until == {day.id: later}


async def test_wake_ups_that_a_request_could_not_set_are_set_by_a_retry(day):
    day.wake_ups.away = SILENT
    with pytest.raises(LifecycleError):
        await day.function.request(DROP)
    [environment] = await day.store.living()
    day.wake_ups.away = None
    with pytest.raises(NothingToRetry):
        await day.function.retry(environment.id)
    assert day.wake_ups.until == {environment.id: DAY.destroy_at}


async def test_wake_ups_that_cannot_be_set_by_our_own_mistake_keep_no_step_waiting(day):
    day.wake_ups.away = RuntimeError("a mistake")
    with pytest.raises(RuntimeError):
        await day.function.request(DROP)
    [environment] = await day.store.living()
    assert (await day.function.advance(environment.id)).step is Step.PROVISION


async def test_a_failure_says_where_its_own_log_is_and_no_older_one(day):
    day.plane.trouble["apply"] = [RunFailed("apply: RDS said no", log="s3://b/runs/1.log")]
    await day.begin()
    day.plane.trouble["apply"] = [HostUnavailable("no answer")] * 8
    await day.function.retry(day.id)
    for _ in range(8):
        day.clock.advance(30)
        await day.go_on(day.function)
    assert [notice.log for notice in day.board.of(NoticeKind.FAILED)] == ["s3://b/runs/1.log", ""]


class Killed(BaseException):
    """What no step can catch."""


async def test_a_step_whose_attempts_are_all_cut_off_is_told_of_after_one_more(day, monkeypatch):
    await day.begin()
    day.at(DAY.room_opens_at)

    async def cut_off(*_):
        raise Killed

    async def attempt():
        with pytest.raises(Killed):
            await day.function.advance(day.id)

    monkeypatch.setattr(day.function._steps, "do", cut_off)
    for _ in range(3):
        await attempt()
    day.clock.advance(MAKING_PATIENCE.total_seconds())
    await attempt()  # a machine that slept in between gets its chance
    failed = await day.function.advance(day.id)
    assert (failed.environment.state, failed.environment.failed_step) == (State.FAILED, Step.OPEN)
    [notice] = day.board.of(NoticeKind.FAILED)
    assert "every attempt was interrupted; expected an end by" in notice.reason
    monkeypatch.undo()
    await day.function.retry(day.id)
    assert (await day.go_on(day.function)).environment.state is State.OPEN


async def test_no_text_of_the_diary_decides_what_is_done(day, monkeypatch):
    """A last attempt is known by its record: whoever words the diary anew changes nothing."""
    monkeypatch.setattr(service, "LAST_ATTEMPT", "")
    await test_a_step_whose_attempts_are_all_cut_off_is_told_of_after_one_more(day, monkeypatch)
