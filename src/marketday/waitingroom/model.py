"""A drop's room, the entries in it, and their state at a moment. Pure: the time is an argument."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from marketday.catalog.stock import StockState
from marketday.waitingroom.draw import permutation
from marketday.waitingroom.errors import AdmissionExpired, DropClosed, NotYetServed, RoomNotOpen, SoldOut


class RoomPhase(StrEnum):
    """The phase of a drop, for the waiting room."""

    UPCOMING = "upcoming"  # the room is not open
    WAITING = "waiting"  # people come in; nobody has a position yet
    OPEN = "open"  # the draw is published, people are called
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of a drop that the waiting room gets when it is built. `commitment` is the SHA-256 of the draw's seed.

    `rejoins` is how often a person may join again after an admission that expired without a purchase.
    """

    slug: str
    room_opens_at: datetime
    opens_at: datetime
    closes_at: datetime
    admission_seconds: int
    commitment: bytes
    name_ko: str = ""
    name_en: str = ""
    zone: str = "UTC"
    rejoins: int = 0


@dataclass(frozen=True, slots=True)
class Draw:
    """The published draw: its seed, and how many people had joined before it (indices 0..cohort-1 took part)."""

    seed: bytes
    cohort: int
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A person's place: `index` is the order of arrival, from 0; `turn` counts the places this person has had."""

    index: int
    joined_at: datetime
    turn: int = 1


@dataclass(frozen=True, slots=True)
class Admitted:
    """The moment when a place was exchanged for an admission, and the moment when the time in the store ends."""

    admitted_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Board:
    """What the worker last published for everyone: stock, units left, and how many people a second it called lately."""

    stock: StockState = StockState.AVAILABLE
    left: int = 0
    rate_per_second: float = 0.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One drop's room at one moment. `entries` and `admitted` count all places, also the earlier places of people.

    `inside` counts the admissions that have not expired and whose person has not left.
    """

    facts: Facts
    draw: Draw | None
    board: Board
    serving_number: int
    entries: int
    admitted: int
    inside: int

    def phase(self, now: datetime) -> RoomPhase:
        """Return the phase at `now`."""
        return phase(self.facts, draw_published=self.draw is not None, now=now)

    @property
    def waiting(self) -> int:
        """How many are in the room and have not been called."""
        return max(self.entries - self.serving_number, 0)


@dataclass(frozen=True, slots=True)
class Standing:
    """One person in one drop's room: the room, and the person's entry and admission in it."""

    room: Snapshot
    entry: Entry | None
    admitted: Admitted | None
    bought: bool = False

    @property
    def position(self) -> int | None:
        """The person's position, None before the draw or without an entry."""
        return None if self.entry is None else position_of(self.entry.index, self.room.draw)


@dataclass(frozen=True, slots=True)
class EntryRecord:
    """One line of the room's register, for the proof of the draw: a place, and whose place it was."""

    person_id: UUID
    index: int
    joined_at: datetime
    admitted_at: datetime | None


def phase(facts: Facts, *, draw_published: bool, now: datetime) -> RoomPhase:
    """Return the phase of a drop at `now`. After `opens_at` it is still WAITING until the draw is published."""
    if now >= facts.closes_at:
        return RoomPhase.CLOSED
    if now < facts.room_opens_at:
        return RoomPhase.UPCOMING
    return RoomPhase.OPEN if draw_published else RoomPhase.WAITING


def require_room_open(facts: Facts, now: datetime) -> None:
    """Let people join from `room_opens_at` until `closes_at`.

    Raises:
        RoomNotOpen: too early.
        DropClosed: too late.

    """
    match phase(facts, draw_published=False, now=now):
        case RoomPhase.UPCOMING:
            raise RoomNotOpen(f"the room opens at {facts.room_opens_at.isoformat()}")
        case RoomPhase.CLOSED:
            raise DropClosed(f"the drop closed at {facts.closes_at.isoformat()}")


def position_of(index: int, draw: Draw | None) -> int | None:
    """Return the position of the entry with `index`.

    It is None before the draw. For entries of the cohort it is drawn, for later entries it is their index.
    """
    if draw is None:
        return None
    return permutation(draw.seed, index, draw.cohort) if index < draw.cohort else index


def is_served(position: int | None, serving_number: int) -> bool:
    """Return whether `position` has been called: it is below the serving number."""
    return position is not None and position < serving_number


def require_admissible(standing: Standing, now: datetime) -> None:
    """Allow admission to people who were called, and again to people whose admission has not expired.

    `standing` must have an entry. A repeated exchange works even if all is sold, because the person is inside.

    Raises:
        DropClosed: the drop is over.
        AdmissionExpired: the entry was exchanged before, and that admission has expired.
        SoldOut: nothing is left that could be bought.
        NotYetServed: the person was not called yet; it carries position and serving number.

    """
    room = standing.room
    if room.phase(now) is RoomPhase.CLOSED:
        raise DropClosed(f"the drop closed at {room.facts.closes_at.isoformat()}")
    if standing.admitted is not None:
        if now >= standing.admitted.expires_at:
            raise AdmissionExpired(f"it ended at {standing.admitted.expires_at.isoformat()}")
        return
    if room.board.stock is StockState.SOLD_OUT:
        raise SoldOut
    if not is_served(standing.position, room.serving_number):
        raise NotYetServed(position=standing.position, serving_number=room.serving_number)


def may_rejoin(standing: Standing, now: datetime) -> bool:
    """Return whether the person may join again; the new place is behind everyone who waits.

    It is allowed after an admission that expired without a purchase, while the drop is open and not sold out, and
    only as often as the drop allows.
    """
    room, admitted, entry = standing.room, standing.admitted, standing.entry
    if entry is None or admitted is None or now < admitted.expires_at or standing.bought:
        return False
    if room.phase(now) is not RoomPhase.OPEN or room.board.stock is StockState.SOLD_OUT:
        return False
    return entry.turn <= room.facts.rejoins
