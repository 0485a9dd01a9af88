"""What is wrong with a drop's definition: every mistake by its key, its value, and what was expected instead."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic_core import ErrorDetails

from marketday.drops.schedule import Schedule, to_utc
from marketday.kit.errors import Kind, MarketdayError
from marketday.kit.text import identifier

MOMENT = "a date and time, such as 2026-12-10T20:00:00 (local time in the zone) or 2026-12-10T20:00:00+09:00"
EXPECTED = {
    "drop": "a table [drop]",
    "slug": "3 to 40 of a-z and 0-9, with single hyphens between them, such as dawn-serum",
    "name": 'a name in Korean and English, such as { ko = "새벽 세럼", en = "Dawn Serum" }',
    "ko": "1 to 200 characters",
    "en": "1 to 200 characters",
    "zone": "a time zone such as Asia/Seoul",
    "opens_at": MOMENT,
    "closes_at": MOMENT,
    "build_at": MOMENT,
    "room_opens_at": MOMENT,
    "destroy_at": MOMENT,
    "regions": 'at least one region, such as ["ap-northeast-2"]',
    "hold_seconds": "a whole number from 5 to 3600",
    "admission_seconds": "a whole number from 5 to 7200",
    "rejoins": "a whole number from 0 to 100",
    "products": "at least one table [[drop.products]]",
    "sku": "a SKU of the mall's catalogue, 1 to 255 printable characters",
    "stock": "a whole number from 1 to 1000000",
    "limit_per_person": "a whole number from 1 to 1000000",
    "rate_limits": "a table [drop.rate_limits]",
    "admissions_per_second": "a number above 0, up to 100000",
    "inside": "a whole number from 1 to 1000000",
    "requests_per_second": "a number above 0, up to 100000",
    "forecast": "a table [drop.forecast]",
    "people": "a whole number from 1 to 10000000",
    "waiting_share": "a number from 0 to 1: the share of the people that waits for the opening",
    "arrival_minutes": "a number above 0, up to 1440",
    "buying_share": "a number above 0, up to 1: the share of the admitted that orders",
    "schedule": "a table [drop.schedule]",
}
_LONGEST_VALUE = 60


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with one key, such as `drop.products[1].stock`: its value, and what was expected."""

    key: str
    value: str
    expected: str

    def __str__(self) -> str:
        return f"{self.key} = {self.value}: expected {self.expected}"


class DefinitionErrors(MarketdayError):
    """The drop's definition has mistakes."""

    kind = Kind.INVALID
    slug = "invalid-definition"

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        """Hold the mistakes, in the order in which they were found."""
        self.mistakes = tuple(mistakes)
        super().__init__("; ".join(str(mistake) for mistake in mistakes))


def resolve_moments(drop: Mapping[str, Any]) -> tuple[dict[str, Any], list[Mistake]]:
    """Return the raw table `drop` with its moments in UTC, without those that are no moments; and the mistakes."""
    zone, mistakes = _zone(drop.get("zone", "UTC"))
    resolved = _resolve_table(drop, ("opens_at", "closes_at"), "drop", zone, mistakes)
    if isinstance(drop.get("schedule"), Mapping):
        keys = ("build_at", "room_opens_at", "destroy_at")
        resolved["schedule"] = _resolve_table(drop["schedule"], keys, "drop.schedule", zone, mistakes)
    return resolved, mistakes


def contradictions(drop: Mapping[str, Any]) -> list[Mistake]:
    """Return what cannot be true together in the raw table `drop`, whose moments are resolved."""
    products = drop.get("products")
    listed = [product for product in products if isinstance(product, Mapping)] if isinstance(products, list) else []
    return [*_misplaced_moments(drop), *_duplicates(listed), *_unreachable_limits(listed), *_reserved_slug(drop)]


def translate(errors: Iterable[ErrorDetails], known: Mapping[str, Sequence[str]]) -> list[Mistake]:
    """Return pydantic's findings as mistakes; `known` lists the keys of each table by the table's name."""
    found = [_translated(error, known) for error in errors]
    # A list whose every row is wrong is also called too short; the rows' own mistakes say it better.
    return [mistake for mistake in found if not any(other.key.startswith(f"{mistake.key}[") for other in found)]


def late_building(schedule: Schedule) -> list[Mistake]:
    """Return the mistake of building after the room opens, which a moved room can make of the usual hour too."""
    if schedule.build_at < schedule.room_opens_at:
        return []
    expected = f"a moment before room_opens_at, which is {_shown(schedule.room_opens_at)}"
    return [Mistake("drop.schedule.build_at", _shown(schedule.build_at), expected)]


def _translated(error: ErrorDetails, known: Mapping[str, Sequence[str]]) -> Mistake:
    names = [part for part in error["loc"] if isinstance(part, str)]
    key = _path(error["loc"])
    if error["type"] == "extra_forbidden":
        table = names[-2] if len(names) > 1 else ""
        return Mistake(key, _shown(error["input"]), _nearest(names[-1], known.get(table, ()), "a key of this table"))
    value = "missing" if error["type"] == "missing" else _shown(error["input"])
    return Mistake(key, value, EXPECTED.get(names[-1] if names else "", error["msg"]))


def _path(location: Iterable[str | int]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")


def _shown(value: Any) -> str:
    text = value.isoformat() if isinstance(value, date) else repr(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 3]}..."


def _nearest(word: str, known: Sequence[str], what: str) -> str:
    close = get_close_matches(word, known, n=1)
    return f"{what}; did you mean {close[0]!r}?" if close else f"{what}: {', '.join(sorted(known))}"


def _zone(name: Any) -> tuple[ZoneInfo, list[Mistake]]:
    try:
        return ZoneInfo(name), []
    except (KeyError, ValueError, OSError, TypeError):
        close = get_close_matches(str(name), available_timezones(), n=1)
        expected = EXPECTED["zone"] + (f"; did you mean {close[0]!r}?" if close else "")
        return ZoneInfo("UTC"), [Mistake("drop.zone", _shown(name), expected)]


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
            resolved[key] = to_utc(value, zone)
        except ValueError as error:
            mistakes.append(Mistake(f"{path}.{key}", _shown(value), str(error)))
            del resolved[key]
    return resolved


def _misplaced_moments(drop: Mapping[str, Any]) -> list[Mistake]:
    overrides = drop.get("schedule")
    moments = {**drop, **(overrides if isinstance(overrides, Mapping) else {})}
    order = [
        ("closes_at", "after", "opens_at", "drop.closes_at"),
        ("room_opens_at", "not after", "opens_at", "drop.schedule.room_opens_at"),
        ("build_at", "before", "room_opens_at", "drop.schedule.build_at"),
        ("build_at", "before", "opens_at", "drop.schedule.build_at"),
        ("destroy_at", "not before", "closes_at", "drop.schedule.destroy_at"),
    ]
    holds = {
        "after": lambda a, b: a > b,
        "before": lambda a, b: a < b,
        "not after": lambda a, b: a <= b,
        "not before": lambda a, b: a >= b,
    }
    found = []
    for key, relation, other, path in order:
        first, second = moments.get(key), moments.get(other)
        if isinstance(first, datetime) and isinstance(second, datetime) and not holds[relation](first, second):
            found.append(Mistake(path, _shown(first), f"a moment {relation} {other}, which is {_shown(second)}"))
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
            expected = f"each SKU once; it stands in drop.products[{first[sku]}] already"
            found.append(Mistake(f"drop.products[{index}].sku", _shown(sku), expected))
        first.setdefault(sku, index)
    return found


def _unreachable_limits(products: Sequence[Mapping[str, Any]]) -> list[Mistake]:
    found = []
    for index, product in enumerate(products):
        stock, limit = product.get("stock"), product.get("limit_per_person")
        if type(stock) is int and type(limit) is int and 0 < stock < limit:  # True is no number here
            key = f"drop.products[{index}].limit_per_person"
            found.append(Mistake(key, _shown(limit), f"at most the stock, which is {stock}"))
    return found


def _reserved_slug(drop: Mapping[str, Any]) -> list[Mistake]:
    slug = drop.get("slug")
    if isinstance(slug, str) and slug.startswith("smoke-"):
        return [Mistake("drop.slug", _shown(slug), "a slug that does not begin with smoke-, as smoke tests do")]
    return []
