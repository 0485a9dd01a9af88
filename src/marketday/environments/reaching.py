"""Reach an environment's servers from the prod side, and say it plainly when they do not answer."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from uuid import UUID

import asyncpg

from marketday.drops.model import Drop
from marketday.environments.errors import RecordsUnavailable
from marketday.environments.ports import Access
from marketday.kit.database import DRIVER_ERRORS, connect, load_queries
from marketday.waitingroom import valkey

_SQL = load_queries(__package__)


@contextmanager
def translated() -> Iterator[None]:
    """Turn what the database driver raises into RecordsUnavailable."""
    try:
        yield
    except DRIVER_ERRORS as error:
        raise RecordsUnavailable(f"{type(error).__name__}: {error}") from error


@asynccontextmanager
async def rooms(access: Access) -> AsyncIterator[valkey.ValkeyRooms]:
    """Reach an environment's waiting rooms."""
    client = valkey.connect(access.valkey_url, connections=2)
    try:
        yield valkey.ValkeyRooms(client)
    finally:
        await client.aclose(close_connection_pool=True)


@asynccontextmanager
async def drop_connection(access: Access) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """Reach an environment's database as its owner."""
    connection = await connect(access.database_url, application="lifecycle")
    try:
        yield connection
    finally:
        await connection.close()


async def smoke_payments(drop: "asyncpg.Connection[Any]", slug: str) -> list[UUID]:
    """Return the references of a smoke test's payments."""
    return [row["id"] for row in await drop.fetch(_SQL["smoke_payments"], slug)]


async def move_drop(drop: "asyncpg.Connection[Any]", facts: Drop) -> None:
    """Write the moments of `facts` over those that the drop has."""
    await drop.execute(_SQL["move_drop"], facts.slug, facts.room_opens_at, facts.opens_at, facts.closes_at)
