"""A clock that moves only by `advance`."""

from datetime import UTC, datetime, timedelta


class FakeClock:
    """A clock for tests: starts at the given moment and moves only by `advance`."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError(f"{start!r} has no time zone; expected an aware datetime")
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """Return the moment that this clock shows, in UTC."""
        return self._now

    def advance(self, seconds: float) -> datetime:
        """Move forward by `seconds` and return the new moment."""
        self._now += timedelta(seconds=seconds)
        return self._now
