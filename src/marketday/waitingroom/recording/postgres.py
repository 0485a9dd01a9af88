"""What the drop database keeps of the rooms."""

from collections.abc import AsyncIterator, Sequence
from itertools import starmap
from typing import Any
from uuid import UUID

import asyncpg

from marketday.kit.database import load_queries
from marketday.kit.outages import driver_errors_as
from marketday.waitingroom.errors import RoomUnavailable
from marketday.waitingroom.model import Draw, EntryRecord, Facts
from marketday.waitingroom.recording.model import KeptRoom, PersonPlaces, Whole

_SQL = load_queries(__package__)
_PORTION = 5000


class PostgresRegister:
    """Reads and writes `rooms` and `entries`, as the role `worker`. Every method may raise RoomUnavailable."""

    def __init__(self, pool: "asyncpg.Pool[Any]") -> None:
        """Work on the drop database of `pool`."""
        self._pool = pool

    async def rooms(self) -> list[KeptRoom]:
        """Return every drop's room."""
        with driver_errors_as(_unavailable):
            return [KeptRoom(**row) for row in await self._pool.fetch(_SQL["rooms"])]

    async def record(self, slug: str, places: Sequence[EntryRecord]) -> bool | None:
        """Write places, all or none. False: they contradict what is written; None: this room is not kept."""
        with driver_errors_as(_unavailable):
            recorded: bool | None = await self._pool.fetchval(_SQL["record"], slug, *_columns(places))
        return recorded

    async def admitted(self, slug: str) -> int:
        """Return how many places people were admitted to."""
        with driver_errors_as(_unavailable):
            return int(await self._pool.fetchval(_SQL["admitted"], slug))

    async def adopt(self, slug: str, places: Sequence[EntryRecord]) -> None:
        """Write a portion of places, in any order; a place that comes twice is written once."""
        unique = list({place.index: place for place in places}.values())
        with driver_errors_as(_unavailable):
            await self._pool.execute(_SQL["adopt"], slug, *_columns(unique))

    async def keep(self, slug: str, rejoins: int) -> None:
        """Record that all places of a room are written; nothing happens for a room that was removed."""
        with driver_errors_as(_unavailable):
            await self._pool.execute(_SQL["keep"], slug, rejoins)

    async def whole(self, slug: str) -> Whole | None:
        """Return what a room consists of except its places; None if it is not kept."""
        with driver_errors_as(_unavailable):
            row = await self._pool.fetchrow(_SQL["whole"], slug)
        if row is None:
            return None
        facts = Facts(**{name: row[name] for name in Facts.__dataclass_fields__})
        draw = Draw(row["seed"], row["cohort"], row["published_at"]) if row["cohort"] is not None else None
        return Whole(facts, draw, row["serving_number"], row["called_at"])

    async def people(self, slug: str) -> AsyncIterator[list[PersonPlaces]]:
        """Return all people of a room in portions."""
        with driver_errors_as(_unavailable):
            async with self._pool.acquire() as connection, connection.transaction(readonly=True):
                cursor = await connection.cursor(_SQL["people"], slug)
                while rows := await cursor.fetch(_PORTION):
                    yield list(starmap(_person, rows))

    async def buyers(self, slug: str) -> tuple[list[UUID], list[UUID]]:
        """Return who has an order, and who has only reservations."""
        with driver_errors_as(_unavailable):
            rows = await self._pool.fetch(_SQL["buyers"], slug)
        bought = {row["person_id"]: row["bought"] for row in rows}
        return [one for one in bought if bought[one]], [one for one in bought if not bought[one]]


def _columns(places: Sequence[EntryRecord]) -> tuple[list[Any], ...]:
    return (
        [place.person_id for place in places],
        [place.index for place in places],
        [place.joined_at for place in places],
        [place.admitted_at for place in places],
    )


def _person(person_id: UUID, indices: Any, joined: Any, admitted: Any, bought: Any, decided: Any) -> PersonPlaces:
    places = (EntryRecord(person_id, *place) for place in zip(indices, joined, admitted, strict=True))
    return PersonPlaces(tuple(places), bought, decided)


def _unavailable(words: str) -> RoomUnavailable:
    return RoomUnavailable(f"the drop database: {words.partition(':')[0]}", retry_after=2)
