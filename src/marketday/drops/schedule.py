"""The moments of a market day, and how local times become UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

_BUILD_HOUR = time(22)
_ROOM_BEFORE_OPENING = timedelta(minutes=30)
_LEAST_BUILDING = timedelta(hours=2)  # before the room opens: the time that the checkpoints need
_BETWEEN_WINDOWS = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When an environment is built, opened, closed and destroyed; all aware UTC datetimes, in this order."""

    build_at: datetime
    room_opens_at: datetime
    opens_at: datetime
    closes_at: datetime
    destroy_at: datetime

    def to_json(self) -> dict[str, str]:
        """Return the moments by name, ISO 8601 in UTC."""
        return {field.name: getattr(self, field.name).astimezone(UTC).isoformat() for field in fields(self)}

    @classmethod
    def from_json(cls, moments: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote."""
        return cls(**{field.name: datetime.fromisoformat(moments[field.name]) for field in fields(cls)})

    def windows_until(self, moment: datetime) -> list[datetime]:
        """Return the hand-back windows up to `moment`: every full hour after opening, while the drop is open.

        The last hand-back, after closing, is a separate step and not in this list.
        """
        hours = range(1, int((self.closes_at - self.opens_at) / _BETWEEN_WINDOWS) + 1)
        windows = [self.opens_at + hour * _BETWEEN_WINDOWS for hour in hours]
        return [window for window in windows if window < self.closes_at and window <= moment]

    def built_at(self, moment: datetime) -> Self:
        """Return this schedule with the building moved to `moment`."""
        return replace(self, build_at=moment)


def default_schedule(opens_at: datetime, closes_at: datetime, zone: ZoneInfo) -> Schedule:
    """Return the usual day around an opening (docs/lifecycle.md).

    The environment is built at 22:00 the day before, or two hours before the room opens if that is earlier. The room
    opens half an hour before the drop. The environment is destroyed at the midnight that ends the day of closing. The
    hours are local times of the drop's zone. If the clocks there skip such a time, the moment at which they skip it is
    used.
    """
    room_opens_at = opens_at - _ROOM_BEFORE_OPENING
    opening_day = opens_at.astimezone(zone).date()
    closing_day = (closes_at - timedelta(microseconds=1)).astimezone(zone).date()  # midnight ends a day
    build_at = datetime.combine(opening_day - timedelta(days=1), _BUILD_HOUR, zone)
    destroy_at = datetime.combine(closing_day + timedelta(days=1), time(0), zone)
    return Schedule(
        build_at=min(build_at.astimezone(UTC), room_opens_at - _LEAST_BUILDING),
        room_opens_at=room_opens_at,
        opens_at=opens_at,
        closes_at=closes_at,
        destroy_at=max(destroy_at.astimezone(UTC), closes_at),
    )


def to_utc(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return `moment`, a local time in `zone` or one with an offset, in UTC.

    Raises:
        ValueError: the clocks of `zone` show this local time never, or twice, on that day.

    """
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    early, late = (moment.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if early.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment:
        raise ValueError(f"a time that exists in {zone.key} (the clocks go forward over it), or one with an offset")
    if early.utcoffset() != late.utcoffset():
        raise ValueError(f"a time that comes once in {zone.key} (the clocks go back over it), or one with an offset")
    return early.astimezone(UTC)
