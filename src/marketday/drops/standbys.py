"""Standing by: people who were refused because every unit was held get the next ones that come back.

The database offers units in the transaction that gives them back (`sql/drop/0010_standbys.sql`). An offer is an
ordinary reservation.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from marketday.drops.errors import (
    DropClosed,
    NotOpen,
    OverLimit,
    SoldOut,
    StoreUnavailable,
    UnknownDrop,
    UnknownItem,
    UnknownStandby,
)
from marketday.drops.model import SalePhase, Standby, StandbyState
from marketday.drops.requests import check_drop, check_quantity, check_sku
from marketday.kit.errors import MarketdayError
from marketday.kit.ids import new_id
from marketday.kit.outages import ANSWER_SECONDS
from marketday.telemetry.metrics import STANDBYS

if TYPE_CHECKING:
    from marketday.drops.postgres.standbys import PostgresStandbys


NEAR_SECONDS, FAR_SECONDS = 3.0, 5.0  # much less than `is_present` in sql/drop allows
NEAR_PEOPLE = 10


@dataclass(frozen=True, slots=True)
class StandbyRequest:
    """A checked request; `position` is the person's place in the waiting room, from the signed admission."""

    standby_id: UUID
    drop: str
    sku: str
    person_id: UUID
    quantity: int
    position: int


@dataclass(frozen=True, slots=True)
class StandbyAnswer:
    """The result of a request: an outcome's name (see `sql/drop`), the limit, and what the person has taken."""

    outcome: str
    limit_per_person: int | None
    taken: int | None


def look_again_seconds(mine: Sequence[Standby], phase: SalePhase) -> float:
    """Return when a person looks again: later while the drop is open and many people are before them in every line."""
    ahead = min((each.ahead for each in mine if each.ahead is not None), default=0)
    return FAR_SECONDS if ahead >= NEAR_PEOPLE and phase is SalePhase.OPEN else NEAR_SECONDS


class Standbys:
    """What people do who wait for a unit. Every method raises `StoreUnavailable` while the database is unavailable."""

    def __init__(
        self, store: "PostgresStandbys", *, at_once: int = 3, patience_seconds: float = ANSWER_SECONDS / 2
    ) -> None:
        """Keep the lines in `store`.

        At most `at_once` calls of it are made at a time, so that many who wait never take all connections from those
        who pay. A person who does not get a turn within `patience_seconds` is refused.
        """
        self._store = store
        self._turns = asyncio.Semaphore(at_once)
        self._patience_seconds = patience_seconds

    async def stand_by(self, drop: str, person_id: UUID, position: int, sku: Any, quantity: Any) -> Standby:
        """Put a person in line for `quantity` of `sku`; if a unit is free it is offered at once.

        A person has one place in line for each item: repeating this changes only the quantity. An offer that is still
        held stays as it is.

        Raises:
            DropError: an invalid value, or the reason why the person cannot wait (see `drops/errors.py`).

        """
        request = StandbyRequest(
            new_id(), check_drop(drop), check_sku(sku), person_id, check_quantity(quantity), position
        )
        async with self._turn():
            answer = await self._store.stand_by(request)
            if answer.outcome != "unknown_drop":
                STANDBYS.labels(request.drop, answer.outcome).inc()
            refusal = _refusal(request, answer)
            if refusal is not None:
                raise refusal
            for mine in await self._store.of(request.drop, person_id):
                if mine.sku == request.sku:
                    return mine
        raise UnknownStandby("you left the line at the same moment")

    async def look(self, drop: str, person_id: UUID) -> list[Standby]:
        """Return what a person waits for or was offered, and record that they looked.

        Units are offered only to people who look: see `is_present` in `sql/drop/0010_standbys.sql`.
        """
        async with self._turn():
            await self._store.look(check_drop(drop), person_id)
            return await self._store.of(drop, person_id)

    async def waits_for(self, drop: str, person_id: UUID) -> set[str]:
        """Return the SKUs for which a person waits now; this does not count as looking."""
        return {mine.sku for mine in await self._store.of(drop, person_id) if mine.state is StandbyState.WAITING}

    async def leave(self, standby_id: UUID, person_id: UUID) -> None:
        """Stop waiting; repeating it changes nothing. A unit that was offered stays reserved.

        Raises:
            UnknownStandby: there is none, or it is another person's.

        """
        if not await self._store.leave(standby_id, person_id):
            raise UnknownStandby(f"you have no standby {standby_id}")

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._patience_seconds):
                await self._turns.acquire()
        except TimeoutError:
            raise StoreUnavailable("too many people look at their lines at the same time", retry_after=3) from None
        try:
            yield
        finally:
            self._turns.release()


def _refusal(request: StandbyRequest, answer: StandbyAnswer) -> MarketdayError | None:
    wanted, limit, taken = request.quantity, answer.limit_per_person, answer.taken
    refusals: dict[str, MarketdayError] = {
        "unknown_drop": UnknownDrop(f"{request.drop!r} is not sold here"),
        "unknown_item": UnknownItem(f"{request.drop!r} has no item {request.sku!r}"),
        "not_open": NotOpen(f"{request.drop!r} is not open yet"),
        "drop_closed": DropClosed(f"{request.drop!r} is closed"),
        "over_limit": OverLimit(f"{wanted} wanted, {taken} taken; expected at most {limit}", limit=limit, taken=taken),
        "sold_out": SoldOut(f"{request.sku!r} is sold out"),
    }
    return refusals.get(answer.outcome)
