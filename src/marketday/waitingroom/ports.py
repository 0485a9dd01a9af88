"""What the waiting room needs from outside: a store of rooms, and the drop database's draws and register."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from marketday.waitingroom.model import Admitted, Board, Draw, Entry, EntryRecord, Facts, Snapshot, Standing


@dataclass(frozen=True, slots=True)
class Flow:
    """The latest calls and admissions, as `admission.Load` needs them."""

    called_before_grace: int
    came_within_grace: int
    deciding: int  # people admitted within `deciding_seconds` who have no reservation yet
    last_called_at: datetime | None
    called_in_window: int  # people called within `window_seconds`


@dataclass(frozen=True, slots=True)
class Joined:
    """A person's entry, the draw if it is published, and whether this call made the entry."""

    entry: Entry
    draw: Draw | None
    first: bool


class RoomStore(Protocol):
    """Keeps the rooms of all drops. Each write is atomic, durable when it returns, and safe to repeat.

    Every method raises `UnknownDrop` for a drop that was not published (except `leave`, `entries` and `forget_drop`,
    which then do nothing), and `RoomUnavailable` if the store does not answer after a few tries.
    """

    async def publish_drop(self, facts: Facts) -> None:
        """Open a room for a drop, or replace its facts; entries are kept."""
        ...

    async def forget_drop(self, slug: str) -> None:
        """Remove everything of a drop."""
        ...

    async def slugs(self) -> list[str]:
        """Return the published drops."""
        ...

    async def facts(self, slug: str) -> Facts:
        """Return a drop's facts."""
        ...

    async def join(self, slug: str, person_id: UUID, now: datetime) -> Joined:
        """Give a person an entry with the next index, or return the existing entry."""
        ...

    async def rejoin(self, slug: str, person_id: UUID, over: Admitted, now: datetime) -> Joined:
        """Give a person whose last admission was `over` a new place, with the next index; repeated, the same place."""
        ...

    async def standing(self, slug: str, person_id: UUID, now: datetime) -> Standing:
        """Return the room, and one person's entry and admission in it."""
        ...

    async def snapshot(self, slug: str, now: datetime) -> Snapshot:
        """Return the room."""
        ...

    async def open(self, slug: str, seed: bytes, now: datetime, cohort: int | None = None) -> Draw:
        """Publish the draw with all entries, or with an already recorded `cohort`; repeating it changes nothing."""
        ...

    async def admit(
        self, slug: str, person_id: UUID, position: int, now: datetime, expires_at: datetime
    ) -> tuple[Admitted, bool]:
        """Exchange an entry once; return whether this call did it."""
        ...

    async def leave(self, slug: str, person_ids: Sequence[UUID]) -> None:
        """Remove these people from those inside, because they have bought; their admissions stay valid."""
        ...

    async def decided(self, slug: str, person_ids: Sequence[UUID]) -> None:
        """Remove these people from those deciding: they hold a reservation, which the stock already counts."""
        ...

    async def call(self, slug: str, serving_number: int, now: datetime) -> int:
        """Raise the serving number, never lower it, and return it; expired admissions no longer count as inside."""
        ...

    async def flow(
        self, slug: str, now: datetime, *, grace_seconds: float, deciding_seconds: float, window_seconds: float
    ) -> Flow:
        """Return the latest calls and admissions."""
        ...

    async def write_board(self, slug: str, board: Board) -> None:
        """Publish stock and rate for everyone."""
        ...

    def entries(self, slug: str) -> AsyncIterator[list[EntryRecord]]:
        """Export the register in portions, in no particular order: a line for each place."""
        ...

    async def ping(self) -> None:
        """Return if the store answers."""
        ...


@dataclass(frozen=True, slots=True)
class DrawRecord:
    """A drop's draw as the drop database has it, with the drop's times and its `rate_limits`."""

    slug: str
    opens_at: datetime
    closes_at: datetime
    rates: dict[str, float]
    seed: bytes
    cohort: int | None
    published_at: datetime | None = None


class DrawLedger(Protocol):
    """The draws in the drop database, and what it has of the rooms."""

    async def draws(self) -> list[DrawRecord]:
        """Return the draws of every drop in the database."""
        ...

    async def record(self, slug: str, draw: Draw) -> None:
        """Record a draw, before it is published; a later call does not change the first record."""
        ...

    async def places(self, slug: str) -> int:
        """Return how many places are recorded."""
        ...

    async def called(self, slug: str, serving_number: int, now: datetime) -> None:
        """Record a serving number, before it is published; a lower one changes nothing."""
        ...
