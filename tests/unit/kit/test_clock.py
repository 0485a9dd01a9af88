from datetime import UTC, datetime, timedelta, timezone

import pytest

from marketday.kit.clock import SystemClock
from marketday.testing.clock import FakeClock


@pytest.mark.parametrize(
    "clock", [SystemClock(), FakeClock(datetime(2026, 12, 10, 20, tzinfo=timezone(timedelta(hours=9))))]
)
def test_every_clock_says_utc(clock):
    assert clock.now().utcoffset() == timedelta(0)


def test_the_fake_stands_still_until_it_is_told_to_move():
    clock = FakeClock(datetime(2026, 12, 10, 11, tzinfo=UTC))
    assert clock.now() == clock.now()
    assert clock.advance(1.5) == clock.now() == datetime(2026, 12, 10, 11, 0, 1, 500_000, tzinfo=UTC)


def test_the_fake_refuses_a_time_without_a_zone():
    with pytest.raises(ValueError, match="aware"):
        FakeClock(datetime(2026, 12, 10))  # noqa: DTZ001
