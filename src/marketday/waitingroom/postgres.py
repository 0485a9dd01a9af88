"""The draws in the drop database, and what it has of the rooms."""

from datetime import datetime
from typing import Any

import asyncpg

from marketday.kit.database import load_queries
from marketday.kit.outages import driver_errors_as
from marketday.waitingroom.errors import RoomUnavailable
from marketday.waitingroom.model import Draw
from marketday.waitingroom.ports import DrawRecord

_SQL = load_queries(__package__)


class PostgresDrawLedger:
    """Implements `ports.DrawLedger`; its role may read the drops, and write draws' outcome and rooms."""

    def __init__(self, pool: "asyncpg.Pool[Any] | asyncpg.Connection[Any]") -> None:
        """Work on the drop database of `pool`."""
        self._pool = pool

    async def draws(self) -> list[DrawRecord]:
        """Return every drop's draw, the first to open first."""
        with driver_errors_as(_unavailable):
            rows = await self._pool.fetch(_SQL["draws"])
        return [DrawRecord(**row) for row in rows]

    async def record(self, slug: str, draw: Draw) -> None:
        """Set cohort and time of a draw that has none."""
        with driver_errors_as(_unavailable):
            await self._pool.execute(_SQL["record_draw"], slug, draw.cohort, draw.published_at)

    async def places(self, slug: str) -> int:
        """Return the number of places."""
        with driver_errors_as(_unavailable):
            return int(await self._pool.fetchval(_SQL["places"], slug))

    async def called(self, slug: str, serving_number: int, now: datetime) -> None:
        """Raise the recorded serving number."""
        with driver_errors_as(_unavailable):
            await self._pool.execute(_SQL["called"], slug, serving_number, now)

    async def registered(self, slug: str) -> tuple[int, int]:
        """Return the numbers of places and of admitted ones, counted one by one."""
        with driver_errors_as(_unavailable):
            (row,) = await self._pool.fetch(_SQL["registered"], slug)
        return row["entries"], row["admitted"]


def _unavailable(words: str) -> RoomUnavailable:
    return RoomUnavailable(f"the drop database: {words.partition(':')[0]}", retry_after=2)  # enough for people
