"""Standbys in PostgreSQL: who waits for a unit that comes back. The offers are made by `sql/drop/0010_standbys.sql`."""

from typing import Any
from uuid import UUID

import asyncpg

from marketday.drops.model import Reservation, ReservationState, Standby
from marketday.drops.postgres.database import DropDatabase
from marketday.drops.standbys import StandbyAnswer, StandbyRequest
from marketday.kit.database import ANSWER_SECONDS, load_queries

MOST_COUNTED = 100  # who has more people before them need not know how many, and counting takes time
_SQL = load_queries(__package__, "standbys.sql")


class PostgresStandbys:
    """The lines of people who wait; raises `StoreUnavailable` while the database is unavailable."""

    def __init__(
        self, pool: "asyncpg.Pool[Any] | asyncpg.Connection[Any]", *, timeout_seconds: float = ANSWER_SECONDS
    ) -> None:
        """Use `pool`; after `timeout_seconds`, waiting included, the database counts as unavailable."""
        self._database = DropDatabase(pool, timeout_seconds=timeout_seconds)

    async def stand_by(self, request: StandbyRequest) -> StandbyAnswer:
        """Put a person in line, and offer a unit at once if one is free."""
        rows = await self._database.fetch(
            _SQL["stand_by"],
            request.standby_id,
            request.drop,
            request.sku,
            request.person_id,
            request.quantity,
            request.position,
        )
        return StandbyAnswer(**rows[0])

    async def look(self, drop: str, person_id: UUID) -> None:
        """Record that a person looked; this keeps their line alive."""
        await self._database.execute(_SQL["look"], drop, person_id)

    async def of(self, drop: str, person_id: UUID) -> list[Standby]:
        """Return what a person waits for in a drop, or was offered, in the order of asking."""
        rows = await self._database.fetch(_SQL["standbys_of"], drop, person_id, MOST_COUNTED)
        ids = [row["reservation_id"] for row in rows if row["reservation_id"] is not None]
        offered = await self._database.fetch(_SQL["offered"], ids) if ids else []
        reservations = {row["id"]: Reservation(**{**row, "state": ReservationState(row["state"])}) for row in offered}
        return [
            Standby(
                **{name: value for name, value in row.items() if name != "reservation_id"},
                reservation=reservations.get(row["reservation_id"]),
            )
            for row in rows
        ]

    async def leave(self, standby_id: UUID, person_id: UUID) -> bool:
        """Stop waiting; return whether the person has such a standby."""
        return bool(await self._database.value(_SQL["leave"], standby_id, person_id))
