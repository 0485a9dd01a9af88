"""Connects to an environment's servers from the prod side; raises clear errors if they do not answer."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from marketday.drops.model import Drop
from marketday.environments.errors import RecordsUnavailable
from marketday.environments.ports import Access
from marketday.kit.database import PG_CATALOG, connect, load_queries
from marketday.kit.outages import driver_errors_as
from marketday.kit.valkey import connect as connect_valkey
from marketday.waitingroom.valkey import ValkeyRooms

_SQL = load_queries(__package__)
_RELEASED_AT_ONCE = 2_000


def translated() -> AbstractContextManager[None]:
    """Turn the database driver's errors into RecordsUnavailable."""
    return driver_errors_as(RecordsUnavailable)


def rooms(access: Access) -> AbstractAsyncContextManager[ValkeyRooms]:
    """Connect to an environment's waiting rooms."""
    return room_store(access.valkey_url)


@asynccontextmanager
async def room_store(url: str) -> AsyncIterator[ValkeyRooms]:
    """Connect to the waiting rooms in the Valkey at `url`."""
    client = connect_valkey(url, connections=2)
    try:
        yield ValkeyRooms(client)
    finally:
        await client.aclose(close_connection_pool=True)


@asynccontextmanager
async def drop_connection(access: Access) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """Connect to an environment's database as its owner."""
    connection = await connect(access.database_url, application="lifecycle", search_path=PG_CATALOG, guarded=True)
    try:
        yield connection
    finally:
        await connection.close()


async def move_drop(drop: "asyncpg.Connection[Any]", facts: Drop) -> None:
    """Replace the drop's moments with the moments in `facts`."""
    await drop.execute(_SQL["move_drop"], facts.slug, facts.room_opens_at, facts.opens_at, facts.closes_at)


async def time_of(drop: "asyncpg.Connection[Any]") -> datetime:
    """Return the time by the database's own clock."""
    moment: datetime = await drop.fetchval(_SQL["clock"])
    return moment


async def release_portion(drop: "asyncpg.Connection[Any]", slug: str, after: UUID) -> UUID | None:
    """Release some held, unpaid reservations of a drop; return where the next portion begins, or None.

    This is done in portions, so that people who pay do not wait long for the lock on the stock. Nobody waits for these
    units any more: the drop is over.
    """
    async with drop.transaction():
        await drop.execute(_SQL["among_its_tables"])
        await drop.execute(_SQL["lock_stock"], slug)
        await drop.execute(_SQL["end_offers"], slug)
        held = [row["id"] for row in await drop.fetch(_SQL["held"], slug, after, _RELEASED_AT_ONCE)]
        await drop.execute(_SQL["release_unpaid"], held)
    return held[-1] if held else None


async def end_offers(drop: "asyncpg.Connection[Any]", slug: str) -> bool:
    """End the offers of a closed drop if nothing is held, so that nothing is reserved any more; return whether."""
    async with drop.transaction():
        await drop.execute(_SQL["among_its_tables"])
        await drop.execute(_SQL["lock_stock"], slug)
        if await drop.fetch(_SQL["held"], slug, UUID(int=0), 1):
            return False
        await drop.execute(_SQL["end_offers"], slug)
    return True


async def released_since(drop: "asyncpg.Connection[Any]", slug: str, since: datetime) -> tuple[int, int]:
    """Return how many reservations of a drop, and of how many units, were released early since `since`."""
    row = await drop.fetchrow(_SQL["released_since"], slug, since)
    assert row is not None  # noqa: S101 - a count always has a row
    return row["reservations"], row["units"]
