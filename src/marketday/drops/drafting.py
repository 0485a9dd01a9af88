"""Write the first definition of a drop, for an operator to change."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from marketday.drops.definition import DropDefinition, RateLimits
from marketday.drops.schedule import Schedule

_HOLD_SECONDS = DropDefinition.model_fields["hold_seconds"].default
_LIMITS = RateLimits()
_ROOM_SHARE = 0.5  # the part of the time until opening for which the waiting room is open
_LONGEST_ROOM = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One item of the drop: `units` of `sku`, at most `limit` for each person."""

    sku: str
    units: int
    limit: int = 1


def soon(now: datetime, opens_at: datetime, closes_at: datetime) -> Schedule:
    """Return the day of a drop that opens soon: built at once, and destroyed after the hand-back.

    All moments are aware UTC datetimes.
    """
    room = min((opens_at - now) * _ROOM_SHARE, _LONGEST_ROOM)
    return Schedule(
        build_at=now, room_opens_at=opens_at - room, opens_at=opens_at, closes_at=closes_at, destroy_at=closes_at
    )


def draft(
    slug: str, name: str, zone: ZoneInfo, day: Schedule, wanted: Sequence[Wanted], *, usual_day: bool = True
) -> str:
    """Return the text of a definition (TOML). With `usual_day` the rest of the schedule is left to its defaults."""
    lines = [
        f"# `marketday drop check {slug}.toml` names every mistake in this file.",
        "[drop]",
        f"slug = {_text(slug)}  # part of the drop's address",
        f"name = {_text(name)}  # or one for each language: {{ ko = ..., en = ... }}",
        f"zone = {_text(zone.key)}  # a time without an offset is a local time of this zone",
        f"opens_at = {_local(day.opens_at, zone)}",
        f"closes_at = {_local(day.closes_at, zone)}",
        'regions = ["ap-northeast-2"]  # the AWS region near its people',
        f"hold_seconds = {_HOLD_SECONDS}  # how long a reservation is held for its person",
    ]
    for each in wanted:
        lines += [
            "",
            "[[drop.products]]",
            f"sku = {_text(each.sku)}  # `marketday catalog list --variants` shows the mall's SKUs",
            f"stock = {each.units}",
            f"limit_per_person = {each.limit}",
        ]
    lines += [
        "",
        "[drop.rate_limits]",
        f"admissions_per_second = {_LIMITS.admissions_per_second:g}  # at most so many people are let in",
        f"inside = {_LIMITS.inside}  # at most so many people are in the store at once",
    ]
    if not usual_day:
        lines += ["", "[drop.schedule]  # without this table: built the evening before, destroyed at midnight"]
        lines += [f"{key} = {_local(getattr(day, key), zone)}" for key in ("build_at", "room_opens_at", "destroy_at")]
    return "\n".join(lines) + "\n"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # a JSON string is TOML, except DEL


def _local(moment: datetime, zone: ZoneInfo) -> str:
    # With the offset, because a local time comes twice on the day when the clocks go back.
    return moment.astimezone(zone).isoformat(timespec="seconds")
