"""How a mistake in a drop's definition is shown: its key, its value, and what was expected."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from difflib import get_close_matches
from itertools import islice
from typing import Any

from pydantic_core import ErrorDetails

from marketday.kit.errors import Kind, Permanent

MOMENT = "a date and time, such as 2026-12-10T20:00:00 (local time in the zone) or 2026-12-10T20:00:00+09:00"
EXPECTED = {
    "drop": "a table [drop]",
    "slug": "3 to 40 characters of a-z and 0-9, with single hyphens between them, such as dawn-serum",
    "name": 'a name such as "Dawn Serum", or one for each language, { ko = "새벽 세럼", en = "Dawn Serum" }',
    "ko": "1 to 200 visible characters, without control characters",
    "en": "1 to 200 visible characters, without control characters",
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
    "admissions_per_second": "a number from 0.01 to 100000",
    "inside": "a whole number from 1 to 1000000",
    "requests_per_second": "a number from 1 to 100000",
    "forecast": "a table [drop.forecast]",
    "people": "a whole number from 1 to 10000000",
    "waiting_share": "a number from 0 to 1: the share of the people who wait for the opening",
    "arrival_minutes": "a number from 0.01 to 1440",
    "buying_share": "a number from 0.0001 to 1: the share of the admitted people who order",
    "schedule": "a table [drop.schedule]",
}
MOST_TOLD = 50  # mistakes of one definition; with more it is probably the wrong file
_LONGEST_VALUE = 60


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with one key, such as `drop.products[1].stock`: its value, and what was expected."""

    key: str
    value: str
    expected: str

    def __str__(self) -> str:
        return f"{self.key} = {self.value}: expected {self.expected}"


class DefinitionErrors(Permanent):
    """The drop's definition has mistakes."""

    kind = Kind.INVALID
    slug = "invalid-definition"

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        """Keep the first mistakes, in the order in which they were found."""
        self.mistakes = tuple(mistakes[:MOST_TOLD])
        super().__init__("; ".join(str(mistake) for mistake in self.mistakes))


def translate(errors: Iterable[ErrorDetails], known: Mapping[str, Sequence[str]]) -> list[Mistake]:
    """Return pydantic's findings as mistakes; `known` lists the keys of each table by the table's name."""
    found = [_translated(error, known) for error in islice(errors, MOST_TOLD)]
    # Pydantic also calls a list too short when all its rows are wrong; the rows' own mistakes are clearer.
    return [mistake for mistake in found if not any(other.key.startswith(f"{mistake.key}[") for other in found)]


def _translated(error: ErrorDetails, known: Mapping[str, Sequence[str]]) -> Mistake:
    names = [part for part in error["loc"] if isinstance(part, str)]
    key = _path(error["loc"])
    if error["type"] == "extra_forbidden":
        table = names[-2] if len(names) > 1 else ""
        return Mistake(key, shown(error["input"]), nearest(names[-1], known.get(table, ()), "a key of this table"))
    value = "missing" if error["type"] == "missing" else shown(error["input"])
    if error["type"] == "too_long":
        return Mistake(key, f"{len(error['input'])} of them", f"at most {error['ctx']['max_length']}")
    return Mistake(key, value, EXPECTED.get(names[-1] if names else "", error["msg"]))


def _path(location: Iterable[str | int]) -> str:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")
    return path if len(path) <= _LONGEST_VALUE else f"{path[: _LONGEST_VALUE - 3]}..."


def shown(value: Any) -> str:
    """Return a value as a message shows it: short."""
    text = value.isoformat() if isinstance(value, date | time) else repr(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 3]}..."


def nearest(word: str, known: Sequence[str], what: str) -> str:
    """Return what was expected instead of `word`: the nearest of the `known` ones, or all of them."""
    close = get_close_matches(word, known, n=1)
    return f"{what}; did you mean {close[0]!r}?" if close else f"{what}: {', '.join(sorted(known))}"
