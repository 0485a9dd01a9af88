"""Waiting rooms and their register in memory; they pass the same tests as those in Valkey and PostgreSQL."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from marketday.waitingroom.errors import UnknownDrop
from marketday.waitingroom.model import Admitted, Board, Draw, Entry, EntryRecord, Facts, Snapshot, Standing
from marketday.waitingroom.ports import DrawRecord, Flow, Joined


@dataclass
class _Room:
    facts: Facts
    draw: Draw | None = None
    board: Board = field(default_factory=Board)
    calls: list[tuple[datetime, int]] = field(default_factory=list)
    entries: dict[UUID, Entry] = field(default_factory=dict)
    admitted: dict[UUID, Admitted] = field(default_factory=dict)
    positions: dict[UUID, int] = field(default_factory=dict)
    inside: dict[UUID, datetime] = field(default_factory=dict)
    deciding: dict[UUID, datetime] = field(default_factory=dict)
    bought: set[UUID] = field(default_factory=set)
    earlier: list[EntryRecord] = field(default_factory=list)  # places of people who have joined again

    @property
    def places(self) -> int:
        return len(self.entries) + len(self.earlier)

    def called_by(self, moment: datetime) -> int:
        return max((number for at, number in self.calls if at <= moment), default=0)


class InMemoryRooms:
    """Implements `ports.RoomStore`."""

    def __init__(self) -> None:
        self._rooms: dict[str, _Room] = {}

    async def publish_drop(self, facts: Facts) -> None:
        """Open a room, or replace its facts."""
        if facts.slug in self._rooms:
            self._rooms[facts.slug].facts = facts
        else:
            self._rooms[facts.slug] = _Room(facts)

    async def forget_drop(self, slug: str) -> None:
        """Remove the room."""
        self._rooms.pop(slug, None)

    async def slugs(self) -> list[str]:
        """Return the slugs of all rooms."""
        return sorted(self._rooms)

    async def facts(self, slug: str) -> Facts:
        """Return a room's facts."""
        return self._room(slug).facts

    async def join(self, slug: str, person_id: UUID, now: datetime) -> Joined:
        """Give out the next index."""
        room = self._room(slug)
        first = person_id not in room.entries
        entry = room.entries.setdefault(person_id, Entry(room.places, now))
        return Joined(entry, room.draw, first)

    async def rejoin(self, slug: str, person_id: UUID, over: Admitted, now: datetime) -> Joined:
        """Give out the next index, and keep the person's earlier place."""
        room = self._room(slug)
        entry, first = room.entries[person_id], room.admitted.get(person_id) == over
        if first:
            place = Entry(room.places, now, entry.turn + 1)
            room.earlier.append(EntryRecord(person_id, entry.index, entry.joined_at, over.admitted_at))
            entry = room.entries[person_id] = place
            del room.admitted[person_id]
        return Joined(entry, room.draw, first)

    async def standing(self, slug: str, person_id: UUID, now: datetime) -> Standing:
        """Return room, entry and admission."""
        room = self._room(slug)
        entry, admitted = room.entries.get(person_id), room.admitted.get(person_id)
        return Standing(await self.snapshot(slug, now), entry, admitted, person_id in room.bought)

    async def snapshot(self, slug: str, now: datetime) -> Snapshot:
        """Return the room."""
        room = self._room(slug)
        return Snapshot(
            facts=room.facts,
            draw=room.draw,
            board=room.board,
            serving_number=room.called_by(datetime.max.replace(tzinfo=now.tzinfo)),
            entries=room.places,
            admitted=len(room.admitted) + len(room.earlier),
            inside=sum(expiry > now for expiry in room.inside.values()),
        )

    async def open(self, slug: str, seed: bytes, now: datetime, cohort: int | None = None) -> Draw:
        """Publish the draw once."""
        room = self._room(slug)
        room.draw = room.draw or Draw(seed, len(room.entries) if cohort is None else cohort, now)
        return room.draw

    async def admit(
        self, slug: str, person_id: UUID, position: int, now: datetime, expires_at: datetime
    ) -> tuple[Admitted, bool]:
        """Exchange an entry once."""
        room = self._room(slug)
        first = person_id not in room.admitted
        if first:
            room.admitted[person_id] = Admitted(now, expires_at)
            room.positions[person_id] = position
            room.inside[person_id] = expires_at
            room.deciding[person_id] = now
        return room.admitted[person_id], first

    async def leave(self, slug: str, person_ids: Sequence[UUID]) -> None:
        """Remove people from those inside."""
        for person_id in person_ids:
            if slug in self._rooms:
                self._rooms[slug].inside.pop(person_id, None)
                self._rooms[slug].bought.add(person_id)
        await self.decided(slug, person_ids)

    async def decided(self, slug: str, person_ids: Sequence[UUID]) -> None:
        """Remove people from those deciding."""
        for person_id in person_ids:
            if slug in self._rooms:
                self._rooms[slug].deciding.pop(person_id, None)

    async def call(self, slug: str, serving_number: int, now: datetime) -> int:
        """Raise the serving number."""
        room = self._room(slug)
        room.inside = {person: expiry for person, expiry in room.inside.items() if expiry > now}
        standing = max((number for _, number in room.calls), default=0)
        if serving_number > standing:
            room.calls.append((now, serving_number))
        return max(serving_number, standing)

    async def flow(
        self, slug: str, now: datetime, *, grace_seconds: float, deciding_seconds: float, window_seconds: float
    ) -> Flow:
        """Count the latest calls and claims."""
        room = self._room(slug)
        before_grace = room.called_by(now - timedelta(seconds=grace_seconds))
        too_long_ago = now - timedelta(seconds=deciding_seconds)
        return Flow(
            called_before_grace=before_grace,
            came_within_grace=sum(position >= before_grace for position in room.positions.values()),
            deciding=sum(admitted > too_long_ago for admitted in room.deciding.values()),
            last_called_at=max((at for at, _ in room.calls if at <= now), default=None),
            called_in_window=room.called_by(now) - room.called_by(now - timedelta(seconds=window_seconds)),
        )

    async def write_board(self, slug: str, board: Board) -> None:
        """Keep the board."""
        self._room(slug).board = board

    async def entries(self, slug: str) -> AsyncIterator[list[EntryRecord]]:
        """Export all entries in one portion."""
        room = self._rooms.get(slug)
        yield list(room.earlier) if room else []
        for person_id, entry in room.entries.items() if room else ():
            admitted = room.admitted.get(person_id) if room else None
            at = admitted.admitted_at if admitted else None
            yield [EntryRecord(person_id, entry.index, entry.joined_at, at)]

    async def ping(self) -> None:
        """Answer."""

    def _room(self, slug: str) -> _Room:
        if slug not in self._rooms:
            raise UnknownDrop(f"no drop {slug!r} here")
        return self._rooms[slug]


class InMemoryDrawLedger:
    """Implements `ports.DrawLedger`."""

    def __init__(self, *records: DrawRecord, rooms: InMemoryRooms | None = None) -> None:
        """Know these draws; every place in `rooms` is recorded at once."""
        self.records = {record.slug: record for record in records}
        self.serving_numbers: dict[str, int] = {}
        self._rooms = rooms

    async def draws(self) -> list[DrawRecord]:
        """Return the draws in the order of opening."""
        return sorted(self.records.values(), key=lambda record: (record.opens_at, record.slug))

    async def record(self, slug: str, draw: Draw) -> None:
        """Keep the first record of a draw."""
        known = self.records.get(slug)
        if known is not None and known.cohort is None:
            self.records[slug] = replace(known, cohort=draw.cohort, published_at=draw.published_at)

    async def places(self, slug: str) -> int:
        """Count the places."""
        portions = [portion async for portion in self._rooms.entries(slug)] if self._rooms else []
        return sum(map(len, portions))

    async def called(self, slug: str, serving_number: int, _now: datetime) -> None:
        """Raise the recorded serving number."""
        self.serving_numbers[slug] = max(serving_number, self.serving_numbers.get(slug, 0))
