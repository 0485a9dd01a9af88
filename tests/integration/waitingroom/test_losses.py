"""Valkey loses everything, or what it wrote last: whoever was told of a place or an admission still has it."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from marketday.kit.clock import SystemClock
from marketday.kit.database import connect as connect_database
from marketday.kit.database import make_pool
from marketday.kit.ids import new_id
from marketday.kit.valkey import connect
from marketday.provisioners.local.valkey import ValkeyServer
from marketday.rounds.drops import recording_loop
from marketday.rounds.loops import keep_turning
from marketday.waitingroom.errors import RoomUnavailable
from marketday.waitingroom.keeper import RoomKeeper
from marketday.waitingroom.model import Admitted, EntryRecord, Facts, Snapshot, Standing
from marketday.waitingroom.postgres import PostgresDrawLedger
from marketday.waitingroom.recording.postgres import PostgresRegister
from marketday.waitingroom.recording.service import RoomRecorder
from marketday.waitingroom.recording.valkey import ValkeyLog
from marketday.waitingroom.records import admitted_to_text
from marketday.waitingroom.service import WaitingRoom
from marketday.waitingroom.valkey import ValkeyRooms, key

from .conftest import SEED, Killable

SLUG = "dawn-serum"
CACHE_USERS = Path(__file__).parents[3] / "infra/terraform/modules/cache_users/main.tf"
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


@pytest.fixture
async def room(valkey_url: str, facts: Facts, drop_database_url: str, worker_database_url: str) -> AsyncIterator[Room]:
    async with a_room(facts, valkey_url, drop_database_url, worker_database_url) as room:
        yield room


@pytest.fixture
async def durable(
    killable: Killable, facts: Facts, drop_database_url: str, worker_database_url: str
) -> AsyncIterator[Room]:
    async with a_room(facts, killable.server.url(), drop_database_url, worker_database_url) as room:
        yield room


async def empty(room: Room) -> None:
    await room.client.flushall()


async def test_what_was_told_is_recorded(room: Room) -> None:
    await room.people(300)
    assert last_of(await room.in_database()) == room.told
    assert await room.broken_promises() == []


async def test_emptied_twice_before_the_opening(room: Room) -> None:
    await room.people(50)
    for _ in range(2):
        await empty(room)
        await room.people(20)
    assert await room.broken_promises() == []
    await room.open()
    draw = (await room.snapshot()).draw
    assert draw is not None
    assert draw.cohort == len(room.told)


async def test_emptied_during_the_sale(room: Room) -> None:
    """Draw, serving number, admissions, purchases, and the places of people who came late or again are as they were."""
    people = await room.people(30)
    await room.open()
    before = await room.snapshot()
    await room.people(5)
    await room.call(20)
    inside = [one for one in people if (await room.position(one)) < 20]
    await asyncio.gather(*map(room.admit, inside))
    buyer, again, *_ = inside
    await room.buy(buyer)
    await room.let_time_pass(again)
    placed = await room.gates[0].rejoin(SLUG, again)
    await empty(room)
    await room.people(5)
    after = await room.snapshot()
    assert (after.draw, after.serving_number, after.admitted) == (before.draw, 20, 20)
    room.let_in.pop(again)
    for person in room.let_in:
        await room.admit(person)  # the same token, or it fails
    assert (await room.standing(buyer)).bought
    assert after.inside == 20 - 2, "one has bought, and one has left"
    entry = (await room.standing(again)).entry
    assert entry is not None
    assert (entry.index, entry.turn) == (placed.index, 2)
    room.told[again] = (placed.index, placed.joined_at)
    assert await room.broken_promises() == []


@pytest.mark.parametrize("size", [1, 700, 3000])
async def test_started_without_its_last_data(durable: Room, killable: Killable, size: int) -> None:
    await durable.people(60)
    await durable.open()
    await durable.call(30)
    inside = [one for one in durable.told if (await durable.position(one)) < 30]
    await asyncio.gather(*map(durable.admit, inside))
    await asyncio.to_thread(killable.kill)
    killable.cut_the_tail(size)
    await asyncio.to_thread(killable.start)
    await durable.people(20)
    assert await durable.broken_promises() == []
    for person in inside:
        await durable.admit(person)
    assert (await durable.snapshot()).serving_number == 30


async def test_started_with_an_older_folder_and_then_without_any(durable: Room, killable: Killable) -> None:
    await durable.people(30)
    await asyncio.to_thread(killable.kill)
    [file] = killable.server.folder.glob("appendonlydir/*.incr.aof")
    older = file.read_bytes()
    await asyncio.to_thread(killable.start)
    await durable.people(30)
    for content in (older, b""):
        await asyncio.to_thread(killable.kill)
        file.write_bytes(content)
        await asyncio.to_thread(killable.start)
        await durable.people(10)
        assert await durable.broken_promises() == []


async def test_a_long_log_is_recorded_in_portions(room: Room) -> None:
    """The worker was away for a while; a statement that wrote all of it at once could take longer than it may."""
    room.stop()
    for _ in range(40):
        await asyncio.gather(*(room.rooms.join(SLUG, new_id(), datetime.now(UTC)) for _ in range(3)))
    written: list[int] = []
    record = room.recorder._register.record

    async def counted(slug: str, places: Sequence[EntryRecord]) -> bool | None:
        written.append(len(places))
        return await record(slug, places)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room.recorder._register, "record", counted)
        await room.recorder.check()
    assert len(await room.in_database()) == sum(written) == 120
    assert max(written) <= 16 * 3
    assert await room.client.xlen(key(SLUG, "log")) == 0


async def test_emptied_while_people_join(room: Room) -> None:
    ended = asyncio.Event()

    async def keep_joining() -> None:
        while not ended.is_set():
            await room.join(new_id())

    async def empty_three_times() -> None:
        for _ in range(3):
            enough = len(room.told) + 50
            while len(room.told) < enough:
                await asyncio.sleep(0.001)
            await empty(room)
        ended.set()

    async with asyncio.timeout(120):
        await asyncio.gather(empty_three_times(), *(keep_joining() for _ in range(16)))
    assert await room.broken_promises() == []


async def test_nobody_is_told_anything_while_a_lost_room_is_not_restored(room: Room) -> None:
    """Not that there is no such drop, nor that a person has no place; and no place is given that might be another's."""
    (person,) = await room.people(1)
    room.stop()
    await empty(room)
    gate = room.gates[0]
    for question in (gate.join(SLUG, person), gate.look(SLUG), gate.standing(SLUG, person), gate.admit(SLUG, person)):
        with pytest.raises(RoomUnavailable):
            await question
    await room.rooms.publish_drop(room.facts)  # an operator closes the drop early, for example
    for question in (gate.standing(SLUG, person), gate.admit(SLUG, person), gate.join(SLUG, new_id())):
        with pytest.raises(RoomUnavailable):
            await question
    await room.recorder.check()
    assert (await room.standing(person)).entry is not None


async def test_a_removed_room_is_not_restored(room: Room) -> None:
    await room.people(3)
    await room.owner.execute("DELETE FROM rooms")
    await room.rooms.forget_drop(SLUG)
    room.stop()
    await room.recorder.check()
    assert await room.rooms.slugs() == []
    assert await room.client.keys("room:*restoring*") == []


async def test_of_two_who_restore_a_room_the_later_one_does_it(room: Room) -> None:
    await room.people(3)
    room.stop()
    whole = await PostgresRegister(room.pool).whole(SLUG)
    assert whole is not None
    log = ValkeyLog(room.client)
    first, second = await log.begin(SLUG), await log.begin(SLUG)
    assert not await log.finish(whole, first, "a run")
    assert await log.finish(whole, second, "a run")
    await room.recorder.check()
    assert last_of(await room.in_valkey()) == room.told


async def test_a_room_that_an_earlier_version_filled_is_written_down_first(room: Room) -> None:
    await room.owner.execute("UPDATE rooms SET kept = false")
    room.stop()
    people = [new_id() for _ in range(30)]
    for person in people:
        await room.rooms.join(SLUG, person, datetime.now(UTC))
    await room.client.delete(key(SLUG, "log"))
    await room.recorder.check()
    assert set(last_of(await room.in_database())) == set(people)
    await empty(room)
    await room.recorder.check()
    assert set(last_of(await room.in_valkey())) == set(people)


async def test_the_user_that_services_have_on_aws_may_do_all_of_it(
    valkey_server: ValkeyServer, room: Room, facts: Facts, drop_database_url: str, worker_database_url: str
) -> None:
    [may] = re.findall(r'AccessString += "([^"]+)"', CACHE_USERS.read_text("utf-8"))
    await room.client.execute_command("ACL", "SETUSER", "cloud", *may.split(), ">a-password")
    room.stop()
    await empty(room)
    await room.owner.execute("DELETE FROM drops")
    url = f"redis://cloud:a-password@127.0.0.1:{valkey_server.port}/0"
    async with a_room(facts, url, drop_database_url, worker_database_url) as limited:
        await limited.people(3)
        await empty(room)
        await limited.open()
        await limited.people(3)
        assert await limited.broken_promises() == []
