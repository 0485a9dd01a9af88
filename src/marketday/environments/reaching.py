"""Reach an environment's servers from the prod side, and say it plainly when they do not answer."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any

import asyncpg

from marketday.drops.model import Drop
from marketday.environments.errors import RecordsUnavailable
from marketday.environments.ports import Access
from marketday.kit.database import DRIVER_ERRORS, PG_CATALOG, connect, load_queries
from marketday.kit.printable import printable
from marketday.kit.valkey import connect as connect_valkey
from marketday.waitingroom.valkey import ValkeyRooms

_SQL = load_queries(__package__)


@contextmanager
def translated() -> Iterator[None]:
    """Turn what the database driver raises into RecordsUnavailable."""
    try:
        yield
    except DRIVER_ERRORS as error:
        raise RecordsUnavailable(f"{type(error).__name__}: {printable(error)}") from error


def rooms(access: Access) -> AbstractAsyncContextManager[ValkeyRooms]:
    """Reach an environment's waiting rooms."""
    return room_store(access.valkey_url)


@asynccontextmanager
async def room_store(url: str) -> AsyncIterator[ValkeyRooms]:
    """Reach the waiting rooms in the Valkey at `url`."""
    client = connect_valkey(url, connections=2)
    try:
        yield ValkeyRooms(client)
    finally:
        await client.aclose(close_connection_pool=True)


@asynccontextmanager
async def drop_connection(access: Access) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """Reach an environment's database as its owner."""
    connection = await connect(access.database_url, application="lifecycle", search_path=PG_CATALOG)
    try:
        yield connection
    finally:
        await connection.close()


async def move_drop(drop: "asyncpg.Connection[Any]", facts: Drop) -> None:
    """Write the moments of `facts` over those that the drop has."""
    await drop.execute(_SQL["move_drop"], facts.slug, facts.room_opens_at, facts.opens_at, facts.closes_at)
