"""Contradictions in a drop's definition, between values that are each valid: moments, duplicates, limits, slugs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches
from functools import cache
from operator import ge, gt, le, lt
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from marketday.capacity.errors import CapacityError
from marketday.drops.mistakes import EXPECTED, MOMENT, Mistake, shown
from marketday.drops.schedule import Schedule, to_utc
from marketday.drops.slugs import why_reserved
from marketday.kit.text import identifier

FIRST_YEAR, LAST_YEAR = 2000, 2099
FARTHEST = timedelta(days=31)
_NO_ZONES = {"localtime", "Factory"}  # the machine's own zone, and no zone: some systems list both
# key, the required relation, the other key, the check, and the table of the key
_ORDER: tuple[tuple[str, str, str, Callable[[Any, Any], bool], str], ...] = (
    ("closes_at", "after", "opens_at", gt, "drop.closes_at"),
    ("room_opens_at", "not after", "opens_at", le, "drop.schedule.room_opens_at"),
    ("build_at", "before", "room_opens_at", lt, "drop.schedule.build_at"),
    ("build_at", "before", "opens_at", lt, "drop.schedule.build_at"),
    ("destroy_at", "not before", "closes_at", ge, "drop.schedule.destroy_at"),
)


def examine(drop: Mapping[str, Any]) -> tuple[dict[str, Any], list[Mistake]]:
    """Return the raw table `drop` with its moments in UTC, without invalid ones; and the mistakes."""
    zone, mistakes = _zone(drop.get("zone", "UTC"))
    resolved = _resolve_table(drop, ("opens_at", "closes_at"), "drop", zone, mistakes)
    if isinstance(drop.get("schedule"), Mapping):
        keys = ("build_at", "room_opens_at", "destroy_at")
        resolved["schedule"] = _resolve_table(drop["schedule"], keys, "drop.schedule", zone, mistakes)
    products = drop.get("products")
    listed = [product for product in products if isinstance(product, Mapping)] if isinstance(products, list) else []
    mistakes += _misplaced_moments(resolved, zone)
    mistakes += [*_duplicates(listed), *_unreachable_limits(listed), *_repeated_regions(drop), *_reserved_slug(drop)]
    return resolved, mistakes


def late_building(schedule: Schedule, zone: ZoneInfo) -> list[Mistake]:
    """Return the mistake of building after the room opens; an earlier room can also cause it."""
    if schedule.build_at < schedule.room_opens_at:
        return []
    expected = f"a moment before room_opens_at, which is {_local(schedule.room_opens_at, zone)}"
    return [Mistake("drop.schedule.build_at", _local(schedule.build_at, zone), expected)]


def too_large(error: CapacityError) -> Mistake:
    """Return the mistake of a drop that is too large for every environment."""
    way = "lower drop.rate_limits.admissions_per_second, drop.forecast.people, or the stock"
    return Mistake("drop", "too large", f"a smaller one. {error.title}: {error.detail}; {way}")


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - _NO_ZONES)


def _zone(name: Any) -> tuple[ZoneInfo, list[Mistake]]:
    if isinstance(name, str) and name in _zones():
        return ZoneInfo(name), []
    close = get_close_matches(shown(name), _zones(), n=1)
    expected = EXPECTED["zone"] + (f"; did you mean {close[0]!r}?" if close else "")
    return ZoneInfo("UTC"), [Mistake("drop.zone", shown(name), expected)]


def _resolve_table(
    table: Mapping[str, Any], keys: Iterable[str], path: str, zone: ZoneInfo, mistakes: list[Mistake]
) -> dict[str, Any]:
    resolved = dict(table)
    for key in keys:
        if key not in table:
            continue
        value = table[key]
        try:
            if not isinstance(value, datetime):
                raise ValueError(MOMENT)  # noqa: TRY004, TRY301
            if not FIRST_YEAR <= value.year <= LAST_YEAR:
                raise ValueError(f"a moment of the years {FIRST_YEAR} to {LAST_YEAR}")  # noqa: TRY301
            resolved[key] = to_utc(value, zone)
        except ValueError as error:
            mistakes.append(Mistake(f"{path}.{key}", shown(value), str(error)))
            del resolved[key]
    return resolved


def _misplaced_moments(drop: Mapping[str, Any], zone: ZoneInfo) -> list[Mistake]:
    overrides = drop.get("schedule")
    moments = {**drop, **(overrides if isinstance(overrides, Mapping) else {})}
    found = []
    for key, relation, other, holds, path in _ORDER:
        first, second = moments.get(key), moments.get(other)
        if not (isinstance(first, datetime) and isinstance(second, datetime)):
            continue
        other_is = f"{other}, which is {_local(second, zone)}"
        if not holds(first, second):
            found.append(Mistake(path, _local(first, zone), f"a moment {relation} {other_is}"))
        elif abs(first - second) > FARTHEST:
            found.append(Mistake(path, _local(first, zone), f"at most {FARTHEST.days} days from {other_is}"))
    return found


def _duplicates(products: Sequence[Mapping[str, Any]]) -> list[Mistake]:
    first: dict[str, int] = {}
    found = []
    for index, product in enumerate(products):
        sku = product.get("sku")
        if not isinstance(sku, str):
            continue
        sku = identifier(sku)
        if sku in first:
            expected = f"each SKU once; it is already in drop.products[{first[sku]}]"
            found.append(Mistake(f"drop.products[{index}].sku", shown(sku), expected))
        first.setdefault(sku, index)
    return found


def _unreachable_limits(products: Sequence[Mapping[str, Any]]) -> list[Mistake]:
    found = []
    for index, product in enumerate(products):
        stock, limit = product.get("stock"), product.get("limit_per_person")
        if type(stock) is int and type(limit) is int and 0 < stock < limit:  # in Python True is also a number
            key = f"drop.products[{index}].limit_per_person"
            found.append(Mistake(key, shown(limit), f"at most the stock, which is {stock}"))
    return found


def _repeated_regions(drop: Mapping[str, Any]) -> list[Mistake]:
    regions = drop.get("regions")
    if not isinstance(regions, list):
        return []
    return [
        Mistake(f"drop.regions[{index}]", shown(region), "each region once")
        for index, region in enumerate(regions)
        if region in regions[:index][:100]
    ]


def _reserved_slug(drop: Mapping[str, Any]) -> list[Mistake]:
    slug = drop.get("slug")
    why = why_reserved(slug) if isinstance(slug, str) else ""
    return [Mistake("drop.slug", shown(slug), why)] if why else []


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).isoformat()
