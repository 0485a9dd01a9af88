"""One suite for every record of draws and places: the one in memory behaves as the one in PostgreSQL."""

from datetime import UTC, datetime, timedelta

import pytest

from marketday.kit.database import connect
from marketday.kit.ids import new_id
from marketday.testing.rooms import InMemoryDrawLedger
from marketday.waitingroom.model import Draw, EntryRecord
from marketday.waitingroom.ports import DrawRecord
from marketday.waitingroom.postgres import PostgresDrawLedger

OPENS = datetime(2026, 12, 10, 11, tzinfo=UTC)
SEED = bytes(range(32))
DROPS = [
    DrawRecord(slug, OPENS + later, OPENS + later + timedelta(hours=1), {"inside": 120}, SEED, None)
    for slug, later in (("later", timedelta(hours=1)), ("dawn", timedelta(0)), ("also-dawn", timedelta(0)))
]


@pytest.fixture(params=["memory", "postgres"])
async def ledger(request):
    if request.param == "memory":
        yield InMemoryDrawLedger(*DROPS)
        return
    owner = await connect(request.getfixturevalue("drop_database_url"))
    for drop in DROPS:
        await owner.execute(
            "INSERT INTO drops (slug, name_ko, name_en, room_opens_at, opens_at, closes_at, hold_seconds,"
            " admission_seconds, rates) VALUES ($1, '', '', $2, $2, $3, 300, 600, $4)",
            drop.slug,
            drop.opens_at,
            drop.closes_at,
            drop.rates,
        )
        await owner.execute(
            "INSERT INTO draws (drop_slug, seed, commitment) VALUES ($1, $2, sha256($2))", drop.slug, drop.seed
        )
    await owner.close()
    worker = await connect(request.getfixturevalue("worker_database_url"))
    yield PostgresDrawLedger(worker)
    await worker.close()


def place(index, admitted_at=None):
    return EntryRecord(new_id(), index, OPENS, admitted_at)


async def test_draws_come_in_the_order_of_their_openings(ledger):
    assert [draw.slug for draw in await ledger.draws()] == ["also-dawn", "dawn", "later"]
    assert next(draw for draw in await ledger.draws() if draw.slug == "later") == DROPS[0]


async def test_the_first_record_of_a_draw_stands(ledger):
    await ledger.record("dawn", Draw(SEED, 7, OPENS))
    await ledger.record("dawn", Draw(SEED, 9, OPENS))
    await ledger.record("nowhere", Draw(SEED, 1, OPENS))
    assert {draw.slug: draw.cohort for draw in await ledger.draws()} == {"dawn": 7, "also-dawn": None, "later": None}


async def test_a_place_is_registered_once_and_learns_of_its_admission(ledger):
    first, second = place(0), place(1, OPENS)
    await ledger.register("dawn", [first, second, second])
    assert await ledger.registered("dawn") == (2, 1)
    await ledger.register("dawn", [EntryRecord(first.person_id, 0, OPENS, OPENS), second])
    assert await ledger.registered("dawn") == (2, 2)
    assert await ledger.registered("later") == (0, 0)
