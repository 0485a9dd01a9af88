"""Valkey loses everything, or what it wrote last: whoever was told of a place or an admission still has it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from marketday.kit.clock import SystemClock
from marketday.kit.database import connect as connect_database
from marketday.kit.database import make_pool
from marketday.kit.ids import new_id
from marketday.kit.valkey import connect
from marketday.rounds.loops import Loop, keep_turning
from marketday.waitingroom.errors import RoomUnavailable
from marketday.waitingroom.keeper import RoomKeeper
from marketday.waitingroom.model import Facts
from marketday.waitingroom.postgres import PostgresDrawLedger
from marketday.waitingroom.recording.postgres import PostgresRegister
from marketday.waitingroom.recording.service import RoomRecorder
from marketday.waitingroom.recording.valkey import ValkeyLog
from marketday.waitingroom.service import WaitingRoom
from marketday.waitingroom.valkey import ValkeyRooms

SLUG = "dawn-serum"
Until = Callable[..., Awaitable[Any]]


@dataclass
class Room:
    """A drop's room with a recorder, two gates, and people who remember what they were told."""

    facts: Facts
    url: str
    owner: "asyncpg.Connection[Any]"
    pool: "asyncpg.Pool[Any]"
    gates: list[WaitingRoom]
    rooms: ValkeyRooms
    recorder: RoomRecorder
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

    async def broken_promises(self) -> list[str]:
        """Return what is not as it was told, in Valkey or in the drop database."""
        for person in self.told:
            await self.join(person)
        found = []
        for where, places in (("Valkey", await self._in_valkey()), ("the database", await self._in_database())):
            found += [f"{one} in {where}" for one, told in self.told.items() if places.get(one) != told]
            indices = sorted(index for index, _ in places.values())
            if indices != list(range(len(indices))):
                found.append(f"the places in {where} are {indices}")
        return found

    async def _in_valkey(self) -> dict[UUID, tuple[int, datetime]]:
        return {one.person_id: (one.index, one.joined_at) async for part in self.rooms.entries(SLUG) for one in part}

    async def _in_database(self) -> dict[UUID, tuple[int, datetime]]:
        return {row["person_id"]: (row["index"], row["joined_at"]) for row in await self.owner.fetch("TABLE entries")}


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
    seed = bytes.fromhex(SEED)
    await owner.execute("INSERT INTO draws VALUES ($1, $2, sha256($2))", SLUG, seed)
    async with make_pool(worker_url, max_size=4) as pool:
        rooms = ValkeyRooms(clients[0])
        gates = [
            WaitingRoom(ValkeyRooms(client, promise_seconds=3.0), SystemClock(), bytes(32)) for client in clients[1:]
        ]
        recorder = RoomRecorder(rooms, ValkeyLog(log_client), PostgresRegister(pool), SystemClock())
        await rooms.publish_drop(facts)
        task = asyncio.create_task(keep_turning([Loop("places", 0.002, 0.0, recorder.turn)]))
        try:
            yield Room(facts, url, owner, pool, gates, rooms, recorder)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            for client in (*clients, log_client):
                await client.aclose()
            await owner.close()


SEED = __import__("hashlib").sha256(b"a fixed seed").hexdigest()


@pytest.fixture
async def room(valkey_url: str, facts: Facts, drop_database_url: str, worker_database_url: str) -> AsyncIterator[Room]:
    async with a_room(facts, valkey_url, drop_database_url, worker_database_url) as room:
        yield room


async def empty(url: str) -> None:
    client = connect(url)
    await client.flushall()
    await client.aclose()


async def test_what_was_told_is_recorded(room: Room) -> None:
    await room.people(300)
    assert await room._in_database() == room.told
    assert await room.broken_promises() == []


@pytest.mark.parametrize("times", [1, 2])
async def test_emptied_before_the_opening(room: Room, times: int) -> None:
    await room.people(50)
    for _ in range(times):
        await empty(room.url)
        await room.people(20)
    assert await room.broken_promises() == []
    await room.open()
    assert (await room.rooms.snapshot(SLUG, datetime.now(UTC))).draw.cohort == len(room.told)
