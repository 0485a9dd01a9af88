"""The day of a drop that is built at once and sells for hours."""

from datetime import UTC, datetime, timedelta

import pytest

from marketday.drops.mistakes import DefinitionErrors
from marketday.drops.schedule import Schedule
from marketday.drops.short_day import HANDING_BACK, MOST_HOURS, PREPARING, ROOM_OPEN, latest_end, short_day
from marketday.testing.definitions import dawn_serum

SLUG = "b-feature-login-0123456789"


@pytest.mark.parametrize("now", ["2026-12-10T14:59:59.9", "2026-12-31T23:30:00", "2027-03-14T09:30:00"])
@pytest.mark.parametrize("zone", ["Asia/Seoul", "America/Los_Angeles"])
@pytest.mark.parametrize("hours", [1, MOST_HOURS])
def test_each_moment_follows_from_the_hours_also_around_midnight_and_when_clocks_change(now, zone, hours):
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    like = dawn_serum().model_copy(update={"zone": zone})
    made = short_day(like, SLUG, "Preview", "eu-west-1", at, hours)
    begun = at.replace(microsecond=0)
    opens_at = begun + PREPARING + ROOM_OPEN
    closes_at = opens_at + timedelta(hours=hours)
    assert made.schedule() == Schedule(begun, begun + PREPARING, opens_at, closes_at, closes_at + HANDING_BACK)
    assert latest_end(made) == opens_at + timedelta(hours=MOST_HOURS) + HANDING_BACK
    assert (made.slug, made.regions, made.products, made.expected) == (
        SLUG, ("eu-west-1",), like.products, like.expected
    )  # fmt: skip


def test_a_drop_that_no_environment_can_hold_is_refused():
    limits = dawn_serum().rate_limits.model_copy(update={"admissions_per_second": 100_000})
    large = dawn_serum().model_copy(update={"rate_limits": limits})
    with pytest.raises(DefinitionErrors):
        short_day(large, SLUG, "Preview", "eu-west-1", datetime(2026, 12, 1, tzinfo=UTC), 1)
