"""Rows of a small mall, for tests that need some products and accounts."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg

from marketday.kit.ids import new_id

PRICE_MINOR = 32_000


async def add_product(
    mall: "asyncpg.Pool[Any]", sku: str = "DAWN-SERUM-30", *, stock: int = 1000, picture: str = ""
) -> None:
    """Add a product with one variant, in KRW."""
    product = new_id()
    await mall.execute(
        "INSERT INTO products (id, handle, title_ko, title_en) VALUES ($1, $2, '새벽 세럼', 'Dawn Serum')",
        product,
        sku.lower(),
    )
    await mall.execute(
        "INSERT INTO variants (sku, product_id, position, options, price_minor, currency, stock, image_source) "
        "VALUES ($1, $2, 1, $3, $4, 'KRW', $5, $6)",
        sku,
        product,
        [["Size", "30 ml"]],
        PRICE_MINOR,
        stock,
        picture,
    )


async def add_accounts(mall: "asyncpg.Pool[Any]", count: int) -> list[UUID]:
    """Add accounts without a password; return their ids."""
    people = [new_id() for _ in range(count)]
    await mall.executemany(
        "INSERT INTO accounts (id, email, password_hash, name) VALUES ($1, $2, '!', 'Shopper')",
        [(person, f"{person.hex}@people.invalid") for person in people],
    )
    return people


async def mall_stock(mall: "asyncpg.Pool[Any]") -> Mapping[str, int]:
    """Return the units in the mall by SKU."""
    return {row["sku"]: row["stock"] for row in await mall.fetch("SELECT sku, stock FROM variants ORDER BY sku")}
