"""Concurrency without the guard and with it; a server that is killed while people join."""

import asyncio
import contextlib
import secrets
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from redis.exceptions import ResponseError

from marketday.kit.ids import new_id
from marketday.kit.valkey import connect
from marketday.provisioners.local import processes, readiness, valkey
from marketday.provisioners.local.ports import free_ports
from marketday.waitingroom.errors import RoomUnavailable, UnknownDrop
from marketday.waitingroom.model import Facts
from marketday.waitingroom.valkey import ValkeyRooms

PLANE = "tests"


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


class Killable:
    """A durable Valkey of the test's own, which can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.server = valkey.ValkeyServer(folder / f"valkey-{secrets.token_hex(4)}", free_ports(1)[0], "secret")
        valkey.write_configuration(self.server)
        self.log = self.server.folder / "valkey.log"
        self.child = processes.start(self.server.spec(), PLANE, self.log)

    def start(self) -> None:
        self.child = processes.start(self.server.spec(), PLANE, self.log)
        self.wait()

    def wait(self) -> None:
        spec = self.server.spec()
        readiness.wait_until_ready(spec, lambda: self.child.poll() is None, self.log)

    def kill(self) -> None:
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()


@pytest.fixture
def killable(server_folder: Path) -> Iterator[Killable]:
    server = Killable(server_folder)
    try:
        server.wait()
        yield server
    finally:
        processes.end(server.child, server.server.spec())


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


def cut_the_tail(server: valkey.ValkeyServer, size: int) -> None:
    """Lose the end of the append-only file, as a disk may that lied about what it had written."""
    file = max(server.folder.glob("appendonlydir/*.incr.aof"))
    with file.open("r+b") as opened:
        opened.truncate(file.stat().st_size - size)


async def test_a_lost_tail_costs_the_places_in_it_alone(killable: Killable, facts: Facts) -> None:
    """The room comes back by itself. Whoever was in the tail joins again, behind the others; no two share a place."""
    client = connect(killable.server.url())
    rooms = ValkeyRooms(client)
    people = [new_id() for _ in range(100)]
    try:
        await rooms.publish_drop(facts)
        told = {one: (await rooms.join(facts.slug, one, facts.room_opens_at)).entry.index for one in people}
        killable.kill()
        cut_the_tail(killable.server, 1000)
        killable.start()
        kept = {record.person_id: record.index async for part in rooms.entries(facts.slug) for record in part}
        assert kept == {one: index for one, index in told.items() if one in kept}
        assert set(people[:90]) < set(kept) < set(people), "the first ones, and not all"
        again = {one: (await rooms.join(facts.slug, one, facts.opens_at)).entry.index for one in (new_id(), *people)}
    finally:
        await client.aclose()
    assert {one: again[one] for one in kept} == kept
    assert sorted(again.values()) == list(range(101))
