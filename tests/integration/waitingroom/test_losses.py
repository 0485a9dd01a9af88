"""Valkey loses everything, or what it wrote last: whoever was told of a place or an admission still has it."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from marketday.kit.ids import new_id
from marketday.provisioners.local.valkey import ValkeyServer
from marketday.waitingroom.errors import RoomUnavailable
from marketday.waitingroom.model import EntryRecord, Facts
from marketday.waitingroom.recording.postgres import PostgresRegister
from marketday.waitingroom.recording.valkey import ValkeyLog
from marketday.waitingroom.valkey import key

from .conftest import Killable
from .remembering import SLUG, Room, a_room, last_of

CACHE_USERS = Path(__file__).parents[3] / "infra/terraform/modules/cache_users"


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
    [may] = re.findall(r'AccessString += "([^"]+)"', (CACHE_USERS / "main.tf").read_text("utf-8"))
    [keys] = re.findall(
        r'default += \{ name = "room", keys = "([^"]+)" \}', (CACHE_USERS / "variables.tf").read_text("utf-8")
    )
    may = may.replace("${var.user.keys}", keys)
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
