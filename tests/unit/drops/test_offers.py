"""What a drop sells is read once a process; its moments once a second."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from marketday.drops.errors import StoreUnavailable, UnknownDrop, UnknownPicture
from marketday.drops.model import Drop, Item, Picture
from marketday.drops.offers import FACTS_SECONDS, Offers
from marketday.testing.clock import FakeClock

NOW = datetime(2026, 11, 28, 11, tzinfo=UTC)
PICTURE = Picture("0123.png", "image/png", b"picture")


class Store:
    """One drop, and how often it was read."""

    def __init__(self):
        self.read = Counter()
        self.closes_at = NOW + timedelta(hours=1)
        self.away = False

    async def drops(self):
        await self._read("drops")
        return [Drop("dawn", "새벽", "Dawn", NOW, NOW, self.closes_at, 300, 600, {})]

    async def items(self, slug):
        await self._read(f"items of {slug}")
        return [
            Item(sku, sku, sku, "", picture, 1000, "KRW", 2) for sku, picture in (("SERUM", PICTURE), ("MASK", None))
        ]

    async def _read(self, what):
        self.read[what] += 1
        await asyncio.sleep(0)
        if self.away:
            raise StoreUnavailable("silent")


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def clock():
    return FakeClock(NOW)


@pytest.fixture
def offers(store, clock):
    return Offers(store, clock)


async def test_a_thousand_pages_at_once_cost_one_query_each_for_drop_and_items(offers, store):
    pages = await asyncio.gather(*(offers.items("dawn") for _ in range(1000)))
    assert list(pages[0]) == ["SERUM", "MASK"]
    assert store.read == {"drops": 1, "items of dawn": 1}


async def test_moments_are_read_again_after_a_second_and_items_never(offers, store, clock):
    await offers.items("dawn")
    store.closes_at = NOW
    assert (await offers.drop("dawn")).closes_at > NOW
    clock.advance(FACTS_SECONDS)
    assert (await offers.drop("dawn")).closes_at == NOW
    clock.advance(3600)
    await offers.items("dawn")
    assert store.read == {"drops": 3, "items of dawn": 1}


async def test_drops_that_are_not_sold_here_cost_no_query(offers, store):
    for slug in ("dusk", "no-such-drop", "smoke-0123abcd"):
        for asked in (offers.drop(slug), offers.items(slug), offers.picture(slug, PICTURE.name)):
            with pytest.raises(UnknownDrop):
                await asked
    assert store.read == {"drops": 1}


async def test_a_picture_has_one_name_and_no_other(offers):
    assert await offers.picture("dawn", PICTURE.name) is PICTURE
    for name in ("", "0123.jpg", "../0123.png", "\x1b[2J"):
        with pytest.raises(UnknownPicture) as refused:
            await offers.picture("dawn", name)
        assert "\x1b" not in refused.value.detail


async def test_an_error_is_not_kept(offers, store):
    store.away = True
    with pytest.raises(StoreUnavailable):
        await offers.items("dawn")
    store.away = False
    assert "SERUM" in await offers.items("dawn")
