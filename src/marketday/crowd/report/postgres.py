"""Read the report's data about a drop from the mall's database."""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from marketday.crowd.report.model import Allocation, Line, MallEvidence, MallOrder, Step
from marketday.kit.database import load_queries

_SQL = load_queries(__package__)


async def read_mall(mall: "asyncpg.Pool[Any]", environment_id: UUID) -> MallEvidence:
    """Read an environment's orders, allocations, diary and receipt in one snapshot."""
    async with mall.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        orders = await connection.fetch(_SQL["orders"], environment_id)
        lent = await connection.fetch(_SQL["allocations"], environment_id)
        steps = await connection.fetch(_SQL["steps"], environment_id)
        receipt = await connection.fetchval(_SQL["receipt"], environment_id)
        staging = str((receipt or {}).get("staging", ""))
        expired = await _expired(connection, staging) if staging else ()
    return MallEvidence(
        orders=tuple(_order(row) for row in orders),
        allocations=tuple(Allocation(row["sku"], row["quantity"], row["returned"]) for row in lent),
        steps=tuple(Step(row["step"], row["outcome"], row["detail"], row["at"]) for row in steps),
        receipt=receipt,
        expired_at=expired,
    )


async def _expired(connection: Any, staging: str) -> tuple[datetime, ...]:
    if not await connection.fetchval(_SQL["staged"], staging):
        return ()
    await connection.execute("SELECT set_config('search_path', quote_ident($1), true)", staging)
    return tuple(row["settled_at"] for row in await connection.fetch(_SQL["expired"]))


def _order(row: Any) -> MallOrder:
    return MallOrder(
        id=str(row["id"]),
        person=str(row["account_id"]),
        state=row["state"],
        total_minor=row["total_minor"],
        currency=row["currency"],
        lines=tuple(Line(*line) for line in row["lines"]),
        payments=tuple((str(reference), state) for reference, state in row["payments"]),
    )
