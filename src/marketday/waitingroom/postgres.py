"""The draws and the register of entries in the drop database."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import asyncpg

from marketday.kit.database import DRIVER_ERRORS, load_queries
from marketday.waitingroom.errors import RoomUnavailable
from marketday.waitingroom.model import Draw, EntryRecord
from marketday.waitingroom.ports import DrawRecord

_SQL = load_queries(__package__)


class PostgresDrawLedger:
    """Implements `ports.DrawLedger`; its role may read the drops and write draws' outcome and the register."""

    def __init__(self, pool: "asyncpg.Pool[Any] | asyncpg.Connection[Any]") -> None:
        """Work on the drop database of `pool`."""
        self._pool = pool

    async def draws(self) -> list[DrawRecord]:
        """Return every drop's draw, the first to open first."""
        with _reached():
            rows = await self._pool.fetch(_SQL["draws"])
        return [DrawRecord(**row) for row in rows]

    async def record(self, slug: str, draw: Draw) -> None:
        """Set cohort and time of a draw that has none."""
        with _reached():
            await self._pool.execute(_SQL["record_draw"], slug, draw.cohort, draw.published_at)

    async def registered(self, slug: str) -> tuple[int, int]:
        """Return the numbers of places and of admitted ones."""
        with _reached():
            (row,) = await self._pool.fetch(_SQL["registered"], slug)
        return row["entries"], row["admitted"]

    async def register(self, slug: str, records: Sequence[EntryRecord]) -> None:
        """Write places in one statement; one that comes twice is written once."""
        unique = {record.index: record for record in records}.values()
        columns = (
            [record.person_id for record in unique],
            [record.index for record in unique],
            [record.joined_at for record in unique],
            [record.admitted_at for record in unique],
        )
        with _reached():
            await self._pool.execute(_SQL["register"], slug, *columns)


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except DRIVER_ERRORS as error:
        raise RoomUnavailable(f"the drop database: {type(error).__name__}", retry_after=2) from error
