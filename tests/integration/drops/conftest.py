from collections.abc import AsyncIterator

import pytest

from marketday.drops.postgres.store import PostgresDropStore
from marketday.kit.database import connect, create_pool
from marketday.testing.drops import Shop
from marketday.testing.gateway import FakeGateway

from .till import Till


@pytest.fixture
async def shop(drop_database_url: str) -> AsyncIterator[Shop]:
    owner = await connect(drop_database_url)
    try:
        yield Shop(owner)
    finally:
        await owner.close()


@pytest.fixture
async def store(store_database_url: str) -> AsyncIterator[PostgresDropStore]:
    pool = await create_pool(store_database_url, min_size=1, max_size=8)
    try:
        yield PostgresDropStore(pool)
    finally:
        await pool.close()


@pytest.fixture
async def worker_store(worker_database_url: str) -> AsyncIterator[PostgresDropStore]:
    pool = await create_pool(worker_database_url, min_size=1, max_size=4)
    try:
        yield PostgresDropStore(pool)
    finally:
        await pool.close()


@pytest.fixture
async def till(shop: Shop, store: PostgresDropStore, worker_store: PostgresDropStore) -> Till:
    await shop.drop()
    await shop.item(stock=500)
    return Till(shop, store, worker_store, FakeGateway())
