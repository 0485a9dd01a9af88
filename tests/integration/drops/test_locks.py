"""Everything that moves stock locks the stock first, then reservations, then payments: so nothing waits in a circle.

Each test holds the stock, and looks which locks the other one has while it waits for it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import Any

import pytest

from marketday.drops.model import Reservation
from marketday.drops.postgres.store import PostgresDropStore
from marketday.kit.database import connect
from marketday.payments.model import PaymentState
from marketday.testing.drops import Shop, request

from . import paying


@pytest.fixture
async def other(drop_database_url: str) -> AsyncIterator[Any]:
    """A connection that holds the stock."""
    connection = await connect(drop_database_url)
    yield connection
    await connection.close()


@pytest.fixture
async def held(shop: Shop, store: PostgresDropStore) -> Reservation:
    await shop.drop()
    await shop.item()
    (answer,) = await store.reserve([request()])
    assert answer.reservation is not None
    return answer.reservation


async def is_free(shop: Shop, other: Any, work: Awaitable[Any], table: str) -> bool:
    """Do `work` while the stock is held; return whether a row of `table` is free while it waits."""
    async with other.transaction():
        await other.execute("SELECT FROM stock FOR NO KEY UPDATE")
        task = asyncio.ensure_future(work)
        waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()"
        async with asyncio.timeout(60):
            while not task.done() and not await shop.value(waits):
                await asyncio.sleep(0.005)
        free = len(await other.fetch(f"SELECT FROM {table} FOR UPDATE SKIP LOCKED")) == 1
        free &= not task.done()
    await task
    return free


async def test_confirming_takes_the_stock_first(shop: Shop, store: PostgresDropStore, held: Reservation, other: Any):
    begun = await paying.begin(store, held.id, held.person_id)
    assert begun.payment is not None
    payment = begun.payment.payment.id
    assert await is_free(shop, other, paying.confirm(store, payment), "reservations")


async def test_taking_back_takes_the_stock_first(shop: Shop, store: PostgresDropStore, held: Reservation, other: Any):
    begun = await paying.begin(store, held.id, held.person_id)
    assert begun.payment is not None
    payment = begun.payment.payment.id
    await paying.confirm(store, payment)
    assert await is_free(shop, other, store.take_back_order(payment, PaymentState.VOIDED, "expired"), "reservations")


async def test_giving_back_takes_the_stock_first(shop: Shop, store: PostgresDropStore, held: Reservation, other: Any):
    assert await is_free(shop, other, store.release(held.id, held.person_id), "reservations")


async def test_expiring_takes_the_stock_first(
    shop: Shop, worker_store: PostgresDropStore, held: Reservation, other: Any
):
    await shop.age()
    assert await is_free(shop, other, worker_store.expire_due(), "reservations")


async def test_stock_is_locked_in_the_order_of_its_keys(shop: Shop, store: PostgresDropStore, other: Any):
    """In whatever order a batch names them: while it waits for the first, the second is free."""
    await shop.drop()
    for sku in "AB":
        await shop.item(sku)
    async with other.transaction():
        await other.execute("SELECT FROM stock WHERE sku = 'A' FOR NO KEY UPDATE")
        batch = asyncio.create_task(store.reserve([request(sku="B"), request(sku="A")]))
        waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()"
        async with asyncio.timeout(60):
            while not batch.done() and not await shop.value(waits):
                await asyncio.sleep(0.005)
        free = await other.fetch("SELECT FROM stock WHERE sku = 'B' FOR NO KEY UPDATE SKIP LOCKED")
        assert len(free) == 1
    assert [answer.outcome for answer in await batch] == ["reserved", "reserved"]
