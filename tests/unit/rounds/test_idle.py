"""What the worker asks of its servers while nothing happens, and how soon it notices that something does."""

import hashlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from marketday.catalog.stock import StockState
from marketday.drops.stock import StockLevel, summarise
from marketday.kit.ids import new_id
from marketday.rounds.drops import DropRounds, loops_of
from marketday.rounds.loops import Loop, keep_turning
from marketday.testing.clock import FakeClock
from marketday.testing.rooms import InMemoryDrawLedger, InMemoryRooms
from marketday.waitingroom import recent
from marketday.waitingroom.admission import StoreSpeed
from marketday.waitingroom.draw import commitment
from marketday.waitingroom.model import Facts
from marketday.waitingroom.ports import DrawRecord
from marketday.waitingroom.recent import RecentDraws

NOON = datetime(2026, 12, 10, 12, tzinfo=UTC)
SEED = hashlib.sha256(b"a fixed seed").digest()
SLUG = "dawn-serum"
MOST_A_MINUTE = 540  # calls to PostgreSQL and Valkey together; before, with every loop at its quick pace, 4,200


class Counted:
    """Passes every call on, and counts it."""

    def __init__(self, inner, calls):
        self._inner, self._calls = inner, calls

    def __getattr__(self, name):
        async def counted(*arguments, **more):
            self._calls[name] += 1
            return await getattr(self._inner, name)(*arguments, **more)

        return counted


class Upkeep:
    """A store of one item."""

    def __init__(self):
        self.total, self.reserved, self.sold, self.messages = 10, 0, 0, []

    async def stock_summary(self, _drop):
        return summarise([StockLevel("A", self.total, self.reserved, self.sold)])

    async def expire_due(self):
        return 0

    async def fetch_outbox(self, _most):
        return list(self.messages)

    async def mark_relayed(self, _ids):
        self.messages.clear()


class Pace:
    speed = StoreSpeed()
    measured = forgotten = 0

    async def measure(self):
        self.measured += 1

    def forget(self):
        self.forgotten += 1


class Worker:
    def __init__(self):
        self.calls, self.clock, self.upkeep, self.pace = Counter(), FakeClock(NOON), Upkeep(), Pace()
        opens, closes = NOON - timedelta(minutes=5), NOON + timedelta(hours=1)
        self.rooms = InMemoryRooms()
        self.facts = Facts(SLUG, opens, opens, closes, 600, commitment(SEED))
        self.ledger = InMemoryDrawLedger(DrawRecord(SLUG, opens, closes, {}, SEED, None), rooms=self.rooms)

        async def settle_payments():
            self.calls["settle_payments"] += 1
            return (0, 0)

        rounds = DropRounds(
            Counted(self.rooms, self.calls),
            RecentDraws(Counted(self.ledger, self.calls), self.clock),
            Counted(self.upkeep, self.calls),
            SimpleNamespace(settle_payments=settle_payments),
            self.pace,
            self.clock,
        )
        self.loops = {loop.name: loop for loop in loops_of(rounds)}

    async def turn(self, name):
        self.loops[name].busy = await self.loops[name].turn()
        return self.loops[name].busy

    async def turn_all(self):
        for name in self.loops:
            await self.turn(name)


@pytest.fixture
async def worker():
    worker = Worker()
    await worker.rooms.publish_drop(worker.facts)
    await worker.turn_all()
    worker.clock.advance(1)
    await worker.turn_all()
    return worker


async def test_an_open_drop_that_nobody_visits_costs_little(worker):
    a_minute = Counter()
    for name, loop in worker.loops.items():
        worker.calls.clear()
        assert await worker.turn(name) is False, name
        for call, number in worker.calls.items():
            if call != "draws":  # however many loops ask, see below
                a_minute[call] += number * 60 / loop.idle_seconds
    a_minute["draws"] = 60 / recent.SECONDS
    assert sum(a_minute.values()) <= MOST_A_MINUTE, a_minute
    assert worker.pace.measured == 0


async def test_one_whose_units_are_sold_costs_no_more_though_people_wait(worker):
    worker.upkeep.sold = 10
    await worker.rooms.join(SLUG, new_id(), worker.clock.now())
    await worker.turn_all()
    assert (await worker.rooms.snapshot(SLUG, worker.clock.now())).board.stock is StockState.SOLD_OUT
    worker.calls.clear()
    await worker.turn_all()
    assert not any(loop.busy for loop in worker.loops.values())
    assert not {"flow", "call", "write_board"} & set(worker.calls)


async def test_whoever_comes_is_called_at_the_next_look_and_that_comes_within_a_second(worker):
    await worker.rooms.join(SLUG, new_id(), worker.clock.now())
    assert worker.loops["calling"].idle_seconds < 1
    assert await worker.turn("calling") is True
    assert (await worker.rooms.snapshot(SLUG, worker.clock.now())).serving_number == 1
    assert await worker.turn("pace") is True
    assert worker.pace.measured == 1
    assert await worker.turn("calling") is False
    await worker.turn("pace")
    assert (worker.pace.measured, worker.pace.forgotten > 0) == (1, True)


async def test_that_all_is_sold_is_told_at_the_next_look_and_that_comes_within_a_second(worker):
    worker.upkeep.sold = 10
    worker.upkeep.messages = [SimpleNamespace(id=1, drop=SLUG, kind="order.confirmed", people=[new_id()])]
    assert worker.loops["outbox"].idle_seconds < 1  # the edge keeps the document for another one
    await worker.turn("outbox")
    assert (await worker.rooms.snapshot(SLUG, worker.clock.now())).board.stock is StockState.SOLD_OUT


async def test_a_board_is_right_without_a_message_too(worker):
    worker.upkeep.sold = 10
    await worker.turn("boards")
    assert (await worker.rooms.snapshot(SLUG, worker.clock.now())).board.stock is StockState.SOLD_OUT


async def test_a_board_that_a_server_lost_is_written_again(worker):
    await worker.rooms.forget_drop(SLUG)
    await worker.rooms.publish_drop(worker.facts)
    worker.clock.advance(6)
    worker.calls.clear()
    await worker.turn("boards")
    assert worker.calls["write_board"] == 1


async def test_an_opening_is_looked_for_often_shortly_before_it_alone():
    worker = Worker()
    opens = NOON + timedelta(minutes=1)
    worker.ledger = InMemoryDrawLedger(DrawRecord(SLUG, opens, opens + timedelta(hours=1), {}, SEED, None))
    rounds = DropRounds(worker.rooms, worker.ledger, worker.upkeep, None, worker.pace, worker.clock)
    assert await rounds.publish_draws() is False
    worker.clock.advance(58)
    assert await rounds.publish_draws() is True


async def test_draws_are_read_once_however_many_ask():
    clock, calls = FakeClock(NOON), Counter()
    inner = InMemoryDrawLedger(DrawRecord(SLUG, NOON, NOON, {}, SEED, None))
    ledger = RecentDraws(Counted(inner, calls), clock)
    for _ in range(5):
        assert len(await ledger.draws()) == 1
    assert calls["draws"] == 1
    clock.advance(recent.SECONDS)
    await ledger.draws()
    assert calls["draws"] == 2
    rooms = InMemoryRooms()
    await rooms.publish_drop(Facts(SLUG, NOON, NOON, NOON, 600, commitment(SEED)))
    await ledger.record(SLUG, await rooms.open(SLUG, SEED, NOON))
    assert (await ledger.draws())[0].cohort == 0  # our own record is seen at once


@pytest.mark.parametrize(("busy", "expected"), [(True, 0.25), (False, 7.0)])
async def test_a_loop_rests_longer_where_there_is_nothing_to_do(busy, expected, monkeypatch):
    rests = []

    async def rest(seconds):
        rests.append(seconds)
        if len(rests) == 3:
            raise ZeroDivisionError

    async def turn():
        return busy

    monkeypatch.setattr("marketday.rounds.loops.rest", rest)
    with pytest.raises(ExceptionGroup):
        await keep_turning([Loop("one", 0.25, 7.0, turn)])
    assert rests == [expected] * 3
