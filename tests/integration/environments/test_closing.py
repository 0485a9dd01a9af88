"""What people hold of a closed drop is released at an operator's wish; whoever is paying is served."""

import asyncio
import json
from types import SimpleNamespace

import pytest

from marketday.drops.model import PaymentRequest
from marketday.drops.postgres.store import PostgresDropStore
from marketday.environments.errors import RecordsUnavailable
from marketday.environments.model import RELEASED_EARLY, requested
from marketday.environments.plane import reaching
from marketday.environments.plane.closing import PlaneClosing
from marketday.environments.ports import Access, Released
from marketday.kit.clock import SystemClock
from marketday.kit.database import connect, create_pool
from marketday.kit.ids import new_id
from marketday.payments.model import PaymentState
from marketday.testing.definitions import dawn_serum
from marketday.testing.drops import SKU, SLUG, Shop, request
from marketday.testing.environments import MemoryEnvironments

BEGIN = "SELECT outcome FROM begin_payments($1, $2, $3, ARRAY['key'], ARRAY['body'::bytea])"
BY = "marketday down --now by ann on desk"


@pytest.fixture
async def owner(drop_database_url):
    connection = await connect(drop_database_url)
    yield connection
    await connection.close()


@pytest.fixture
async def shop(owner):
    shop = Shop(owner)
    await shop.drop()
    await shop.item(stock=10_000, limit=100)
    return shop


@pytest.fixture
async def store(store_database_url):
    pool = await create_pool(store_database_url, max_size=4)
    yield PostgresDropStore(pool)
    await pool.close()


@pytest.fixture
async def drop(drop_database_url):
    """The environment of the drop, and what closes it."""
    environments, definition = MemoryEnvironments(), dawn_serum()
    environment = requested(new_id(), definition, definition.schedule())
    await environments.add(environment)

    async def access(_environment):
        return Access(drop_database_url, "", "", "")

    ends = PlaneClosing(environments, SimpleNamespace(access=access), SystemClock())

    async def recorded():
        return json.loads((await environments.get(environment.id)).outputs.get(RELEASED_EARLY, "null"))

    async def release():
        return await ends.release_held(environment.id, BY)

    return SimpleNamespace(store=environments, release=release, recorded=recorded)


async def hold(store, *quantities):
    answers = await store.reserve([request(quantity=quantity) for quantity in quantities])
    return [answer.reservation for answer in answers]


async def pay(store, reservation):
    wish = PaymentRequest(new_id(), reservation.id, reservation.person_id, str(new_id()), b"body")
    (begun,) = await store.begin_payments([wish])
    assert begun.outcome == "started"
    return begun.payment.payment.id


async def states(owner):
    rows = await owner.fetch("SELECT state, count(*) AS number FROM reservations GROUP BY state")
    return {row["state"]: row["number"] for row in rows}


async def test_what_is_held_goes_back_and_what_is_paid_for_stays(shop, store, drop, owner):
    _, _, paying, unknown, bought, _ = await hold(store, 1, 2, 3, 4, 5, 6)
    await pay(store, paying)
    assert await store.move_payments([await pay(store, unknown)], PaymentState.UNKNOWN) == [True]
    assert (await store.confirm_payments([await pay(store, bought)]))[0].order

    assert await drop.release() == Released(3, 9)

    assert await states(owner) == {"released": 3, "held": 2, "confirmed": 1}
    assert await shop.stock() == (10_000, 7, 5)
    assert await shop.broken_sums() == []
    told = await drop.recorded()
    assert (told["reservations"], told["units"], told["by"]) == (3, 9, BY)


async def test_repeating_it_counts_nothing_twice_and_takes_what_was_declined_since(shop, store, drop):
    held, paying = await hold(store, 1, 2)
    payment = await pay(store, paying)
    assert [await drop.release() for _ in range(2)] == [Released(1, 1)] * 2
    first = await drop.recorded()
    await store.move_payments([payment], PaymentState.DECLINED, "no-cover")
    assert await drop.release() == Released(2, 3)
    assert await drop.recorded() == {**first, "reservations": 2, "units": 3}
    assert await store.release(held.id, held.person_id) == "released"  # it is gone already
    assert await drop.release() == Released(2, 3)


async def test_what_people_gave_up_before_is_not_counted(shop, store, drop):
    gone, _ = await hold(store, 4, 1)
    assert await store.release(gone.id, gone.person_id) == "released"
    assert await drop.release() == Released(1, 1)


async def test_what_is_released_is_offered_to_nobody_who_waits(shop, store, drop, owner):
    await owner.execute("UPDATE stock SET total = 3")
    await hold(store, 3)
    stand_by = "SELECT outcome FROM stand_by($1, $2, $3, $4, 1, 0)"
    assert await owner.fetchval(stand_by, new_id(), SLUG, SKU, new_id()) == "waiting"
    await owner.execute("UPDATE drops SET closes_at = clock_timestamp()")
    assert await drop.release() == Released(1, 3)
    assert await states(owner) == {"released": 1}
    assert await shop.stock() == (3, 0, 0)
    assert await owner.fetchval(stand_by, new_id(), SLUG, SKU, new_id()) == "drop_closed"
    assert await shop.broken_sums() == []


async def test_more_than_one_portion(shop, drop, owner, monkeypatch):
    monkeypatch.setattr(reaching, "_RELEASED_AT_ONCE", 400)
    await owner.execute(
        "INSERT INTO reservations (id, drop_slug, sku, person_id, quantity, unit_price_minor, currency, state, "
        "reserved_until, idempotency_key, fingerprint) SELECT gen_random_uuid(), $1, $2, gen_random_uuid(), 1, 32000, "
        "'KRW', 'held', now() + interval '30 minutes', 'key', '' FROM generate_series(1, 1203)",
        *(SLUG, SKU),
    )
    await owner.execute(
        "INSERT INTO allowances (drop_slug, sku, person_id, taken, limit_per_person) "
        "SELECT drop_slug, sku, person_id, 1, 100 FROM reservations"
    )
    await owner.execute("UPDATE stock SET reserved = 1203")
    assert await drop.release() == Released(1203, 1203)
    assert await shop.stock() == (10_000, 0, 0)
    assert await shop.broken_sums() == []


async def test_whoever_begins_to_pay_at_that_very_moment_is_served(
    shop, store, drop, owner, drop_database_url, eventually
):
    (held,) = await hold(store, 1)
    shopper = await connect(drop_database_url)
    paying = shopper.transaction()
    await paying.start()
    assert await shopper.fetchval(BEGIN, [new_id()], [held.id], [held.person_id]) == "started"

    releasing = asyncio.create_task(drop.release())
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    await eventually(lambda: owner.fetchval(waiting))
    await paying.commit()
    await shopper.close()

    assert await releasing == Released(0, 0)
    assert await states(owner) == {"held": 1}


async def test_without_the_rows_lock_that_shopper_would_have_lost_it(shop, store, owner, drop_database_url):
    """What the lock on the reservations is for: the same moment, decided by the payments that can be seen then."""
    (held,) = await hold(store, 1)
    shopper = await connect(drop_database_url)
    paying = shopper.transaction()
    await paying.start()
    await shopper.fetchval(BEGIN, [new_id()], [held.id], [held.person_id])
    unlocked = asyncio.create_task(owner.fetchval(reaching._SQL["release_unpaid"], [held.id]))
    await asyncio.sleep(0)
    async with await create_pool(drop_database_url, max_size=1) as other:
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        while not await other.fetchval(waiting):
            await asyncio.sleep(0.01)
    await paying.commit()
    await shopper.close()
    assert await unlocked == 1  # released, though a payment was on its way


async def test_a_kill_between_release_and_record_loses_no_figure(shop, store, drop):
    await hold(store, 1, 2)
    save, calls = drop.store.save, []

    async def save_once(environment, record):
        calls.append(environment)
        if len(calls) == 2:
            raise RecordsUnavailable("killed here")
        return await save(environment, record)

    drop.store.save = save_once
    with pytest.raises(RecordsUnavailable):
        await drop.release()
    assert (await drop.recorded())["reservations"] == 0  # that it was done is on record before
    assert await drop.release() == Released(2, 3)
    assert (await drop.recorded())["units"] == 3
