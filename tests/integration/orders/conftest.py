"""A small shop in a real database."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from marketday.accounts.postgres import seed_people
from marketday.kit.clock import SystemClock
from marketday.kit.database import create_pool
from marketday.kit.ids import new_id
from marketday.testing.orders import MemoryVariant


@dataclass
class Shelf:
    """Puts products into the database, one variant each, and counts what is left."""

    pool: "asyncpg.Pool[Any]"

    async def fill(self, variants: dict[str, MemoryVariant]) -> None:
        for sku, variant in variants.items():
            product = new_id()
            await self.pool.execute(
                "INSERT INTO products (id, handle, title_ko, title_en, status) VALUES ($1, $2, $3, $4, $5)",
                product,
                sku.lower(),
                f"{sku} ko",
                f"{sku} en",
                "active" if variant.for_sale else "draft",
            )
            await self.pool.execute(
                "INSERT INTO variants (sku, product_id, position, price_minor, currency, stock, unlimited)"
                " VALUES ($1, $2, 1, $3, $4, $5, $6)",
                sku,
                product,
                variant.price_minor,
                variant.currency,
                variant.stock,
                variant.unlimited,
            )

    async def left(self) -> dict[str, int]:
        return {row["sku"]: row["stock"] for row in await self.pool.fetch("SELECT sku, stock FROM variants")}

    async def people(self, count: int) -> list[UUID]:
        return [person for person, _ in await seed_people(self.pool, count, SystemClock().now())]


@pytest.fixture
async def pool(mall_database_url):
    pool = await create_pool(mall_database_url, max_size=20)
    yield pool
    await pool.close()


@pytest.fixture
def shelf(pool):
    return Shelf(pool)
