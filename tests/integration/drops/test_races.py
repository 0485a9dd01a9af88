"""Many at once, on a real PostgreSQL: first that the race is there without the guard, then that the guard holds."""

import asyncio
import random
from collections.abc import Sequence
from typing import Any

import asyncpg
import pytest

from marketday.drops.errors import StoreUnavailable
from marketday.drops.postgres.store import PostgresDropStore
from marketday.drops.service import Reservations
from marketday.kit.batching import MicroBatch
from marketday.kit.database import connect
from marketday.kit.errors import MarketdayError
from marketday.kit.idempotency import IdempotencyConflict
from marketday.kit.ids import new_id
from marketday.testing.drops import SKU, SLUG, Shop, request


async def naive_reserve(url: str, together: asyncio.Barrier) -> bool:
    """What a shop does that reads, thinks, and writes."""
    connection = await connect(url)
    try:
        async with connection.transaction():
            left = await connection.fetchval("SELECT total - reserved - sold FROM stock WHERE sku = $1", SKU)
            await together.wait()  # everyone has looked, nobody has written
            if left < 1:
                return False
            await connection.execute("UPDATE stock SET reserved = reserved + 1 WHERE sku = $1", SKU)
            return True
    except asyncpg.CheckViolationError:
        return False
    finally:
        await connection.close()


async def naive_rush(url: str, people: int) -> int:
    together = asyncio.Barrier(people)
    return sum(await asyncio.gather(*(naive_reserve(url, together) for _ in range(people))))


async def test_without_any_guard_reading_then_writing_oversells(shop: Shop, drop_database_url: str):
    await shop.drop()
    await shop.item(stock=3)
    await shop.owner.execute("ALTER TABLE stock DROP CONSTRAINT never_oversold")
    assert await naive_rush(drop_database_url, 8) == 8
    assert await shop.stock() == (3, 8, 0)
    assert "oversold" in await shop.broken_sums()


async def test_the_constraint_alone_stops_even_wrong_code(shop: Shop, drop_database_url: str):
    await shop.drop()
    await shop.item(stock=3)
    assert await naive_rush(drop_database_url, 8) == 3
    assert await shop.stock() == (3, 3, 0)


async def naive_limit(url: str, together: asyncio.Barrier, person: Any) -> None:
    connection = await connect(url)
    try:
        async with connection.transaction():
            taken = await connection.fetchval("SELECT count(*) FROM reservations WHERE person_id = $1", person)
            await together.wait()
            if taken < 1:
                await connection.execute(
                    "INSERT INTO reservations VALUES ($1, $2, $3, $4, 1, 1, 'KRW', 'held', now(), $5, '')",
                    *(new_id(), SLUG, SKU, person, str(new_id())),
                )
    finally:
        await connection.close()


async def test_without_the_guard_one_person_gets_past_the_limit(shop: Shop, drop_database_url: str):
    await shop.drop()
    await shop.item(limit=1)
    together, person = asyncio.Barrier(4), new_id()
    await asyncio.gather(*(naive_limit(drop_database_url, together, person) for _ in range(4)))
    assert await shop.value("SELECT count(*) FROM reservations WHERE person_id = $1", person) == 4
    assert "somebody is over the limit" in await shop.broken_sums()


async def waits_for_a_lock(shop: Shop) -> None:
    statement = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with asyncio.timeout(10):
        while not await shop.value(statement):
            await asyncio.sleep(0.005)


async def meanwhile(shop: Shop, url: str, store: PostgresDropStore, wish: Any, *statements: str) -> Any:
    """Decide `wish` while another transaction holds the stock row, which commits `statements` before it lets go."""
    for table, constraint in (("stock", "never_oversold"), ("allowances", "never_over_limit")):
        await shop.owner.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")  # the lock must do it alone
    other = await connect(url)
    try:
        async with other.transaction():
            await other.execute("UPDATE stock SET reserved = reserved")
            decision = asyncio.create_task(store.reserve([wish]))
            await waits_for_a_lock(shop)
            for statement in statements:
                await other.execute(statement)
        return (await decision)[0]
    finally:
        await other.close()


async def test_the_lock_makes_a_batch_see_the_stock_that_another_one_took(
    shop: Shop, store: PostgresDropStore, drop_database_url: str
):
    await shop.drop()
    await shop.item(stock=3)
    answer = await meanwhile(shop, drop_database_url, store, request(), "UPDATE stock SET reserved = 3")
    assert (answer.outcome, answer.left) == ("all_reserved", 0)


async def test_the_lock_makes_a_batch_see_what_a_person_took_at_another_process(
    shop: Shop, store: PostgresDropStore, drop_database_url: str
):
    await shop.drop()
    await shop.item(limit=2)
    wish = request()
    taken = f"INSERT INTO allowances VALUES ('{SLUG}', '{SKU}', '{wish.person_id}', 2, 2)"
    answer = await meanwhile(shop, drop_database_url, store, wish, taken)
    assert (answer.outcome, answer.taken) == ("over_limit", 2)


async def test_the_lock_makes_a_batch_see_that_the_drop_closed_while_it_waited(
    shop: Shop, store: PostgresDropStore, drop_database_url: str
):
    await shop.drop()
    await shop.item()
    closing = "UPDATE drops SET closes_at = clock_timestamp()"
    assert (await meanwhile(shop, drop_database_url, store, request(), closing)).outcome == "drop_closed"


async def test_with_the_guard_a_rush_takes_exactly_what_there_is(shop: Shop, store: PostgresDropStore):
    await shop.drop()
    await shop.item(stock=50, limit=3)
    people = [new_id() for _ in range(60)]
    chance = random.Random(7)
    # Eight batches at a time, as from eight processes, over one stock row; nearly everyone wants too much.
    batches = [[request(chance.choice(people), quantity=chance.randint(1, 3)) for _ in range(20)] for _ in range(16)]
    answers = [answer for batch in await asyncio.gather(*map(store.reserve, batches)) for answer in batch]
    held = sum(answer.reservation.quantity for answer in answers if answer.reservation)
    assert held == 50
    assert await shop.stock() == (50, 50, 0)
    assert await shop.broken_sums() == []


async def test_one_key_at_two_processes_is_one_reservation(shop: Shop, store: PostgresDropStore):
    """Different items lock different stock rows, so only the key's own constraint stands between them."""
    await shop.drop()
    await shop.item(stock=100)
    await shop.item("OTHER", stock=100)
    for _ in range(20):
        person, key = new_id(), str(new_id())
        services = [Reservations(store) for _ in range(2)]
        results = await asyncio.gather(
            *(
                service.reserve(SLUG, person, key, sku, 1)
                for service, sku in zip(services, (SKU, "OTHER"), strict=True)
            ),
            return_exceptions=True,
        )
        assert sorted(type(result).__name__ for result in results) == ["IdempotencyConflict", "Reservation"]
    assert (await shop.stock())[1] + (await shop.stock("OTHER"))[1] == 20
    assert await shop.broken_sums() == []


async def test_a_key_taken_elsewhere_harms_nobody_else_in_its_batch(shop: Shop, store: PostgresDropStore):
    await shop.drop()
    await shop.item(stock=100)
    await shop.item("OTHER", stock=100)
    for _ in range(10):
        person, key = new_id(), str(new_id())
        here, there = (Reservations(store) for _ in range(2))
        results = await asyncio.gather(
            here.reserve(SLUG, person, key, SKU, 1),
            there.reserve(SLUG, person, key, "OTHER", 1),
            *(here.reserve(SLUG, new_id(), str(new_id()), SKU, 1) for _ in range(3)),
            *(there.reserve(SLUG, new_id(), str(new_id()), "OTHER", 1) for _ in range(3)),
            return_exceptions=True,
        )
        refused = [result for result in results if isinstance(result, BaseException)]
        assert [type(error) for error in refused] == [IdempotencyConflict]
    assert await shop.broken_sums() == []


async def test_batches_that_name_items_in_any_order_never_wait_in_a_circle(shop: Shop, store: PostgresDropStore):
    await shop.drop()
    skus = [f"ITEM-{number}" for number in range(6)]
    for sku in skus:
        await shop.item(sku, stock=1000)
    chance = random.Random(11)
    before = await shop.value("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")

    def batch() -> list[Any]:
        return [request(sku=sku) for sku in chance.sample(skus, 6)]

    await asyncio.gather(*(store.reserve(batch()) for _ in range(60)))
    after = await shop.value("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    assert after == before
    assert await shop.broken_sums() == []


async def shopper(reservations: Reservations, seed: int) -> None:
    """Reserves and gives up at random, with keys that meet each other."""
    chance, me, mine = random.Random(seed), new_id(), []
    for step in range(12):
        sku, quantity = chance.choice("ABC"), chance.randint(1, 4)
        try:
            if mine and chance.random() < 0.4:
                await reservations.release(chance.choice(mine), me)
            else:
                key = f"{chance.randint(0, step)}"
                mine.append((await reservations.reserve(SLUG, me, key, sku, quantity)).id)
        except MarketdayError:
            continue


async def test_whatever_many_people_do_at_once_the_sums_hold(
    shop: Shop, store: PostgresDropStore, worker_store: PostgresDropStore
):
    await shop.drop()
    for sku in "ABC":
        await shop.item(sku, stock=15, limit=4)
    reservations = Reservations(store)
    broken: list[str] = []
    crowd = asyncio.gather(*(shopper(reservations, seed) for seed in range(40)))
    while not crowd.done():
        await worker_store.expire_due(most=3)
        await shop.age(60)
        broken.extend(await shop.broken_sums())
    await crowd
    assert broken + await shop.broken_sums() == []
    assert await shop.value("SELECT count(*) FROM reservations") > 40
    assert await shop.value("SELECT count(DISTINCT state) FROM reservations") >= 2


@pytest.mark.parametrize("quantity", [0, -1])
async def test_the_database_refuses_what_code_should_never_ask(shop: Shop, store: PostgresDropStore, quantity: int):
    """The last line of defence stands by itself: nothing is taken, and neighbours in the batch are served."""
    await shop.drop()
    await shop.item()
    reservations = Reservations(store)
    batch = reservations._batch
    results = await asyncio.gather(batch.ask(request(quantity=quantity)), batch.ask(request()), return_exceptions=True)
    assert isinstance(results[0], MarketdayError)
    assert results[1].outcome == "reserved"
    assert await shop.stock() == (10, 1, 0)


async def test_one_key_for_two_items_at_two_processes_spoils_nobody_elses_request(
    shop: Shop, store: PostgresDropStore, drop_database_url: str
):
    """The two hold different stock rows, so that only the key itself tells one of the other."""
    await shop.drop()
    await shop.item(stock=1000)
    await shop.item("DAWN-50", stock=10)
    person, others = new_id(), [request() for _ in range(254)]
    wishes = [*others[:100], request(person, "one"), request(person, "one"), *others[100:]]
    statements = 0

    async def counted(requests: Sequence[Any]) -> Any:
        nonlocal statements
        statements += 1
        return await store.reserve(requests)

    batch = MicroBatch(counted, unavailable=StoreUnavailable)
    other = await connect(drop_database_url)
    try:
        async with other.transaction():
            rival = request(person, "one", sku="DAWN-50")
            await other.execute(
                "INSERT INTO reservations VALUES ($1, $2, 'DAWN-50', $3, 1, 1, 'KRW', 'held', now(), 'one', $4)",
                *(rival.reservation_id, SLUG, person, rival.fingerprint),
            )
            decision = asyncio.gather(*map(batch.ask, wishes))
            await waits_for_a_lock(shop)
        answers = await decision
    finally:
        await other.close()
    assert [answer.outcome for answer in answers] == ["reserved"] * 100 + ["conflict"] * 2 + ["reserved"] * 154
    assert statements == 1
    assert await shop.stock() == (1000, 254, 0)
