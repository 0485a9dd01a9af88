"""The usual day around an opening, at any hour and in any zone: in order, with time to build, and decided about."""

# ruff: noqa: DTZ001 - local times are what this is about

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketday.drops.schedule import default_schedule
from marketday.environments.checkpoints import CHECKPOINTS, LEAST_PREPARATION, points, why_none

MOMENTS = ("build_at", "room_opens_at", "opens_at", "closes_at", "destroy_at")
# Half hours, a change by half an hour, changes at midnight and at 22:00, days that were left out, and both ends.
ZONES = (
    "Asia/Seoul", "America/New_York", "America/Havana", "America/Santiago", "America/Nuuk", "Africa/Cairo",
    "Asia/Beirut", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati", "Etc/GMT+12", "UTC",
)  # fmt: skip
# Around the changes of 2026 in these zones, a year's end, a leap day, and the ends of what a definition may say.
DATES = (
    datetime(2026, 3, 8), datetime(2026, 3, 28), datetime(2026, 3, 29), datetime(2026, 4, 5), datetime(2026, 4, 24),
    datetime(2026, 9, 6), datetime(2026, 10, 24), datetime(2026, 10, 25), datetime(2026, 11, 1), datetime(2026, 12, 31),
    datetime(2027, 1, 1), datetime(2028, 2, 29), datetime(2000, 1, 1), datetime(2099, 12, 31),
)  # fmt: skip
CLOCKS = (
    (0, 0),
    (0, 10),
    (0, 30),
    (1, 0),
    (1, 30),
    (2, 30),
    (3, 0),
    (9, 0),
    (12, 0),
    (20, 0),
    (22, 0),
    (23, 0),
    (23, 59),
)


def _holds(day):
    moments = [getattr(day, name) for name in MOMENTS]
    assert all(first <= second for first, second in pairwise(moments))
    assert day.room_opens_at - day.build_at >= LEAST_PREPARATION
    assert why_none(day) == ""
    assert [moment for _, moment in points(day)] == [day.room_opens_at - point.before for point in CHECKPOINTS]
    assert all(day.build_at < moment < day.room_opens_at for _, moment in points(day))
    assert day.destroy_at - day.closes_at <= timedelta(hours=26)  # a day, and what clocks went back by
    assert day.opens_at - day.build_at <= timedelta(hours=27)


@pytest.mark.parametrize("zone", ZONES)
def test_every_opening_has_all_its_points(zone):
    for date in DATES:
        for hour, minute in CLOCKS:
            for fold in (0, 1):
                local = date.replace(hour=hour, minute=minute, fold=fold, tzinfo=ZoneInfo(zone))
                opens_at = local.astimezone(UTC)
                for hours in (0.25, 1, 4, 24, 26):
                    _holds(default_schedule(opens_at, opens_at + timedelta(hours=hours), ZoneInfo(zone)))


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC)),
    st.timedeltas(timedelta(milliseconds=1), timedelta(days=31)),
    st.sampled_from(sorted(available_timezones() - {"Factory", "localtime"})),
)
def test_any_opening_in_any_zone_has_all_its_points(opens_at, length, zone):
    _holds(default_schedule(opens_at, opens_at + length, ZoneInfo(zone)))


def test_an_opening_after_midnight_is_built_the_evening_before():
    seoul = ZoneInfo("Asia/Seoul")
    opens_at = datetime(2026, 12, 10, 0, 10, tzinfo=seoul)
    day = default_schedule(opens_at, opens_at + timedelta(hours=1), seoul)
    assert day.build_at.astimezone(seoul) == datetime(2026, 12, 9, 21, 40, tzinfo=seoul)


@pytest.mark.parametrize(
    ("closes", "destroyed"),
    [
        (datetime(2026, 12, 10, 23, 59), datetime(2026, 12, 11)),
        (datetime(2026, 12, 11), datetime(2026, 12, 11)),
        (datetime(2026, 12, 11, 0, 0, 1), datetime(2026, 12, 12)),
        (datetime(2026, 12, 31, 23), datetime(2027, 1, 1)),
    ],
)
def test_midnight_ends_the_day_that_it_closes(closes, destroyed):
    seoul = ZoneInfo("Asia/Seoul")
    day = default_schedule(datetime(2026, 12, 10, 20, tzinfo=seoul), closes.replace(tzinfo=seoul), seoul)
    assert day.destroy_at == destroyed.replace(tzinfo=seoul)


def test_a_day_without_points_says_why():
    seoul = ZoneInfo("Asia/Seoul")
    opens_at = datetime(2026, 12, 10, 20, tzinfo=seoul)
    day = default_schedule(opens_at, opens_at + timedelta(hours=1), seoul)
    late = day.built_at(day.room_opens_at - timedelta(hours=1, minutes=59))
    assert points(late) == []
    assert "1:59:00" in why_none(late)
    assert why_none(day.built_at(day.room_opens_at - timedelta(hours=2))) == ""
