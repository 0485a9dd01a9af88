"""What is true of a sale whatever people ask for. Refusals are allowed here, and so are errors of the store.

Each truth has several layers. tests/guards removes them one at a time (the truth must hold), and all of them together
(it must not).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from marketday.drops.model import Reservation
from marketday.drops.postgres.store import PostgresDropStore
from marketday.drops.requests import ReservationRequest
from marketday.kit.database import connect
from marketday.kit.errors import MarketdayError
from marketday.kit.ids import new_id
from marketday.payments.model import PaymentState
from marketday.testing.drops import SKU, Shop, request

from . import paying


@pytest.fixture
async def sale(shop: Shop) -> Shop:
    """A drop with ten units, two a person, and plenty of another item."""
    await shop.drop()
    await shop.item(stock=10, limit=2)
    await shop.item("OTHER", stock=100)
    return shop


@pytest.fixture
async def other_store(store_database_url: str) -> AsyncIterator[PostgresDropStore]:
    """Another process, with one connection, so that it can be inside a transaction."""
    connection = await connect(store_database_url)
    yield PostgresDropStore(connection)
    await connection.close()


async def ask(store: PostgresDropStore, *wishes: ReservationRequest) -> list[str]:
    """Ask for a batch; return outcomes, or nothing if the store failed."""
    with suppress(MarketdayError):
        return [answer.outcome for answer in await store.reserve(wishes)]
    return []


async def hold(store: PostgresDropStore, wish: ReservationRequest | None = None) -> Reservation:
    (answer,) = await store.reserve([wish or request()])
    assert answer.reservation is not None
    return answer.reservation


async def begin(store: PostgresDropStore, held: Reservation, key: str) -> str:
    """Begin to pay; return the outcome, or nothing if the store failed."""
    with suppress(MarketdayError):
        return (await paying.begin(store, held.id, held.person_id, key, held.id.bytes)).outcome
    return ""


async def test_no_unit_is_held_that_there_is_not(sale: Shop, store: PostgresDropStore):
    await ask(store, *(request(quantity=2) for _ in range(4)))
    for _ in range(4):
        await ask(store, request())
    assert "oversold" not in await sale.broken_sums()
    assert await sale.value("SELECT sum(quantity) FROM reservations WHERE sku = $1", SKU) <= 10


async def test_nobody_holds_more_than_the_limit(sale: Shop, store: PostgresDropStore):
    person = new_id()
    for quantity in (1, 1, 1, 3):
        await ask(store, request(person, quantity=quantity))
    await ask(store, *(request(person, quantity=1) for _ in range(3)))
    assert "somebody is over the limit" not in await sale.broken_sums()


async def test_one_key_never_holds_twice(sale: Shop, store: PostgresDropStore):
    person = new_id()
    for _ in range(2):
        await ask(store, request(person, "alone"))
    await ask(store, *(request(person, "at once", sku="OTHER") for _ in range(2)))
    await ask(store, request(person, "at once"))
    assert await sale.value("SELECT count(*) FROM reservations WHERE idempotency_key = 'alone'") == 1
    assert await sale.value("SELECT count(*) FROM reservations WHERE idempotency_key = 'at once'") <= 1
    assert await sale.broken_sums() == []


async def test_one_key_for_two_bodies_in_a_batch_is_a_conflict(sale: Shop, store: PostgresDropStore):
    person = new_id()
    scarce = request(quantity=3)  # over the limit, so that the batch is decided one after the other
    wishes = [scarce, request(person, "one"), request(person, "one", quantity=2), request(person, "one")]
    assert await ask(store, *wishes) == ["over_limit", "reserved", "conflict", "replayed"]


async def test_one_key_for_another_item_is_a_conflict(sale: Shop, store: PostgresDropStore):
    person = new_id()
    outcomes = [await ask(store, request(person, "one", sku=sku)) for sku in (SKU, "OTHER", SKU)]
    assert outcomes == [["reserved"], ["conflict"], ["replayed"]]


async def test_units_come_back_once(sale: Shop, store: PostgresDropStore, worker_store: PostgresDropStore):
    mine = await hold(store)
    late = await hold(store, request(mine.person_id))
    for _ in range(2):
        with suppress(MarketdayError):
            await store.release(mine.id, mine.person_id)
    await sale.owner.execute("UPDATE reservations SET reserved_until = now() WHERE id = ANY ($1)", [mine.id, late.id])
    for _ in range(2):
        with suppress(MarketdayError):
            await worker_store.expire_due()
    assert await sale.stock() == (10, 0, 0)
    assert await sale.broken_sums() == []


async def test_nobody_loses_units_before_their_time(
    sale: Shop, store: PostgresDropStore, worker_store: PostgresDropStore
):
    await hold(store)
    await worker_store.expire_due()
    assert await sale.value("SELECT state FROM reservations") == "held"


async def test_a_reservation_has_one_payment_under_way(sale: Shop, store: PostgresDropStore):
    held = await hold(store)
    for key in ("one", "two"):
        await begin(store, held, key)
    assert await sale.value("SELECT count(*) FROM payments") == 1


async def test_two_at_the_same_moment_begin_one_payment_and_the_later_one_is_told(
    sale: Shop, store: PostgresDropStore, other_store: PostgresDropStore
):
    held = await hold(store)
    assert await meeting(store, other_store, (held, "one"), (held, "two")) == ["payment_in_progress", "started"]
    assert await sale.value("SELECT count(*) FROM payments") == 1


async def test_one_key_never_pays_twice(sale: Shop, store: PostgresDropStore):
    person = new_id()
    for _ in range(2):
        await begin(store, await hold(store, request(person)), "one")
    assert await sale.value("SELECT count(*) FROM payments") == 1


async def test_one_key_for_two_payments_at_the_same_moment_begins_one(
    sale: Shop, store: PostgresDropStore, other_store: PostgresDropStore
):
    person = new_id()
    first, second = await hold(store, request(person)), await hold(store, request(person))
    assert await meeting(store, other_store, (first, "one"), (second, "one")) == ["conflict", "started"]
    assert await sale.value("SELECT count(*) FROM payments") == 1


async def meeting(store: PostgresDropStore, other: PostgresDropStore, *presses: tuple[Reservation, str]) -> list[str]:
    """Begin the second payment while the first is not committed yet; return the outcomes, sorted."""
    connection = other._database._pool
    async with connection.transaction():
        first = await begin(other, *presses[0])
        second = asyncio.create_task(begin(store, *presses[1]))
        waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()"
        async with asyncio.timeout(60):
            while not second.done() and not await connection.fetchval(waits):
                await asyncio.sleep(0.005)
    return sorted([first, await second])


async def test_a_reservation_becomes_one_order(sale: Shop, store: PostgresDropStore):
    """Whatever let a second payment begin: as if the index that forbids it were not there."""
    await sale.owner.execute("DROP INDEX payments_one_living_key")
    held = await hold(store)
    await begin(store, held, "one")
    await sale.owner.execute(
        "INSERT INTO payments SELECT gen_random_uuid(), drop_slug, reservation_id, person_id, NULL, state,"
        " amount_minor, currency, '', 'two', fingerprint FROM payments"
    )
    for row in await sale.owner.fetch("SELECT id FROM payments"):
        with suppress(MarketdayError):
            await paying.confirm(store, row["id"])
    assert await sale.value("SELECT count(*) FROM orders") == 1
    assert await sale.broken_sums() == []


async def test_an_order_is_made_once_of_one_payment(sale: Shop, store: PostgresDropStore):
    held = await hold(store)
    await begin(store, held, "one")
    payment = await sale.value("SELECT id FROM payments")
    assert [await paying.confirm(store, payment) for _ in range(2)] == ["confirmed", "confirmed"]
    assert await sale.value("SELECT count(*) FROM orders") == 1
    assert await sale.stock() == (10, 0, 1)


async def test_no_order_is_made_of_a_payment_that_is_being_voided(sale: Shop, store: PostgresDropStore):
    """A worker found nothing at the gateway, and wrote down that it voids; only then comes the authorisation."""
    held = await hold(store)
    await begin(store, held, "one")
    payment = await sale.value("SELECT id FROM payments")
    assert await store.move_payments([payment], PaymentState.VOIDING) == [True]
    assert await paying.confirm(store, payment) == "refused"
    assert await sale.value("SELECT count(*) FROM orders") == 0


async def test_what_is_paid_or_being_paid_is_not_given_back(sale: Shop, store: PostgresDropStore):
    held = await hold(store)
    await begin(store, held, "one")
    assert await store.release(held.id, held.person_id) == "payment_in_progress"
    payment = await sale.value("SELECT id FROM payments")
    assert await paying.confirm(store, payment) == "confirmed"
    assert await store.release(held.id, held.person_id) == "already_paid"
    assert await sale.stock() == (10, 0, 1)


async def test_another_persons_reservation_is_neither_given_back_nor_paid(sale: Shop, store: PostgresDropStore):
    held = await hold(store)
    assert await store.release(held.id, new_id()) == "unknown_reservation"
    begun = await paying.begin(store, held.id, new_id())
    assert begun.outcome == "unknown_reservation"
    assert await store.reservation(held.id, new_id()) is None
    assert await sale.stock() == (10, 1, 0)


async def test_a_key_that_pays_belongs_to_its_body(sale: Shop, store: PostgresDropStore):
    held = await hold(store)
    outcomes = [
        (await paying.begin(store, held.id, held.person_id, "one", body)).outcome for body in (b"1", b"1", b"2")
    ]
    assert outcomes == ["started", "replayed", "conflict"]


async def test_who_begins_to_pay_while_it_is_given_back_comes_too_late(
    sale: Shop, store: PostgresDropStore, other_store: PostgresDropStore
):
    held = await hold(store)
    connection = other_store._database._pool
    async with connection.transaction():
        assert await other_store.release(held.id, held.person_id) == "released"
        press = asyncio.create_task(begin(store, held, "one"))
        waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()"
        async with asyncio.timeout(60):
            while not press.done() and not await connection.fetchval(waits):
                await asyncio.sleep(0.005)
    assert await press == "reservation_expired"
