"""The figures of a receipt that an operator wants to see at a glance (pure)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ReceiptFigures:
    """The figures of a receipt. One that the receipt does not have is None, or empty."""

    kind: str  # handed_back, never_opened or written_off
    orders: int | None = None
    units: Mapping[str, int] = field(default_factory=dict)  # lent, sold, returned
    taken: Sequence[tuple[str, int]] = ()  # captured money: currency and minor units
    rows: int | None = None  # compared in both directions by their SHA-256
    equations: Sequence[str] = ()  # the business rules that were checked and hold


def proof_of(summary: Mapping[str, Any]) -> ReceiptFigures:
    """Read the claims of a receipt. Claims that another version does not have are left out."""
    promotion = _table(summary.get("promotion"))
    tables = _table(summary.get("tables"))
    taken: dict[str, int] = defaultdict(int)
    for line in summary.get("sums") or ():
        if line.get("table") == "payments" and line.get("state") == "captured":
            taken[line["currency"]] += int(line["amount_minor"])
    return ReceiptFigures(
        kind=str(summary.get("kind", "handed-back")).replace("-", "_"),
        orders=promotion.get("orders"),
        units={
            name: promotion[f"units_{name}"] for name in ("lent", "sold", "returned") if f"units_{name}" in promotion
        },
        taken=tuple(sorted(taken.items())),
        rows=sum(int(_table(each).get("rows", 0)) for each in tables.values()) if tables else None,
        equations=tuple(str(each) for each in summary.get("equations") or ()),
    )


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
