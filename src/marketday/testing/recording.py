"""Stands in for the worker where there is none: everything that a room gives out counts as recorded."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from marketday.kit.tasks import rest
from marketday.kit.valkey import connect
from marketday.waitingroom.errors import RoomUnavailable
from marketday.waitingroom.recording.valkey import ValkeyLog
from marketday.waitingroom.valkey import ValkeyRooms

_WAIT_SECONDS = 0.05


@asynccontextmanager
async def everything_recorded(valkey_url: str) -> AsyncIterator[asyncio.Task[None]]:
    """Answer the logs of all rooms, so that a gate without a worker can promise places."""
    client = connect(valkey_url, connections=4)
    task = asyncio.create_task(_answering(ValkeyRooms(client), ValkeyLog(client)))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await client.aclose()


async def count_as_whole(valkey_url: str, slug: str) -> None:
    """Let a room count as compared with the drop database."""
    client = connect(valkey_url, connections=1)
    try:
        log = ValkeyLog(client)
        await log.verified(slug, await log.run())
    finally:
        await client.aclose()


async def _answering(rooms: ValkeyRooms, log: ValkeyLog) -> None:
    slugs: list[str] = []
    while True:
        with suppress(RoomUnavailable):
            slugs = await rooms.slugs()
            if slugs:
                await log.answer(await log.read(slugs, _WAIT_SECONDS))
        await rest(0 if slugs else _WAIT_SECONDS)
