"""One suite for every record of draws and places: the one in memory behaves as the one in PostgreSQL."""

from datetime import UTC, datetime, timedelta

import pytest

from marketday.kit.database import connect
from marketday.testing.rooms import InMemoryDrawLedger
from marketday.waitingroom.model import Draw
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


async def test_draws_come_in_the_order_of_their_openings(ledger):
    assert [draw.slug for draw in await ledger.draws()] == ["also-dawn", "dawn", "later"]
    assert next(draw for draw in await ledger.draws() if draw.slug == "later") == DROPS[0]


async def test_the_first_record_of_a_draw_stands(ledger):
    await ledger.record("dawn", Draw(SEED, 7, OPENS))
    await ledger.record("dawn", Draw(SEED, 9, OPENS))
    await ledger.record("nowhere", Draw(SEED, 1, OPENS))
    assert {draw.slug: draw.cohort for draw in await ledger.draws()} == {"dawn": 7, "also-dawn": None, "later": None}


async def test_a_draw_is_read_as_it_was_recorded(ledger):
    await ledger.record("dawn", Draw(SEED, 7, OPENS))
    draw = next(draw for draw in await ledger.draws() if draw.slug == "dawn")
    assert (draw.cohort, draw.published_at) == (7, OPENS)


async def test_a_room_has_no_places_and_is_called_up_to_a_number(ledger):
    assert await ledger.places("dawn") == 0
    for number in (5, 9, 7):
        await ledger.called("dawn", number, OPENS)
    await ledger.called("nowhere", 1, OPENS)
