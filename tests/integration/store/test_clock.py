"""The clock of a store's machine jumps: what is sold, and until when it is held, goes by the database's clock alone."""

from datetime import UTC, datetime

import httpx
import pytest

from marketday.apps import store as store_app
from marketday.kit.ids import new_id
from marketday.testing.clock import FakeClock
from marketday.testing.drops import SKU, SLUG, Shop

from .conftest import Mint

RESERVATIONS = f"/v1/drops/{SLUG}/reservations"
DAY = 24 * 3600


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """The clock of the store, which tests move."""
    clock = FakeClock(datetime.now(UTC))
    monkeypatch.setattr(store_app, "SystemClock", lambda: clock)
    return clock


async def reserve(client: httpx.AsyncClient, mint: Mint) -> tuple[int, str]:
    answer = await client.post(RESERVATIONS, json={"sku": SKU, "quantity": 1}, headers=mint.headers(new_id()))
    return answer.status_code, answer.json().get("type", "").removeprefix("urn:marketday:problem:")


async def test_a_clock_that_is_slow_sells_nothing_after_the_close(client, mint: Mint, shop: Shop, clock: FakeClock):
    await shop.owner.execute("UPDATE drops SET closes_at = clock_timestamp()")
    clock.advance(-DAY)
    assert await reserve(client, mint) == (410, "drop-closed")


async def test_a_clock_that_is_slow_sells_what_there_is(client, mint: Mint, shop: Shop, clock: FakeClock):
    clock.advance(-DAY)
    assert await reserve(client, mint) == (201, "")
    seconds = await shop.value("SELECT extract(epoch FROM reserved_until - clock_timestamp()) FROM reservations")
    assert 0 < seconds <= 300


async def test_a_clock_that_is_fast_lets_nobody_in_and_takes_nothing_back(
    client, mint: Mint, shop: Shop, clock: FakeClock
):
    assert await reserve(client, mint) == (201, "")
    clock.advance(DAY)
    assert await reserve(client, mint) == (401, "expired-token")
    clock.advance(-DAY)
    assert await reserve(client, mint) == (201, "")
    assert await shop.stock() == (10, 2, 0)
