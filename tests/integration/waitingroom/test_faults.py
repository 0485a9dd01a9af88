"""Concurrency without the guard and with it; a server that is killed while people join."""

import asyncio
import contextlib
from typing import Any
from uuid import UUID

import pytest
from redis.exceptions import ResponseError

from marketday.kit.ids import new_id
from marketday.kit.valkey import connect
from marketday.provisioners.local import valkey
from marketday.waitingroom.errors import RoomUnavailable, UnknownDrop
from marketday.waitingroom.model import Facts
from marketday.waitingroom.valkey import ValkeyRooms

from .conftest import Killable


async def read_then_write(client: Any, slug: str, person: UUID) -> int:
    """A join as one would write it without a script."""
    index = int(await client.hlen(f"naive:{slug}"))
    await client.hset(f"naive:{slug}", str(person), index)
    return index


async def test_without_the_script_two_people_get_one_index(valkey_url: str, facts: Facts) -> None:
    client = connect(valkey_url)
    try:
        indices = await asyncio.gather(*(read_then_write(client, facts.slug, new_id()) for _ in range(100)))
        assert len(set(indices)) < 100, "the race that join.lua guards against did not happen"
    finally:
        await client.aclose()


async def test_with_the_script_everyone_gets_an_index_of_their_own(valkey_rooms: ValkeyRooms, facts: Facts) -> None:
    await valkey_rooms.publish_drop(facts)
    joins = (valkey_rooms.join(facts.slug, new_id(), facts.room_opens_at) for _ in range(100))
    assert len({joined.entry.index for joined in await asyncio.gather(*joins)}) == 100


async def calls_of_scripts(client: Any) -> int:
    found = await client.info("commandstats")
    return int(found.get("cmdstat_evalsha", {}).get("calls", 0))


async def test_a_thousand_who_join_at_once_need_a_few_calls(valkey_url: str, facts: Facts) -> None:
    client = connect(valkey_url, connections=2)
    try:
        rooms = ValkeyRooms(client)
        await rooms.publish_drop(facts)
        await rooms.join(facts.slug, new_id(), facts.room_opens_at)  # loads the script
        before = await calls_of_scripts(client)
        joins = (rooms.join(facts.slug, new_id(), facts.room_opens_at) for _ in range(1000))
        indices = [joined.entry.index for joined in await asyncio.gather(*joins)]
        assert indices == list(range(1, 1001)), "the order of arrival"
        assert await calls_of_scripts(client) - before <= 4
    finally:
        await client.aclose()


async def test_an_unknown_drop_fails_only_those_who_ask_for_it(valkey_rooms: ValkeyRooms, facts: Facts) -> None:
    await valkey_rooms.publish_drop(facts)
    slugs = [facts.slug, "elsewhere"] * 5
    joins = (valkey_rooms.join(slug, new_id(), facts.room_opens_at) for slug in slugs)
    answers = await asyncio.gather(*joins, return_exceptions=True)
    assert [isinstance(answer, UnknownDrop) for answer in answers] == [slug == "elsewhere" for slug in slugs]


async def test_a_killed_server_loses_no_entry_that_was_acknowledged(killable: Killable, facts: Facts) -> None:
    client = connect(killable.server.url())
    rooms = ValkeyRooms(client)
    await rooms.publish_drop(facts)
    told: dict[UUID, int] = {}

    async def keep_joining() -> None:
        while len(told) < 2000:
            person = new_id()
            with contextlib.suppress(RoomUnavailable):
                told[person] = (await rooms.join(facts.slug, person, facts.room_opens_at)).entry.index

    async def kill_three_times() -> None:
        for enough in (200, 600, 1000):
            while len(told) < enough:
                await asyncio.sleep(0.001)
            await asyncio.to_thread(killable.kill)
            await asyncio.to_thread(killable.start)

    try:
        async with asyncio.timeout(60):
            await asyncio.gather(kill_three_times(), *(keep_joining() for _ in range(32)))
            kept = {record.person_id: record.index async for part in rooms.entries(facts.slug) for record in part}
    finally:
        await client.aclose()
    assert {person: kept.get(person) for person in told} == told
    assert len(set(kept.values())) == len(kept)


async def test_a_server_that_stays_away_is_told_as_such(killable: Killable, facts: Facts) -> None:
    client = connect(killable.server.url())
    rooms = ValkeyRooms(client)
    try:
        await rooms.publish_drop(facts)
        killable.kill()
        with pytest.raises(RoomUnavailable) as refusal:
            await rooms.join(facts.slug, new_id(), facts.room_opens_at)
        assert refusal.value.extra == {"retry_after": 2}
        killable.start()
        assert (await rooms.join(facts.slug, new_id(), facts.room_opens_at)).entry.index == 0
    finally:
        await client.aclose()


@pytest.mark.parametrize("command", valkey.EMPTYING)
async def test_no_command_empties_a_durable_server(killable: Killable, facts: Facts, command: str) -> None:
    client = connect(killable.server.url())
    rooms = ValkeyRooms(client)
    try:
        await rooms.publish_drop(facts)
        with pytest.raises(ResponseError, match="unknown command"):
            await client.execute_command(command)
        assert await rooms.slugs() == [facts.slug]
    finally:
        await client.aclose()
