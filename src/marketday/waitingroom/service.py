"""What a person does in the waiting room: join, look, be admitted. The gate offers this over HTTP."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from marketday.kit.clock import Clock
from marketday.kit.fresh import Fresh
from marketday.waitingroom.errors import CannotRejoin, NoEntry
from marketday.waitingroom.model import (
    Facts,
    Snapshot,
    Standing,
    may_rejoin,
    position_of,
    require_admissible,
    require_room_open,
)
from marketday.waitingroom.ports import Joined, RoomStore
from marketday.waitingroom.tokens import sign

FACTS_SECONDS = 1.0  # facts change only when a hand-over is repeated


@dataclass(frozen=True, slots=True)
class Place:
    """A person's entry. `position` is None until the draw; `first` is true if the entry was made just now."""

    drop: str
    index: int
    position: int | None
    joined_at: datetime
    commitment: bytes
    first: bool


@dataclass(frozen=True, slots=True)
class Granted:
    """An admission token, and whether it was granted just now or before."""

    token: str
    expires_at: datetime
    first: bool


class WaitingRoom:
    """The rooms of all drops of this environment."""

    def __init__(self, rooms: RoomStore, clock: Clock, admission_key: bytes) -> None:
        """Sign admissions with `admission_key`, 32 bytes that the store has too."""
        self._rooms = rooms
        self._clock = clock
        self._key = admission_key
        self._facts = Fresh(rooms.facts, seconds=FACTS_SECONDS, clock=clock)

    async def join(self, slug: str, person_id: UUID) -> Place:
        """Give the person an entry, or return the existing one.

        Raises:
            UnknownDrop, RoomNotOpen, DropClosed, RoomUnavailable: see these classes.

        """
        now = self._clock.now()
        facts = await self._facts.get(slug)
        require_room_open(facts, now)
        return _place(facts, await self._rooms.join(slug, person_id, now))

    async def rejoin(self, slug: str, person_id: UUID) -> Place:
        """Give a person whose admission expired without a purchase a new place, behind everyone who waits.

        A person whose place is still valid gets that place; a person without a place gets one, as with `join`.

        Raises:
            CannotRejoin: the person bought something, or joined again as often as the drop allows, or all is sold.
            UnknownDrop, RoomNotOpen, DropClosed, RoomUnavailable: see these classes.

        """
        standing, now = await self.standing(slug, person_id)
        over = standing.admitted
        if over is None or now < over.expires_at:
            return await self.join(slug, person_id)
        require_room_open(standing.room.facts, now)
        if not may_rejoin(standing, now):
            most = standing.room.facts.rejoins
            raise CannotRejoin(
                f"joining again needs units that are left and no purchase; this drop allows it {most} times"
            )
        return _place(standing.room.facts, await self._rooms.rejoin(slug, person_id, over, now))

    async def look(self, slug: str) -> tuple[Snapshot, datetime]:
        """Return the room as it is now, and the moment of this; raises UnknownDrop or RoomUnavailable."""
        now = self._clock.now()
        return await self._rooms.snapshot(slug, now), now

    async def standing(self, slug: str, person_id: UUID) -> tuple[Standing, datetime]:
        """Return the room, the person's place in it, and the moment of this; raises UnknownDrop or RoomUnavailable."""
        now = self._clock.now()
        return await self._rooms.standing(slug, person_id, now), now

    async def admit(self, slug: str, person_id: UUID) -> Granted:
        """Exchange the person's entry for an admission, once; a repeated call returns the same until it expires.

        Raises:
            NoEntry: the person never joined.
            UnknownDrop, DropClosed, AdmissionExpired, SoldOut, NotYetServed, RoomUnavailable: see these classes.

        """
        standing, now = await self.standing(slug, person_id)
        position = standing.position
        if standing.entry is None:
            raise NoEntry(f"join the room of {slug!r} first")
        require_admissible(standing, now)
        admitted, first = standing.admitted, False
        if admitted is None and position is not None:
            expires_at = now + timedelta(seconds=standing.room.facts.admission_seconds)
            admitted, first = await self._rooms.admit(slug, person_id, position, now, expires_at)
        assert admitted is not None and position is not None  # noqa: S101, PT018 - otherwise they could not be admitted
        token = sign(self._key, slug, person_id, admitted.expires_at, position)
        return Granted(token, admitted.expires_at, first)


def _place(facts: Facts, joined: Joined) -> Place:
    return Place(
        drop=facts.slug,
        index=joined.entry.index,
        position=position_of(joined.entry.index, joined.draw),
        joined_at=joined.entry.joined_at,
        commitment=facts.commitment,
        first=joined.first,
    )
