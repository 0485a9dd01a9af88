"""An environment given up before its drop opened: either its receipt, or a sale, and never both."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from marketday.drops.postgres.store import PostgresDropStore
from marketday.environments.facts import drop_facts
from marketday.environments.model import Environment, Outcome, State, Step, StepRecord
from marketday.environments.model import requested as new_environment
from marketday.environments.plane.hand_over import MallHandOver
from marketday.environments.plane.reaching import move_drop, rooms
from marketday.environments.ports import Access
from marketday.environments.postgres.store import PostgresEnvironments
from marketday.environments.service import EnvironmentService
from marketday.environments.steps import Steps
from marketday.handback.errors import HasOrders
from marketday.handback.model import Window
from marketday.handback.postgres import link
from marketday.handback.postgres.evidence import GatheredEvidence
from marketday.handback.postgres.link import PostgresLinks
from marketday.handback.postgres.promote import PostgresPromotions
from marketday.handback.postgres.staging import PostgresReceipts, PostgresStaging
from marketday.handback.service import HandBackService
from marketday.kit.clock import SystemClock
from marketday.kit.database import connect, create_pool
from marketday.kit.ids import new_id
from marketday.rounds.hand_back import HandBackStep
from marketday.testing.accounts import a_signing_key
from marketday.testing.definitions import dawn_serum
from marketday.testing.drops import request
from marketday.testing.environments import FilePlane, NoticeBoard
from marketday.testing.rows import add_product, mall_stock
from marketday.testing.sales import SKU
from marketday.waitingroom.model import RoomPhase

from .conftest import Books

LEFT, LENT = 200, 400
STEPS_BEFORE = (Step.PROVISION, Step.HAND_OVER, Step.SMOKE)


@asynccontextmanager
async def as_owner(access):
    """Reach the drop's database as its owner, its tables and functions in the search path."""
    connection = await connect(access.database_url)
    try:
        yield connection
    finally:
        await connection.close()


class Plane(FilePlane):
    """Provisioned beforehand; everything but the servers' processes is real."""

    def __init__(self, folder: Path, access: Access) -> None:
        super().__init__(folder)
        self._access = access

    async def access(self, environment: Environment) -> Access:  # noqa: ARG002 - a fake has its port's signature
        return self._access


class Ground:
    """A mall, and an environment that is handed over and published, and whose room opens by its own clock now."""

    def __init__(self, mall, mall_url, access, store_url, folder):
        self.mall, self.access, self.store_url = mall, access, store_url
        receipts = PostgresReceipts(mall, folder / "receipts")
        key, clock = a_signing_key(), SystemClock()
        self.hand_back = HandBackService(
            PostgresLinks(clock),
            PostgresStaging(mall, mall_url),
            GatheredEvidence(mall, Books([]), None, clock),  # nobody paid
            PostgresPromotions(mall),
            receipts,
            key,
            "http://mall",
            clock,
        )
        self.plane, self.hand_over = Plane(folder, access), MallHandOver(mall, folder)
        self.steps = Steps(self.plane, self.hand_over, self.plane, self.plane, HandBackStep(self.hand_back))
        self.store = PostgresEnvironments(mall)
        self.service = EnvironmentService(self.store, self.plane, self.steps, NoticeBoard(), clock)

    async def begin(self):
        definition, now = dawn_serum(), datetime.now(UTC)
        moved = definition.moved_to(
            now, room_opens_in=timedelta(hours=1), opens_in=timedelta(hours=2), closes_in=timedelta(hours=3)
        )
        environment = new_environment(new_id(), moved, moved.schedule())
        await self.store.add(environment)
        done = await self.hand_over.hand_over(await self.store.get(environment.id), self.access)
        for step in STEPS_BEFORE:
            current = await self.store.get(environment.id)
            outputs = done.outputs if step is Step.HAND_OVER else {}
            await self.store.save(current.having_done(step, outputs, now), StepRecord(step, Outcome.DONE, "", now))
        self.id = environment.id
        await self.hand_over.publish(await self.store.get(self.id), self.access)

    async def open(self):
        """Let the opening come, as far as the event plane knows."""
        environment, now = await self.store.get(self.id), datetime.now(UTC)
        opened = environment.definition.moved_to(
            now - timedelta(seconds=2),
            room_opens_in=timedelta(0),
            opens_in=timedelta(seconds=1),
            closes_in=timedelta(hours=1),
        )
        async with as_owner(self.access) as drop:
            await move_drop(drop, drop_facts(opened, opened.schedule()))

    @property
    def window(self):
        return Window(self.id, "dawn-serum", self.access.database_url)

    async def reserve(self, person=None):
        pool = await create_pool(self.store_url, max_size=1)
        try:
            [answer] = await PostgresDropStore(pool).reserve([request(person, sku=SKU)])
        finally:
            await pool.close()
        return answer

    async def give_up(self):
        return await self.hand_back.never_opened(self.window, reachable=True, must_look=True)


@pytest.fixture
async def ground(mall_database_url, drop_database_url, store_database_url, valkey_url, tmp_path):
    mall = await create_pool(mall_database_url, max_size=6)
    await add_product(mall, SKU, stock=LEFT + LENT)
    access = Access(drop_database_url, valkey_url, "", "event.localhost")
    found = Ground(mall, mall_database_url, access, store_database_url, tmp_path)
    await found.begin()
    assert await mall_stock(mall) == {SKU: LEFT}
    yield found
    await mall.close()


async def _waits_for_a_lock(url):
    """Return once a session of this database waits for another one's lock."""
    connection = await connect(url)
    try:
        async with asyncio.timeout(20):
            while not await connection.fetchval(
                "SELECT EXISTS (SELECT FROM pg_stat_activity "
                "WHERE datname = current_database() AND wait_event_type = 'Lock')"
            ):
                await asyncio.sleep(0.01)
    finally:
        await connection.close()


RESERVE = "SELECT outcome FROM reserve_batch($1, $2, $3, $4, $5, $6, $7, $8)"


def _wish():
    return [["dawn-serum"], [SKU], [1], [new_id()], [new_id()], [1], [str(new_id())], [b"1" * 32]]


async def test_a_drop_that_is_given_up_sells_nothing_however_late_it_opens(ground):
    receipt = await ground.give_up()
    assert receipt.claims["promotion"]["units_returned"] == LENT
    assert await mall_stock(ground.mall) == {SKU: LEFT + LENT}
    assert (await ground.reserve()).outcome == "drop_closed"


async def test_without_the_lock_a_reservation_in_flight_is_sold_and_given_back(ground, monkeypatch):
    monkeypatch.setitem(link._SQL, "lock_stock_of_drop", "SELECT $1::text")
    await ground.open()
    async with as_owner(ground.access) as other:
        async with other.transaction():
            assert await other.fetchval(RESERVE, *_wish()) == "reserved"
            assert (await ground.give_up()).claims["promotion"]["units_returned"] == LENT
        assert await other.fetchval("SELECT reserved FROM stock") == 1  # and sold, in a moment


async def test_a_reservation_in_flight_comes_first_and_the_drop_goes_on(ground):
    await ground.open()
    async with as_owner(ground.access) as other:
        async with other.transaction():
            assert await other.fetchval(RESERVE, *_wish()) == "reserved"
            giving_up = asyncio.create_task(ground.give_up())
            await _waits_for_a_lock(ground.access.database_url)
        with pytest.raises(HasOrders, match="1 reservations, payments or orders"):
            await giving_up
    assert await mall_stock(ground.mall) == {SKU: LEFT}
    assert (await ground.reserve()).outcome == "reserved"


async def test_a_reservation_that_comes_while_the_drop_is_closed_is_refused(ground):
    await ground.open()
    async with as_owner(ground.access) as other:
        async with other.transaction():
            await other.execute(link._SQL["lock_stock_of_drop"], "dawn-serum")
            reserving = asyncio.create_task(ground.reserve())
            await _waits_for_a_lock(ground.access.database_url)
            await other.execute(link._SQL["close_drop"], "dawn-serum")
        assert (await reserving).outcome == "drop_closed"


async def test_many_who_reserve_while_it_is_given_up_have_all_or_the_receipt_is_written(ground):
    for turn in range(8):
        await ground.open()
        answers = await asyncio.gather(
            *(ground.reserve() for _ in range(turn % 4 + 1)), ground.give_up(), return_exceptions=True
        )
        *reserved, receipt = answers
        held = sum(answer.outcome == "reserved" for answer in reserved)
        if isinstance(receipt, HasOrders):
            assert held
            async with as_owner(ground.access) as drop:
                await drop.execute("UPDATE reservations SET state = 'released'; UPDATE stock SET reserved = 0")
            continue
        assert held == 0
        assert await mall_stock(ground.mall) == {SKU: LEFT + LENT}
        assert (await ground.reserve()).outcome == "drop_closed"
        return


@pytest.mark.parametrize("state", ["authorising", "unknown", "authorised", "voiding"])
async def test_a_payment_that_may_become_money_forbids_it(ground, state):
    await ground.open()
    held = (await ground.reserve()).reservation
    async with as_owner(ground.access) as drop:
        assert await drop.fetchval(
            "SELECT outcome FROM begin_payments($1, $2, $3, ARRAY['key'], $4)",
            *([new_id()], [held.id], [held.person_id], [b"2" * 32]),
        )
        await drop.execute("UPDATE payments SET state = $1", state)
        await drop.execute("UPDATE reservations SET state = 'expired'")
    with pytest.raises(HasOrders):
        await ground.give_up()
    assert await mall_stock(ground.mall) == {SKU: LEFT}


async def test_what_somebody_shops_in_goes_on_with_its_day(ground):
    await ground.open()
    await ground.reserve()
    refused = await ground.service.destroy(ground.id)
    assert (refused.step, refused.outcome, refused.environment.state) == (Step.HAND_BACK, Outcome.FAILED, State.READY)
    assert "Somebody has bought or reserved something already" in refused.detail
    assert await mall_stock(ground.mall) == {SKU: LEFT}
    assert (await ground.reserve()).outcome == "reserved"
    async with rooms(ground.access) as room:
        facts = await room.facts("dawn-serum")
    assert facts.closes_at > datetime.now(UTC)


class Killed(Exception):
    """Stands for the end of the process that does a step."""


async def test_in_no_order_of_kills_and_retries_is_a_unit_sold_that_came_back(ground, monkeypatch):
    """Each attempt begins where the one before it was killed: before and after every part of the way."""

    async def taken(*_):
        return None

    monkeypatch.setattr(ground.plane, "destroy", taken)
    owners = {
        "close_drop": ground.hand_back._links,
        "close_room": ground.hand_over,
        "give_back": ground.hand_back._promotions,
        "put": ground.hand_back._receipts,
        "destroy": ground.plane,
    }
    for part, owner in owners.items():
        for does_it in (False, True):
            await _destroy_killed_at(ground, owner, part, does_it=does_it)
            if await mall_stock(ground.mall) != {SKU: LEFT}:  # then nothing of it may be sold any more
                assert (await ground.reserve()).outcome == "drop_closed"
    await ground.service.destroy(ground.id)
    assert (await ground.store.get(ground.id)).state is State.DESTROYED
    assert await mall_stock(ground.mall) == {SKU: LEFT + LENT}
    assert (await ground.reserve()).outcome == "drop_closed"
    async with rooms(ground.access) as room:
        snapshot = await room.snapshot("dawn-serum", datetime.now(UTC))
    assert snapshot.phase(datetime.now(UTC)) is RoomPhase.CLOSED


async def _destroy_killed_at(ground, owner, part, *, does_it):
    real, reached = getattr(owner, part), []

    async def killed(*arguments, **named):
        reached.append(part)
        if does_it:
            await real(*arguments, **named)
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, part, killed)
        await ground.service.destroy(ground.id)
    assert reached, part


async def test_a_database_that_is_away_after_the_hand_over_gives_no_receipt(ground):
    ground.plane._access = Access("postgresql://x:y@127.0.0.1:1/drop", ground.access.valkey_url, "", "")
    refused = await ground.service.destroy(ground.id)
    assert refused.outcome is Outcome.FAILED
    assert await ground.steps.receipt(refused.environment) is None
    assert await mall_stock(ground.mall) == {SKU: LEFT}
