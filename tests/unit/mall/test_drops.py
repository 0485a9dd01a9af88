from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from marketday.environments.model import State, Step, requested
from marketday.kit.ids import new_id
from marketday.testing.clock import FakeClock
from marketday.testing.definitions import dawn_serum
from marketday.web.mall.drops import DropBoard, UnknownDrop, VisitPhase, drop_of

DROP = dawn_serum()
DAY = DROP.schedule()
SECOND = timedelta(seconds=1)
URL = {"public_url": "http://event.localhost:9000/", "commitment": "ab" * 32}


def environment(state, outputs=URL):
    return replace(requested(new_id(), DROP, DAY), state=state, outputs=outputs)


@pytest.mark.parametrize(
    ("state", "now", "phase"),
    [
        (State.REQUESTED, DAY.build_at - SECOND, VisitPhase.COMING),
        (State.PROVISIONING, DAY.room_opens_at, VisitPhase.COMING),
        (State.READY, DAY.room_opens_at - SECOND, VisitPhase.COMING),
        (State.READY, DAY.room_opens_at, VisitPhase.OPEN),
        (State.OPEN, DAY.opens_at, VisitPhase.OPEN),
        (State.FAILED, DAY.opens_at, VisitPhase.OPEN),
        (State.OPEN, DAY.closes_at - SECOND, VisitPhase.OPEN),
        (State.OPEN, DAY.closes_at, VisitPhase.OVER),
        (State.HANDING_BACK, DAY.closes_at, VisitPhase.OVER),
        (State.DESTROYED, DAY.opens_at, VisitPhase.OVER),
    ],
)
def test_the_phase_of_a_drop(state, now, phase):
    drop = drop_of(environment(state), now)
    assert drop.phase is phase
    assert (drop.event_url == "http://event.localhost:9000") is (phase is VisitPhase.OPEN)
    assert drop.event_origin == ("http://event.localhost:9000" if phase is VisitPhase.OPEN else "")


@pytest.mark.parametrize(
    ("now", "status"),
    [
        (DAY.room_opens_at - SECOND, "coming"),
        (DAY.room_opens_at, "room"),
        (DAY.opens_at - SECOND, "room"),
        (DAY.opens_at, "open"),
        (DAY.closes_at, "over"),
    ],
)
def test_a_drop_is_not_called_open_before_its_sale_begins(now, status):
    assert drop_of(environment(State.OPEN), now).status == status


@pytest.mark.parametrize(
    ("state", "done", "now", "to_come"),
    [
        (State.OPEN, {Step.OPEN}, DAY.room_opens_at, False),
        (State.OPEN, {Step.OPEN}, DAY.opens_at, True),
        (State.DRAINING, {Step.OPEN}, DAY.closes_at, True),
        (State.HANDING_BACK, {Step.OPEN}, DAY.closes_at, True),
        (State.FAILED, {Step.OPEN}, DAY.closes_at, True),
        (State.FAILED, set(), DAY.opens_at, False),
        (State.VERIFIED, {Step.OPEN}, DAY.closes_at, False),
        (State.DESTROYED, {Step.OPEN}, DAY.closes_at, False),
    ],
)
def test_orders_are_to_come_from_the_opening_until_they_were_handed_back(state, done, now, to_come):
    found = replace(environment(state), done=frozenset(done))
    assert drop_of(found, now).orders_to_come is to_come


def test_a_no_go_is_no_door_to_a_room_that_is_held():
    stopped = environment(State.PROVISIONING).having_failed(Step.SMOKE, "no-go", DAY.room_opens_at)
    assert drop_of(stopped, DAY.opens_at).phase is VisitPhase.COMING


def test_without_an_address_there_is_no_door():
    assert drop_of(environment(State.OPEN, {}), DAY.opens_at).phase is VisitPhase.COMING


class Records:
    def __init__(self, *environments):
        self.environments = list(environments)
        self.reads = 0

    async def all(self):
        self.reads += 1
        return self.environments


async def test_the_board_shows_the_latest_environment_and_reads_at_most_once_a_second():
    past, present = environment(State.DESTROYED), environment(State.READY)
    records, clock = Records(past, present), FakeClock(datetime(2026, 12, 10, tzinfo=UTC))
    board = DropBoard(records, clock)
    for _ in range(100):
        assert (await board.drop("dawn-serum")).phase is VisitPhase.COMING
    assert records.reads == 1
    clock.advance(1)
    assert [drop.slug for drop in await board.drops()] == ["dawn-serum"]
    assert records.reads == 2
    with pytest.raises(UnknownDrop):
        await board.drop("nothing")
