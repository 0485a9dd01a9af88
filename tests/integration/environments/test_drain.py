import asyncio
from datetime import UTC, datetime

import pytest

from marketday.drops.model import Drop
from marketday.environments.model import requested
from marketday.environments.plane.drain import PlaneDrain
from marketday.environments.plane.hand_over import publish_facts
from marketday.environments.plane.reaching import rooms
from marketday.environments.ports import Access, Done, NotYet
from marketday.kit.clock import SystemClock
from marketday.kit.database import connect
from marketday.kit.ids import new_id
from marketday.testing.definitions import dawn_serum
from marketday.testing.environments import FilePlane
from marketday.testing.sales import sell_drop

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def drop(drop_database_url):
    connection = await connect(drop_database_url)
    yield connection
    await connection.close()


@pytest.fixture
async def look(drop, drop_database_url, valkey_url):
    """A sold drop whose seven buyers stand in the room and in its register."""
    people = [new_id() for _ in range(7)]
    commitment = await sell_drop(drop, people, LONG_AGO, stock=20)
    access = Access(drop_database_url, valkey_url, "", "")
    definition = dawn_serum()
    facts = Drop("dawn-serum", "", "", LONG_AGO, LONG_AGO, definition.closes_at, 300, 600, {})
    await publish_facts(access, facts, bytes.fromhex(commitment))
    async with rooms(access) as room:
        for person in people:
            await room.join("dawn-serum", person, LONG_AGO)
    environment = requested(new_id(), definition, definition.schedule())
    return lambda: PlaneDrain(SystemClock()).drain(environment, access)


async def test_a_settled_drop_is_at_rest(drop, look):
    await drop.execute("UPDATE outbox SET relayed_at = now()")
    result = await look()
    assert isinstance(result, Done)
    assert "7 entries" in result.detail


async def test_after_it_nothing_is_offered_any_more(drop, look):
    """So the hand-back finds no reservation that was made after the drop was settled."""
    await drop.execute("UPDATE outbox SET relayed_at = now(); UPDATE drops SET closes_at = now()")
    stand_by = "SELECT outcome FROM stand_by($1, 'dawn-serum', (SELECT sku FROM items LIMIT 1), $2, 1, 0)"
    assert await drop.fetchval(stand_by, new_id(), new_id()) == "waiting"
    assert isinstance(await look(), NotYet)
    await drop.execute("SELECT release_reservation(id, person_id) FROM reservations WHERE state = 'held'")
    await drop.execute("UPDATE outbox SET relayed_at = now()")
    assert isinstance(await look(), Done)
    assert await drop.fetchval(stand_by, new_id(), new_id()) == "drop_closed"


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (
            "UPDATE reservations SET state = 'held' WHERE state = 'released'",
            "reservations held: 1, the last until 2026-01-01 09:00:00 (Asia/Seoul)",
        ),
        (
            "UPDATE payments SET state = 'unknown' WHERE id = (SELECT min(id::text)::uuid FROM payments)",
            "payments open: 1",
        ),
        ("DELETE FROM entries WHERE index < 3", "entries not in the register: 3"),
        (
            "INSERT INTO outbox (drop_slug, kind, person_id) VALUES ('dawn-serum', 'any', gen_random_uuid())",
            "messages not sent yet: 1",
        ),
    ],
)
async def test_what_is_on_its_way_is_waited_for(drop, look, statement, reason):
    await drop.execute(statement)
    result = await look()
    assert isinstance(result, NotYet)
    assert result.reason == reason


@pytest.fixture(params=["files", "servers"])
async def busy(request, drop, look, tmp_path):
    """A look at a drop on whose way a message still is, and what sends that."""
    if request.param == "servers":
        await drop.execute(
            "INSERT INTO outbox (drop_slug, kind, person_id) VALUES ('dawn-serum', 'any', gen_random_uuid())"
        )
        return look, lambda: drop.execute("UPDATE outbox SET relayed_at = now()")
    plane, definition = FilePlane(tmp_path), dawn_serum()
    environment = requested(new_id(), definition, definition.schedule())
    await plane.apply(environment)
    access = await plane.access(environment)
    plane.waits = ["messages not sent yet: 1"]
    return lambda: plane.drain(environment, access), lambda: asyncio.sleep(0)


async def test_every_drain_waits_for_what_is_on_its_way_and_is_at_rest_from_then_on(busy):
    look, settle = busy
    waits = await look()
    assert isinstance(waits, NotYet)
    assert "messages not sent yet" in waits.reason
    await settle()
    assert all([isinstance(await look(), Done) for _ in range(2)])
