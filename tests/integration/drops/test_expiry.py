"""Which reservations expire, and which do not."""

import asyncio

from marketday.drops.postgres.store import PostgresDropStore
from marketday.kit.database import connect
from marketday.testing.drops import Shop, request


async def test_what_is_not_due_keeps_nothing_else_waiting(
    shop: Shop, store: PostgresDropStore, worker_store: PostgresDropStore
):
    """Only what is due is looked at: the stock of other items is not even locked."""
    await shop.drop()
    await shop.item()
    await shop.item("BUSY")
    due, early = request(), request(sku="BUSY")
    await store.reserve([due, early])
    await shop.owner.execute("UPDATE reservations SET reserved_until = now() WHERE sku = 'DAWN-30'")
    async with shop.owner.transaction():
        await shop.owner.execute("SELECT FROM stock WHERE sku = 'BUSY' FOR UPDATE")
        assert await worker_store.expire_due() == 1
    assert await shop.broken_sums() == []


async def test_time_that_was_added_while_the_stock_was_locked_counts(
    shop: Shop, store: PostgresDropStore, worker_store: PostgresDropStore, drop_database_url: str
):
    await shop.drop()
    await shop.item()
    await store.reserve([request()])
    await shop.age()
    other = await connect(drop_database_url)
    try:
        async with other.transaction():
            await other.execute("SELECT FROM stock FOR UPDATE")
            expiring = asyncio.create_task(worker_store.expire_due())
            waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()"
            async with asyncio.timeout(60):
                while not expiring.done() and not await shop.value(waits):
                    await asyncio.sleep(0.005)
            await other.execute("UPDATE reservations SET reserved_until = now() + interval '1 hour'")
        assert await expiring == 0
    finally:
        await other.close()
    assert await shop.value("SELECT state FROM reservations") == "held"
