from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from marketday.drops.postgres import PostgresDropStore
from marketday.drops.reservation import ReservationRequest
from marketday.kit.database import connect, create_pool
from marketday.kit.ids import new_id

SLUG = "dawn-serum"
SKU = "DAWN-30"


class Shop:
    """One drop's database, as its owner sees it, for tests to arrange and to look into."""

    def __init__(self, owner: "asyncpg.Connection[Any]") -> None:
        self.owner = owner

    async def drop(self, slug: str = SLUG, *, opens: int = -60, closes: int = 3600, hold: int = 300) -> None:
        await self.owner.execute(
            "INSERT INTO drops VALUES ($1, '새벽', 'Dawn', now() + $2::interval, now() + $2::interval,"
            " now() + $3::interval, $4, 600)",
            *(slug, timedelta(seconds=opens), timedelta(seconds=closes), hold),
        )

    async def item(self, sku: str = SKU, *, stock: int = 10, limit: int = 2, slug: str = SLUG) -> None:
        await self.owner.execute(
            "INSERT INTO items VALUES ($1, $2, 1, '새벽 세럼', 'Dawn Serum', '<p>Soft.</p>', '', 32000, 'KRW', $3)",
            *(slug, sku, limit),
        )
        await self.owner.execute("INSERT INTO stock VALUES ($1, $2, $3)", slug, sku, stock)

    async def stock(self, sku: str = SKU) -> tuple[int, int, int]:
        row = await self.owner.fetchrow("SELECT total, reserved, sold FROM stock WHERE sku = $1", sku)
        assert row is not None
        return tuple(row)  # type: ignore[return-value]

    async def value(self, statement: str, *values: Any) -> Any:
        return await self.owner.fetchval(statement, *values)

    async def age(self, seconds: int = 3600) -> None:
        """Let `seconds` pass for everything that is held and every open payment."""
        back = timedelta(seconds=seconds)
        await self.owner.execute("UPDATE reservations SET reserved_until = reserved_until - $1::interval", back)
        await self.owner.execute("UPDATE payments SET updated_at = updated_at - $1::interval", back)

    async def broken_sums(self) -> list[str]:
        """What must hold at every moment; returns the names of what does not."""
        rows = await self.owner.fetch(INVARIANTS)
        return [row["name"] for row in rows]


INVARIANTS = Path(__file__).with_name("invariants.sql").read_text("utf-8")


def request(
    person: UUID | None = None, key: str | None = None, *, quantity: int = 1, sku: str = SKU, slug: str = SLUG
) -> ReservationRequest:
    return ReservationRequest(new_id(), slug, sku, person or new_id(), quantity, key or str(new_id()))


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
