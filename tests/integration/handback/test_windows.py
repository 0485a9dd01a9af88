"""The windows while the drop runs: they bring, compare and record; they prove and promote nothing."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from marketday.handback.errors import CopyDiffers
from marketday.handback.model import Brought
from marketday.testing.rows import add_accounts
from marketday.testing.sales import sell_drop

from .test_faults import DISTURBANCES, DisturbedStaging

NOON = datetime(2026, 11, 26, 3, tzinfo=UTC)
ONE = datetime(2026, 11, 26, 4, tzinfo=UTC)


async def _recorded(sold):
    query = "SELECT due, phase, copies, brought FROM hand_back_windows ORDER BY due NULLS LAST"
    return [dict(row) for row in await sold.mall.fetch(query)]


async def test_a_window_brings_what_there_is_and_promotes_nothing(sold):
    before = await sold.mall_holds()
    await sold.drop.execute("UPDATE reservations SET state = 'held' WHERE state = 'released'")
    brought = await sold.service().window(replace(sold.window, due=NOON))
    assert isinstance(brought, Brought)
    assert brought.rows["orders"] == 7
    assert brought.rows["reservations"] == 8
    assert brought.behind == {}
    assert brought.point.lsn
    assert await sold.mall_holds() == before
    assert await sold.link_roles() == []
    assert await sold.mall.fetchval(f"SELECT count(*) FROM {sold.window.staging}.orders") == 7
    [recorded] = await _recorded(sold)
    assert (recorded["due"], recorded["phase"]) == (NOON, "closed")
    assert recorded["brought"]["rows"] == brought.rows


async def test_a_window_that_is_done_is_not_done_again(sold):
    first = await sold.service().window(replace(sold.window, due=NOON))
    await sold.drop.execute("DELETE FROM entries")
    assert await sold.service().window(replace(sold.window, due=NOON)) == first
    later = await sold.service().window(replace(sold.window, due=ONE))
    assert later.rows["entries"] == 0
    assert [one["due"] for one in await _recorded(sold)] == [NOON, ONE]


async def test_the_last_window_after_hourly_ones_is_as_without_them(sold):
    await sold.service().window(replace(sold.window, due=NOON))
    people = await add_accounts(sold.mall, 2)
    await sell_drop(sold.drop, people, NOON, stock=2, slug="smoke-00000001")
    await sold.service().window(replace(sold.window, due=ONE))
    receipt = await sold.service().hand_back(sold.window)
    assert receipt.claims["promotion"] == {"orders": 7, "units_lent": 20, "units_sold": 7, "units_returned": 13}
    recorded = await _recorded(sold)
    assert [(one["due"], one["phase"]) for one in recorded] == [(NOON, "closed"), (ONE, "closed"), (None, "closed")]
    assert recorded[-1]["brought"]["point"] == receipt.claims["point"]


@pytest.mark.parametrize("kind", DISTURBANCES)
async def test_a_copy_at_one_point_that_differs_is_an_error_in_every_window(sold, kind):
    sold.staging = DisturbedStaging(sold, DISTURBANCES[kind], times=3)
    with pytest.raises(CopyDiffers, match=kind):
        await sold.service().window(replace(sold.window, due=NOON))
    assert await _recorded(sold) == []
    await sold.service().window(replace(sold.window, due=NOON))


async def test_a_window_without_an_hour_is_refused(sold):
    with pytest.raises(ValueError, match="expected the hour"):
        await sold.service().window(sold.window)
