"""Promotion: copy the verified drop into the mall's own tables, once, in one transaction."""

from typing import Any

import asyncpg

from marketday.handback.errors import PromotionDiffers
from marketday.handback.model import Promotion, Window, shown
from marketday.handback.postgres.sequences import advance
from marketday.handback.postgres.staging import acquired, staged
from marketday.handback.tables import EVIDENCE, TABLES
from marketday.kit.database import load_queries

_SQL = load_queries(__package__)


class PostgresPromotions:
    """Copies a verified drop into the mall's own tables."""

    def __init__(self, mall: "asyncpg.Pool[Any]") -> None:
        """Use the mall's database."""
        self._mall = mall

    async def promote(self, window: Window) -> Promotion:
        """Copy orders, lines and payments, and return the unsold units.

        Repeating it changes nothing; each call compares the mall's rows with the staged ones.

        Raises:
            PromotionDiffers: they differ; nothing is changed.

        """
        async with staged(self._mall, window) as connection:
            await _check_plain(connection, window)
            allocations = await _claim(connection, window)
            sold = {row["sku"]: row["sold"] for row in await connection.fetch(_SQL["sold"])}
            await connection.execute(_SQL["promote_orders"], window.environment_id)
            await connection.execute(_SQL["promote_lines"])
            await connection.execute(_SQL["promote_payments"])
            differing = [row[0] for row in await connection.fetch(_SQL["not_promoted"], window.environment_id)]
            if differing:
                raise PromotionDiffers(shown(differing))
            orders = await connection.fetchval("SELECT count(*) FROM orders")
            promotion = await _return_units(connection, window, allocations, sold, orders)
            # Last: a checkout also takes its numbers after its stock, so that there is no deadlock.
            await advance(connection, window)
            return promotion

    async def give_back(self, window: Window) -> Promotion:
        """Return all lent units of a drop that never opened or is lost, in one transaction, and only once.

        If the mall has its orders, the drop was promoted before: what came back then stays as it is.
        """
        async with acquired(self._mall) as connection, connection.transaction():
            allocations = await _claim(connection, window)
            orders = await connection.fetchval(_SQL["promoted"], window.environment_id)
            sold = {one["sku"]: one["quantity"] - (one["returned"] or 0) for one in allocations} if orders else {}
            return await _return_units(connection, window, allocations, sold, orders)


async def _check_plain(connection: Any, window: Window) -> None:
    """Refuse everything except plain tables: reading other things could run foreign code with the mall's rights."""
    names = [table.name for table in (*TABLES, *EVIDENCE)]
    found = [row[0] for row in await connection.fetch(_SQL["not_plain"], window.staging, names)]
    if found:
        raise PromotionDiffers(f"the staging schema has {shown(found)}; expected only plain tables")


async def _claim(connection: Any, window: Window) -> list[Any]:
    rows: list[Any] = await connection.fetch(_SQL["claim"], window.environment_id)
    return rows


async def _return_units(
    connection: Any, window: Window, allocations: list[Any], sold: dict[str, int], orders: int
) -> Promotion:
    lent = {row["sku"]: row["quantity"] for row in allocations}
    left = {sku: quantity - sold.get(sku, 0) for sku, quantity in lent.items()}
    returned = {row["sku"]: row["returned"] for row in allocations if row["returned"] is not None}
    if returned and returned != left:
        raise PromotionDiffers(f"returned before: {returned}; expected {left}")
    if not returned:
        await connection.fetch(_SQL["lock_variants"], list(left))
        found = await connection.fetch(_SQL["return_units"], list(left), list(left.values()))
        missing = sorted(set(left) - {row["sku"] for row in found})
        if missing:
            raise PromotionDiffers(f"{', '.join(missing)}: not in the mall's catalogue any more; expected them there")
        await connection.execute(_SQL["note_returned"], window.environment_id, list(left), list(left.values()))
    units_sold = sum(lent.values()) - sum(left.values())
    return Promotion(orders, sum(lent.values()), units_sold, sum(left.values()))
