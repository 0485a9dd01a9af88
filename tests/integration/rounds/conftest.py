import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from marketday.drops.postgres.store import PostgresDropStore
from marketday.drops.settlement import Settlement
from marketday.kit.database import connect as connect_database
from marketday.kit.database import create_pool
from marketday.kit.ids import new_id
from marketday.kit.valkey import connect
from marketday.rounds.drops import DropRounds
from marketday.rounds.http import StorePace
from marketday.testing.clock import FakeClock
from marketday.testing.gateway import FakeGateway
from marketday.waitingroom.draw import commitment
from marketday.waitingroom.model import Facts
from marketday.waitingroom.postgres import PostgresDrawLedger
from marketday.waitingroom.recording.postgres import PostgresRegister
from marketday.waitingroom.recording.service import RoomRecorder
from marketday.waitingroom.recording.valkey import ValkeyLog
from marketday.waitingroom.valkey import ValkeyRooms

SEED = hashlib.sha256(b"a fixed seed").digest()


class Plane:
    """An event plane's servers, and what a hand-over writes into them."""

    def __init__(self, owner: "asyncpg.Connection[Any]", rooms: ValkeyRooms, recorder: RoomRecorder) -> None:
        self.owner = owner
        self.rooms = rooms
        self.recorder = recorder

    async def sell(
        self,
        slug: str = "dawn-serum",
        *,
        opens_in: float = 0,
        closes_in: float = 3600,
        stock: int = 100,
        **rates: float,
    ) -> Facts:
        """Write one drop whose times are told in seconds from now into both servers."""
        now = datetime.now(UTC).replace(microsecond=0)
        facts = Facts(
            slug=slug,
            room_opens_at=now - timedelta(hours=9),
            opens_at=now + timedelta(seconds=opens_in),
            closes_at=now + timedelta(seconds=closes_in),
            admission_seconds=600,
            commitment=commitment(SEED),
        )
        await self.owner.execute(
            "INSERT INTO drops VALUES ($1, '가', 'A', $2, $3, $4, 300, 600, $5)",
            *(slug, facts.room_opens_at, facts.opens_at, facts.closes_at, rates),
        )
        await self.owner.execute("INSERT INTO items VALUES ($1, 'A', 1, '가', 'A', '', '', 1000, 'KRW', 9)", slug)
        await self.owner.execute("INSERT INTO stock VALUES ($1, 'A', $2)", slug, stock)
        await self.owner.execute("INSERT INTO draws VALUES ($1, $2, sha256($2))", slug, SEED)
        await self.rooms.publish_drop(facts)
        return facts

    async def crowd(self, facts: Facts, count: int, *, recorded: bool = True) -> list[UUID]:
        people = [new_id() for _ in range(count)]
        await asyncio.gather(*(self.rooms.join(facts.slug, person, facts.room_opens_at) for person in people))
        if recorded:
            await self.recorder.check()
        return people

    async def stock(self, slug: str, *, reserved: int, sold: int) -> None:
        await self.owner.execute("UPDATE stock SET reserved = $2, sold = $3 WHERE drop_slug = $1", slug, reserved, sold)


@pytest.fixture
async def rooms(valkey_url: str) -> AsyncIterator[ValkeyRooms]:
    client = connect(valkey_url)
    yield ValkeyRooms(client)
    await client.aclose()


@pytest.fixture
async def plane(
    drop_database_url: str, valkey_url: str, rooms: ValkeyRooms, pool: "asyncpg.Pool[Any]", clock: FakeClock
) -> AsyncIterator[Plane]:
    owner, client = await connect_database(drop_database_url), connect(valkey_url, connections=2, tries=0)
    yield Plane(owner, rooms, RoomRecorder(rooms, ValkeyLog(client), PostgresRegister(pool), clock))
    await client.aclose()
    await owner.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime.now(UTC))


@pytest.fixture
async def pool(worker_database_url: str) -> "AsyncIterator[asyncpg.Pool[Any]]":
    pool = await create_pool(worker_database_url)
    yield pool
    await pool.close()


@pytest.fixture
def ledger(pool: "asyncpg.Pool[Any]") -> PostgresDrawLedger:
    return PostgresDrawLedger(pool)


@pytest.fixture
def rounds(pool: "asyncpg.Pool[Any]", ledger: PostgresDrawLedger, rooms: ValkeyRooms, clock: FakeClock) -> DropRounds:
    store = PostgresDropStore(pool)
    return DropRounds(rooms, ledger, store, Settlement(store, FakeGateway()), StorePace([]), clock)


async def until(said: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(seconds):
        while not await said():
            await asyncio.sleep(0.02)
