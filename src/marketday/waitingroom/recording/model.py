"""The records of a waiting room in PostgreSQL, and whether the room in Valkey has to be repaired. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from marketday.waitingroom.model import Draw, EntryRecord, Facts

RECORDED, LOST = "1", "0"  # the answers to a message
MOST_MESSAGES = 16  # of at most 256 places each, in one statement


@dataclass(frozen=True, slots=True)
class Message:
    """One call of a room's log: the places and admissions that it gave, which `name` waits to see recorded."""

    slug: str
    id: str
    name: str
    places: tuple[EntryRecord, ...]


@dataclass(frozen=True, slots=True)
class RoomState:
    """A room as Valkey has it at one moment, with all of its log.

    `run` is another one after each start of Valkey, and `verified` says that the room was compared with the drop
    database in this run. `entries` and `admitted` count all places, also the earlier places of people.
    """

    exists: bool
    run: str
    verified: bool
    entries: int
    admitted: int
    serving_number: int
    log: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class KeptRoom:
    """A room as the drop database has it; `kept` is false until it has every place of the room."""

    slug: str
    kept: bool
    places: int
    serving_number: int
    called_at: datetime | None


@dataclass(frozen=True, slots=True)
class Whole:
    """What a room consists of, except its places."""

    facts: Facts
    draw: Draw | None
    serving_number: int
    called_at: datetime | None


@dataclass(frozen=True, slots=True)
class PersonPlaces:
    """All places of one person in the order of their indices.

    `bought` and `decided` say whether the person has an order or a reservation.
    """

    places: tuple[EntryRecord, ...]
    bought: bool
    decided: bool

    @property
    def person_id(self) -> UUID:
        """Whose places these are."""
        return self.places[0].person_id


class Need(StrEnum):
    """What has to be done for a room."""

    NOTHING = "nothing"
    ADOPTING = "adopting"  # it has places that were never in its log: write them down
    COMPARING = "comparing"  # Valkey was started again: has it lost something?
    RESTORING = "restoring"  # Valkey has lost the room, or a part of it


def need_of(kept: KeptRoom, state: RoomState) -> Need:
    """Return what a room needs, by its `state` and by what the drop database has with all of its log."""
    if not kept.kept:
        return Need.ADOPTING if state.exists else Need.NOTHING  # it is not published yet, or was removed
    if not state.exists or state.entries < kept.places:
        return Need.RESTORING
    if state.entries > kept.places:  # a gate of an earlier version, which writes no log
        return Need.ADOPTING
    return Need.NOTHING if state.verified else Need.COMPARING


def merged(messages: Iterable[Message]) -> Sequence[EntryRecord] | None:
    """Return each place once, with its admission if one of the messages has it; None if messages disagree."""
    found: dict[int, EntryRecord] = {}
    for message in messages:
        for place in message.places:
            known = found.setdefault(place.index, place)
            if (known.person_id, known.joined_at) != (place.person_id, place.joined_at):
                return None
            if place.admitted_at is not None:
                found[place.index] = place
    return list(found.values())
