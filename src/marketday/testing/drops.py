"""One drop's database, which tests fill and read, and the sums that must always hold in it."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from marketday.drops.requests import ReservationRequest
from marketday.kit.ids import new_id

SLUG = "dawn-serum"
SKU = "DAWN-30"
INVARIANTS = Path(__file__).with_name("drop_invariants.sql").read_text("utf-8")
_DROP = """
INSERT INTO drops VALUES ($1, '새벽', 'Dawn', now() + $2::interval, now() + $2::interval, now() + $3::interval, $4, 600)
"""
_ITEM = "INSERT INTO items VALUES ($1, $2, 1, '새벽 세럼', 'Dawn Serum', '<p>Soft.</p>', $4, 32000, 'KRW', $3)"


class Shop:
    """One drop's database, as its owner sees it."""

    def __init__(self, owner: "asyncpg.Connection[Any]") -> None:
        """Use the owner's connection."""
        self.owner = owner

    async def drop(self, slug: str = SLUG, *, opens: int = -60, closes: int = 3600, hold: int = 300) -> None:
        """Add a drop that opens and closes so many seconds from now."""
        await self.owner.execute(_DROP, slug, timedelta(seconds=opens), timedelta(seconds=closes), hold)

    async def item(self, sku: str = SKU, *, stock: int = 10, limit: int = 2, slug: str = SLUG, image: str = "") -> None:
        """Add an item of 32,000 won."""
        await self.owner.execute(_ITEM, slug, sku, limit, image)
        await self.owner.execute("INSERT INTO stock VALUES ($1, $2, $3)", slug, sku, stock)

    async def stock(self, sku: str = SKU) -> tuple[int, int, int]:
        """Return total, reserved and sold."""
        row = await self.owner.fetchrow("SELECT total, reserved, sold FROM stock WHERE sku = $1", sku)
        if row is None:
            raise LookupError(sku)
        return row["total"], row["reserved"], row["sold"]

    async def value(self, statement: str, *values: Any) -> Any:
        """Return the one value that a statement asks for."""
        return await self.owner.fetchval(statement, *values)

    async def age(self, seconds: int = 3600) -> None:
        """Make every held reservation and every open payment `seconds` older."""
        back = timedelta(seconds=seconds)
        await self.owner.execute("UPDATE reservations SET reserved_until = reserved_until - $1::interval", back)
        await self.owner.execute("UPDATE payments SET updated_at = updated_at - $1::interval", back)

    async def broken_sums(self) -> list[str]:
        """Return the names of the sums that do not hold."""
        rows = await self.owner.fetch(INVARIANTS)
        return [row["name"] for row in rows]


def request(
    person: UUID | None = None, key: str | None = None, *, quantity: int = 1, sku: str = SKU, slug: str = SLUG
) -> ReservationRequest:
    """Return a wish of `person`, or of a new person, with `key` or a new key."""
    return ReservationRequest(new_id(), slug, sku, person or new_id(), quantity, key or str(new_id()))
