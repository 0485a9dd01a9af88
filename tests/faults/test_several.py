"""One of two gates, and one of two stores, is killed or stopped while people shop: no request fails."""

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from marketday.kit.ids import new_id

from .plane import EventPlane, Shoppers, event_plane, shopping, until

KINDS = ("join", "now", "room", "page", "reserve", "pay", "look")


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def plane(server_folder: Path) -> AsyncIterator[EventPlane]:
    async with event_plane(server_folder / f"home-{new_id().hex}") as plane:
        yield plane


async def more_answers(shoppers: Shoppers, times: int = 10) -> None:
    """Wait until every kind of request got some more good answers, or one request failed."""
    wanted = {kind: shoppers.good(kind) + times for kind in KINDS}
    await until(lambda: shoppers.failed or all(shoppers.good(kind) >= wanted[kind] for kind in KINDS))
    assert shoppers.failed == []


async def test_one_of_two_that_is_killed_is_missed_by_nobody(plane: EventPlane) -> None:
    async with shopping(plane) as shoppers:
        await more_answers(shoppers)
        for name in ("gate-1", "store-1", "gate-2", "store-2"):
            before = plane.send(name, signal.SIGKILL)
            await more_answers(shoppers)
            await until(lambda name=name, before=before: plane.status(name).pid != before and plane.is_ready(name))  # type: ignore[misc]
            await more_answers(shoppers)
    assert await plane.shop.broken_sums() == []
    assert await plane.shop.value("SELECT count(*) FROM orders") >= shoppers.answers["pay", 201]


async def test_one_of_two_that_hangs_is_missed_by_nobody(plane: EventPlane) -> None:
    async with shopping(plane) as shoppers:
        await more_answers(shoppers)
        for name in ("gate-1", "store-2"):
            plane.send(name, signal.SIGSTOP)
            await more_answers(shoppers, 30)
            plane.send(name, signal.SIGCONT)
            await more_answers(shoppers)
    assert await plane.shop.broken_sums() == []
