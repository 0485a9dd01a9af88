"""A waiting room whose people remember what they were told, so that a test can find each broken promise."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from marketday.kit.clock import SystemClock
from marketday.kit.database import connect as connect_database
from marketday.kit.database import make_pool
from marketday.kit.ids import new_id
from marketday.kit.valkey import connect
from marketday.rounds.drops import recording_loop
from marketday.rounds.loops import keep_turning
from marketday.waitingroom.errors import RoomUnavailable
from marketday.waitingroom.keeper import RoomKeeper
from marketday.waitingroom.model import Admitted, Facts, Snapshot, Standing
from marketday.waitingroom.postgres import PostgresDrawLedger
from marketday.waitingroom.recording.postgres import PostgresRegister
from marketday.waitingroom.recording.service import RoomRecorder
from marketday.waitingroom.recording.valkey import ValkeyLog
from marketday.waitingroom.records import admitted_to_text
from marketday.waitingroom.service import WaitingRoom
from marketday.waitingroom.valkey import ValkeyRooms, key

from .conftest import SEED

SLUG = "dawn-serum"
Line = tuple[UUID, int, datetime]


@dataclass
class Room:
    """A drop's room with a recorder, two gates, and people who remember what they were told."""

    facts: Facts
    owner: "asyncpg.Connection[Any]"
    pool: "asyncpg.Pool[Any]"
    gates: list[WaitingRoom]
    rooms: ValkeyRooms
    recorder: RoomRecorder
    client: Any
    stop: Callable[[], Any]
    told: dict[UUID, tuple[int, datetime]] = field(default_factory=dict)
    let_in: dict[UUID, str] = field(default_factory=dict)

    async def join(self, person: UUID) -> None:
        """Ask until there is a success, and remember it."""
        for attempt in range(10_000):
            with contextlib.suppress(RoomUnavailable):
                place = await self.gates[attempt % 2].join(SLUG, person)
                known = self.told.setdefault(person, (place.index, place.joined_at))
                assert known == (place.index, place.joined_at), "a place has changed"
                return
            await asyncio.sleep(0.01)
        raise AssertionError("nobody can join")

    async def admit(self, person: UUID) -> None:
        for attempt in range(10_000):
            with contextlib.suppress(RoomUnavailable):
                granted = await self.gates[attempt % 2].admit(SLUG, person)
                known = self.let_in.setdefault(person, granted.token)
                assert known == granted.token, "an entry was exchanged twice"
                return
            await asyncio.sleep(0.01)
        raise AssertionError("nobody is admitted")

    async def people(self, count: int) -> list[UUID]:
        found = [new_id() for _ in range(count)]
        await asyncio.gather(*map(self.join, found))
        return found

    async def open(self) -> None:
        """Let the drop open now, and publish its draw."""
        self.facts = replace(self.facts, opens_at=datetime.now(UTC).replace(microsecond=0))
        await self.owner.execute("UPDATE drops SET opens_at = $2 WHERE slug = $1", SLUG, self.facts.opens_at)
        await self.rooms.publish_drop(self.facts)
        ledger = PostgresDrawLedger(self.pool)
        keeper = RoomKeeper(self.rooms, ledger)
        async with asyncio.timeout(30):
            while await keeper.open_due((await ledger.draws())[0], datetime.now(UTC)) is None:
                await asyncio.sleep(0.01)

    async def call(self, number: int) -> None:
        """Raise the serving number, as the keeper does."""
        now = datetime.now(UTC)
        await PostgresDrawLedger(self.pool).called(SLUG, number, now)
        await self.rooms.call(SLUG, number, now)

    async def snapshot(self) -> Snapshot:
        return (await self.gates[0].look(SLUG))[0]

    async def standing(self, person: UUID) -> Standing:
        return (await self.gates[0].standing(SLUG, person))[0]

    async def position(self, person: UUID) -> int:
        position = (await self.standing(person)).position
        assert position is not None
        return position

    async def buy(self, person: UUID) -> None:
        """Write a paid order of a person, and its message as if it had been relayed."""
        reservation = new_id()
        await self.owner.execute("INSERT INTO items VALUES ($1, 'A', 1, '', '', '', '', 1, 'KRW', 9)", SLUG)
        await self.owner.execute(
            "INSERT INTO reservations (id, drop_slug, sku, person_id, quantity, unit_price_minor, currency, state,"
            " reserved_until, idempotency_key, fingerprint)"
            " VALUES ($1, $2, 'A', $3, 1, 1, 'KRW', 'confirmed', now(), 'k', '')",
            *(reservation, SLUG, person),
        )
        await self.owner.execute(
            "INSERT INTO orders (id, drop_slug, person_id, reservation_id, state, currency, total_minor)"
            " VALUES ($1, $2, $3, $4, 'paid', 'KRW', 1)",
            *(new_id(), SLUG, person, reservation),
        )
        await self.rooms.leave(SLUG, [person])

    async def let_time_pass(self, person: UUID) -> None:
        """Let the admission of a person have begun so long ago that it is over."""
        ended = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=self.facts.admission_seconds + 1)
        await self.owner.execute("UPDATE entries SET admitted_at = $2 WHERE person_id = $1", person, ended)
        admitted = Admitted(ended, ended + timedelta(seconds=self.facts.admission_seconds))
        await self.client.hset(key(SLUG, "admissions"), str(person), admitted_to_text(admitted))
        await self.client.zrem(key(SLUG, "inside"), str(person))

    async def broken_promises(self) -> list[str]:
        """Return what is not as it was told, in Valkey or in the drop database."""
        for person in self.told:
            await self.join(person)
        found = []
        for where, lines in (("Valkey", await self.in_valkey()), ("the database", await self.in_database())):
            places = last_of(lines)
            found += [f"{one} in {where}" for one, told in self.told.items() if places.get(one) != told]
            if [index for _, index, _ in lines] != list(range(len(lines))):
                found.append(f"the places in {where} are {lines}")
        return found

    async def in_valkey(self) -> list[Line]:
        records = [one async for part in self.rooms.entries(SLUG) for one in part]
        return sorted(((one.person_id, one.index, one.joined_at) for one in records), key=lambda line: line[1])

    async def in_database(self) -> list[Line]:
        rows = await self.owner.fetch("SELECT person_id, index, joined_at FROM entries ORDER BY index")
        return [tuple(row) for row in rows]


def last_of(lines: list[Line]) -> dict[UUID, tuple[int, datetime]]:
    """Return the last place of each person."""
    return {person: (index, joined_at) for person, index, joined_at in lines}


@contextlib.asynccontextmanager
async def a_room(facts: Facts, url: str, owner_url: str, worker_url: str) -> AsyncIterator[Room]:
    now = datetime.now(UTC).replace(microsecond=0)
    facts = replace(
        facts,
        room_opens_at=now - timedelta(hours=1),
        opens_at=now + timedelta(hours=1),
        closes_at=now + timedelta(hours=2),
        rejoins=2,
    )
    owner, clients = await connect_database(owner_url), [connect(url) for _ in range(3)]
    log_client = connect(url, connections=2, tries=0)
    await owner.execute(
        "INSERT INTO drops VALUES ($1, $2, $3, $4, $5, $6, 300, $7)",
        *(SLUG, facts.name_ko, facts.name_en, facts.room_opens_at, facts.opens_at, facts.closes_at),
        facts.admission_seconds,
    )
    await owner.execute("INSERT INTO draws VALUES ($1, $2, sha256($2))", SLUG, SEED)
    async with make_pool(worker_url, max_size=4) as pool:
        rooms = ValkeyRooms(clients[0])
        gates = [
            WaitingRoom(ValkeyRooms(client, promise_seconds=3.0), SystemClock(), bytes(32)) for client in clients[1:]
        ]
        recorder = RoomRecorder(rooms, ValkeyLog(log_client), PostgresRegister(pool), SystemClock())
        await rooms.publish_drop(facts)
        task = asyncio.create_task(keep_turning([recording_loop(recorder)]))
        try:
            yield Room(facts, owner, pool, gates, rooms, recorder, clients[0], task.cancel)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            for client in (*clients, log_client):
                await client.aclose()
            await owner.close()
