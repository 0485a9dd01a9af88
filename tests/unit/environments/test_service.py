from datetime import timedelta
from pathlib import Path

import pytest

from marketday.environments.errors import (
    DropHasEnvironment,
    DropIsOver,
    EnvironmentBusy,
    HasOpened,
    NoReceipt,
    NothingToRetry,
    SmokeFailed,
    UnknownEnvironment,
)
from marketday.environments.model import MOST_ATTEMPTS, Outcome, State, Step
from marketday.environments.notices import NoticeKind
from marketday.environments.service import EnvironmentService
from marketday.kit.errors import Kind, Permanent, Temporary
from marketday.kit.ids import new_id
from marketday.testing.clock import FakeClock
from marketday.testing.definitions import dawn_serum
from marketday.testing.environments import FilePlane, MemoryEnvironments, NoticeBoard

DROP = dawn_serum()
DAY = DROP.schedule()


class TooLittle(Permanent):
    """The mall has too little."""


class Day:
    def __init__(self, folder):
        self.clock = FakeClock(DAY.build_at)
        self.store = MemoryEnvironments()
        self.plane = FilePlane(folder)
        self.board = NoticeBoard()
        self.service = EnvironmentService(self.store, self.plane, self.plane.steps(), self.board, self.clock)

    async def run_until_waiting(self, environment_id):
        while (progress := await self.service.advance(environment_id)).outcome is Outcome.DONE:
            pass
        return progress

    async def to_the_end(self, environment_id):
        for moment in (DAY.room_opens_at, DAY.closes_at, DAY.destroy_at):
            self.clock.advance((moment - self.clock.now()).total_seconds())
            await self.run_until_waiting(environment_id)
        return await self.store.get(environment_id)


@pytest.fixture
def day(tmp_path):
    return Day(tmp_path)


async def test_a_whole_day_step_by_step(day):
    environment = await day.service.request(DROP)
    progress = await day.run_until_waiting(environment.id)
    assert progress.environment.state is State.READY
    assert progress.until == DAY.room_opens_at
    assert progress.environment.outputs["public_url"].endswith("dawn-serum")
    assert progress.environment.outputs["commitment"] == "c0ffee"
    end = await day.to_the_end(environment.id)
    assert end.state is State.DESTROYED
    diary = await day.store.steps(environment.id)
    assert [(line.step, line.outcome) for line in diary] == [
        (step, outcome) for step in Step if step is not Step.WINDOW for outcome in (Outcome.STARTED, Outcome.DONE)
    ]
    assert await day.plane.leftovers(environment.id) == []


async def test_what_goes_away_by_itself_is_tried_again_without_a_person(day):
    environment = await day.service.request(DROP)
    day.plane.trouble["apply"] = [ConnectionError("refused"), TimeoutError("slow")]
    for _ in range(2):
        progress = await day.service.advance(environment.id)
        assert progress.outcome is Outcome.FAILED
        assert progress.environment.state is State.PROVISIONING
        waiting = await day.service.advance(environment.id)
        assert waiting.step is None
        day.clock.advance((waiting.until - day.clock.now()).total_seconds())
    assert (await day.service.advance(environment.id)).outcome is Outcome.DONE
    assert (await day.store.get(environment.id)).failures == 0
    assert day.board.of(NoticeKind.FAILED) == []


async def test_what_stays_broken_stops_and_tells_how_to_go_on(day):
    environment = await day.service.request(DROP)
    day.plane.trouble["walk"] = [SmokeFailed("joining was answered 502") for _ in range(MOST_ATTEMPTS)]
    while (await day.store.get(environment.id)).state is not State.FAILED:
        await day.service.advance(environment.id)
        day.clock.advance(30)
    [notice] = day.board.of(NoticeKind.FAILED)
    assert notice.step is Step.SMOKE
    assert "joining was answered 502" in notice.reason
    assert notice.command == f"marketday env retry {environment.id}"
    await day.service.retry(environment.id)
    assert (await day.run_until_waiting(environment.id)).environment.state is State.READY


async def test_what_no_waiting_can_mend_stops_at_once(day):
    environment = await day.service.request(DROP)
    day.plane.trouble["hand_over"] = [TooLittle("DAWN-SERUM-30: has 3, needs 400")]
    progress = await day.run_until_waiting(environment.id)
    assert progress.environment.state is State.FAILED
    assert progress.environment.failed_step is Step.HAND_OVER
    assert progress.environment.failure == "The mall has too little: DAWN-SERUM-30: has 3, needs 400"
    assert len(day.board.of(NoticeKind.FAILED)) == 1


class Busy(Temporary):
    """It is busy."""

    kind = Kind.CONFLICT


class Closed(Permanent):
    """It is closed for good."""

    kind = Kind.UNAVAILABLE


async def test_whether_a_step_is_tried_again_is_in_the_type_of_its_error_and_not_in_its_status(day):
    environment = await day.service.request(DROP)
    day.plane.trouble["apply"] = [Busy()]
    assert (await day.service.advance(environment.id)).environment.state is State.PROVISIONING
    day.clock.advance(30)
    day.plane.trouble["apply"] = [Closed()]
    assert (await day.service.advance(environment.id)).environment.state is State.FAILED


async def test_an_error_that_says_nothing_of_itself_is_not_tried_for_ever(day):
    environment = await day.service.request(DROP)
    day.plane.trouble["apply"] = [RuntimeError("a mistake") for _ in range(2 * MOST_ATTEMPTS)]
    for _ in range(2 * MOST_ATTEMPTS):
        await day.service.advance(environment.id)
        day.clock.advance(30)
    assert len(day.plane.trouble["apply"]) == MOST_ATTEMPTS
    [notice] = day.board.of(NoticeKind.FAILED)
    assert (notice.step, notice.reason) == (Step.PROVISION, "RuntimeError: a mistake")
    assert notice.command == f"marketday env retry {environment.id}"


async def test_only_what_failed_is_retried(day):
    environment = await day.service.request(DROP)
    with pytest.raises(NothingToRetry):
        await day.service.retry(environment.id)
    with pytest.raises(UnknownEnvironment):
        await day.service.retry(new_id())


async def test_one_environment_for_a_drop_and_none_for_a_closed_one(day):
    await day.service.request(DROP)
    with pytest.raises(DropHasEnvironment):
        await day.service.request(DROP)
    day.clock.advance(timedelta(days=3).total_seconds())
    with pytest.raises(DropIsOver):
        await day.service.request(DROP)


async def test_building_now_does_not_wait_for_the_hour(day):
    day.clock = FakeClock(DAY.build_at - timedelta(days=5))
    day.service = EnvironmentService(day.store, day.plane, day.plane.steps(), day.board, day.clock)
    environment = await day.service.request(DROP, build_now=True)
    assert (await day.service.advance(environment.id)).step is Step.PROVISION


async def test_the_drain_says_what_it_waits_for_in_one_line(day):
    environment = await day.service.request(DROP)
    day.plane.waits = ["3 reservations held", "1 payment open"]
    await day.run_until_waiting(environment.id)
    day.clock.advance((DAY.closes_at - day.clock.now()).total_seconds())
    assert (await day.run_until_waiting(environment.id)).detail == "3 reservations held"
    assert (await day.service.advance(environment.id)).detail == "1 payment open"
    [line] = [line for line in await day.store.steps(environment.id) if line.step is Step.DRAIN]
    assert (line.outcome, line.detail) == (Outcome.STARTED, "1 payment open")
    assert (await day.service.advance(environment.id)).outcome is Outcome.DONE


async def test_the_drain_does_not_wait_for_ever(day):
    environment = await day.service.request(DROP)
    day.plane.waits = ["3 reservations held"] * 3
    await day.run_until_waiting(environment.id)
    day.clock.advance((DAY.closes_at - day.clock.now()).total_seconds())
    await day.run_until_waiting(environment.id)
    day.clock.advance(DROP.hold_seconds + 3600)
    progress = await day.service.advance(environment.id)
    assert progress.environment.state is State.FAILED
    assert "3 reservations held" in progress.environment.failure


async def test_destroying_an_opened_environment_without_a_receipt_is_refused(day):
    environment = await day.service.request(DROP)
    await day.run_until_waiting(environment.id)
    day.clock.advance((DAY.room_opens_at - day.clock.now()).total_seconds())
    await day.run_until_waiting(environment.id)
    for attempt in (day.service.destroy, day.service.would_destroy):
        with pytest.raises(NoReceipt, match="not handed back"):
            await attempt(environment.id)
    assert (await day.store.get(environment.id)).state is State.OPEN
    assert await day.plane.leftovers(environment.id) != []


async def test_a_failed_build_is_receipted_and_destroyed(day):
    environment = await day.service.request(DROP)
    day.plane.trouble["hand_over"] = [TooLittle("has 3, needs 400")]
    await day.run_until_waiting(environment.id)
    assert await day.service.would_destroy(environment.id) == await day.plane.leftovers(environment.id)
    progress = await day.service.destroy(environment.id)
    assert progress.environment.state is State.DESTROYED
    assert await day.plane.receipt(environment.id) is not None
    assert await day.plane.leftovers(environment.id) == []
    assert (await day.service.destroy(environment.id)).step is None  # again: nothing more


async def test_a_build_that_failed_and_that_nobody_comes_back_to_ends_at_its_end(day):
    source = {"branch": "feature/login", "commit": "d" * 40}
    environment = await day.service.request(DROP, source=source)
    day.plane.trouble["hand_over"] = [TooLittle("has 3, needs 400")]
    await day.run_until_waiting(environment.id)
    day.clock.advance((DAY.destroy_at - day.clock.now()).total_seconds() - 1)
    assert (await day.run_until_waiting(environment.id)).environment.state is State.FAILED
    day.clock.advance(1)
    day.plane.trouble["never_opened"] = [TooLittle("the gateway's books show a payment")]
    stopped = (await day.run_until_waiting(environment.id)).environment
    assert (stopped.state, stopped.failed_step) == (State.FAILED, Step.HAND_BACK), "without a receipt it stays"
    assert await day.plane.leftovers(environment.id) != []
    await day.service.retry(environment.id)
    ended = (await day.run_until_waiting(environment.id)).environment
    assert (ended.state, ended.commit) == (State.DESTROYED, "d" * 40)
    assert await day.plane.leftovers(environment.id) == []


async def test_what_somebody_has_bought_of_goes_on_with_its_day_and_is_handed_back(day):
    environment = await day.service.request(DROP)
    await day.run_until_waiting(environment.id)
    day.clock.advance((DAY.room_opens_at - day.clock.now()).total_seconds())  # and no controller records it
    day.plane.trouble["close_drop"] = [HasOpened("1 reservations, payments or orders; expected none")]
    refused = await day.service.destroy(environment.id)
    assert (refused.outcome, refused.environment.state) == (Outcome.FAILED, State.READY)
    assert await day.plane.receipt(environment.id) is None
    end = await day.to_the_end(environment.id)
    assert end.state is State.DESTROYED
    assert {Step.OPEN, Step.DRAIN, Step.HAND_BACK} <= end.done


@pytest.mark.parametrize("part", ["close_drop", "close_room", "never_opened", "destroy"])
async def test_the_door_is_closed_before_the_receipt_and_whoever_is_stopped_goes_on(day, part):
    environment = await day.service.request(DROP)
    await day.run_until_waiting(environment.id)
    access = await day.plane.access(await day.store.get(environment.id))
    closed, room = (Path(access.database_url) / name for name in ("closed", "room"))
    day.plane.trouble[part] = [ConnectionError("refused")]
    await day.service.destroy(environment.id)
    if await day.plane.receipt(environment.id) is not None:
        assert closed.exists()
        assert not room.exists()
    assert (await day.service.destroy(environment.id)).environment.state is State.DESTROYED


async def test_what_is_left_behind_is_named_and_destroyed_again(day, monkeypatch):
    environment = await day.service.request(DROP)
    await day.run_until_waiting(environment.id)
    left = [["process 4711"]]

    async def leftovers(environment_id):
        return left.pop() if left else []

    monkeypatch.setattr(day.plane, "leftovers", leftovers)
    progress = await day.service.destroy(environment.id)
    assert "process 4711" in progress.detail
    assert (await day.service.destroy(environment.id)).environment.state is State.DESTROYED


async def test_one_hand_at_a_time(day):
    environment = await day.service.request(DROP)
    async with day.store.lock(environment.id):
        progress = await day.service.advance(environment.id)
        assert (progress.step, progress.detail) == (None, "another process is doing a step")
        with pytest.raises(EnvironmentBusy):
            await day.service.destroy(environment.id)
        assert await day.service.keep_up(environment.id) == []


async def test_a_standing_environment_is_kept_up(day):
    environment = await day.service.request(DROP)
    day.plane.kept_up = ["gate"]
    assert await day.service.keep_up(environment.id) == []  # nothing stands yet
    await day.service.advance(environment.id)
    assert await day.service.keep_up(environment.id) == ["gate"]
