"""The register in the drop database: places are written all or none, and a contradiction is found."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from marketday.kit.database import connect, make_pool
from marketday.kit.ids import new_id
from marketday.waitingroom.model import EntryRecord
from marketday.waitingroom.recording.postgres import PostgresRegister

SLUG = "dawn-serum"
NOON = datetime(2026, 12, 10, 12, tzinfo=UTC)


@pytest.fixture
async def register(drop_database_url: str, worker_database_url: str) -> AsyncIterator[PostgresRegister]:
    owner = await connect(drop_database_url)
    await owner.execute("INSERT INTO drops VALUES ($1, '', '', $2, $2, $3, 300, 600)", SLUG, NOON, NOON + timedelta(1))
    await owner.close()
    async with make_pool(worker_database_url) as pool:
        yield PostgresRegister(pool)


def places(*indices: int) -> list[EntryRecord]:
    return [EntryRecord(new_id(), index, NOON, None) for index in indices]


async def test_places_are_recorded_once_the_room_is_kept(register: PostgresRegister) -> None:
    two = places(0, 1)
    assert await register.record(SLUG, two) is None
    await register.keep(SLUG, 3)
    for _ in range(2):
        assert await register.record(SLUG, two) is True
    [room] = await register.rooms()
    assert (room.kept, room.places, await register.admitted(SLUG)) == (True, 2, 0)
    admitted = replace(two[0], admitted_at=NOON)
    for _ in range(2):
        assert await register.record(SLUG, [admitted, *places(2)[:0]]) is True
    assert await register.record(SLUG, two) is True, "a place that is told again says nothing about its admission"
    assert await register.admitted(SLUG) == 1
    assert await register.record("elsewhere", two) is None


async def test_places_that_contradict_the_register_are_refused_as_a_whole(register: PostgresRegister) -> None:
    await register.keep(SLUG, 0)
    first, second = places(0, 1)
    assert await register.record(SLUG, [first, second]) is True
    assert await register.record(SLUG, [replace(first, admitted_at=NOON)]) is True
    third = places(2)
    for wrong in (
        replace(first, person_id=new_id()),
        replace(first, joined_at=NOON + timedelta(seconds=1)),
        replace(first, admitted_at=NOON + timedelta(seconds=1)),
        *places(4),  # 3 is missing
    ):
        assert await register.record(SLUG, [*third, wrong]) is False
    [room] = await register.rooms()
    assert room.places == 2


async def test_neither_the_store_nor_a_worker_makes_or_removes_a_room(
    register: PostgresRegister, store_database_url: str, worker_database_url: str
) -> None:
    for url, statement in (
        (worker_database_url, "INSERT INTO rooms (drop_slug) VALUES ('x')"),
        (worker_database_url, "DELETE FROM rooms"),
        (store_database_url, "SELECT FROM rooms"),
        (store_database_url, "SELECT FROM entries"),
    ):
        connection = await connect(url)
        with pytest.raises(Exception, match="permission denied"):
            await connection.execute(statement)
        await connection.close()
