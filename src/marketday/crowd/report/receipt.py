"""A receipt in readable form: orders, money, rows and checks. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from marketday.kit.money import decimal_amount

_SHORT = 12  # digits of a digest: enough to compare two by eye
_FIGURES = ("orders", "units_lent", "units_sold", "units_returned")
_TECHNICAL = ("commitment", "staging")


@dataclass(frozen=True, slots=True)
class MoneyLine:
    """The number of rows and the money of one kind of record in one state."""

    table: str
    state: str
    rows: int
    amount: str


@dataclass(frozen=True, slots=True)
class RowsLine:
    """How many rows of a table are equal on both sides, and the beginning of their common digest."""

    table: str
    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class ReceiptSummary:
    """The parts of a receipt that the page shows; missing parts are empty."""

    kind: str
    point: str  # the moment of the copy, in the page's zone
    figures: Sequence[tuple[str, int]]
    money: Sequence[MoneyLine]
    rows: Sequence[RowsLine]
    equations: Sequence[str]
    technical: Sequence[tuple[str, str]]


def summarise(claims: Mapping[str, Any], zone: str) -> ReceiptSummary:
    """Return a summary of a receipt's `claims`, with its moment in `zone`."""
    point, promotion = claims.get("point", {}), claims.get("promotion", {})
    technical = [(name, str(claims[name])) for name in _TECHNICAL if claims.get(name)]
    if "lsn" in point:
        technical.append(("lsn", str(point["lsn"])))
    return ReceiptSummary(
        kind=str(claims.get("kind", "")),
        point=_moment(str(point["at"]), zone) if "at" in point else "",
        figures=[(name, promotion[name]) for name in _FIGURES if name in promotion],
        money=[_money_line(one) for one in claims.get("sums", ())],
        rows=[
            RowsLine(name, proof["rows"], f"{proof['sha256'][:_SHORT]}…")
            for name, proof in sorted(claims.get("tables", {}).items())
        ],
        equations=list(claims.get("equations", ())),
        technical=technical,
    )


def _money_line(one: Mapping[str, Any]) -> MoneyLine:
    currency = str(one["currency"])
    amount = decimal_amount(int(one["amount_minor"]), currency)
    return MoneyLine(str(one["table"]), str(one["state"]), int(one["rows"]), f"{amount:,} {currency}")


def _moment(text: str, zone: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S} ({zone})"
