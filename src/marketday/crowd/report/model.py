"""The evidence of one market day, as plain data: who gathered it does not matter to who judges it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from marketday.crowd.journal import Answer


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the drop, as its definition says."""

    sku: str
    stock: int
    limit_per_person: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order in the mall."""

    sku: str
    quantity: int
    unit_price_minor: int


@dataclass(frozen=True, slots=True)
class MallOrder:
    """An order of the drop as the mall has it after the hand-back; ids are texts."""

    id: str
    person: str
    state: str
    total_minor: int
    currency: str
    lines: tuple[Line, ...]
    payments: tuple[tuple[str, str], ...] = ()  # reference and state of each


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """A payment in the gateway's own ledger."""

    reference: str
    state: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Allocation:
    """Units lent to the drop out of the mall's stock, and how many came back (None: never settled)."""

    sku: str
    quantity: int
    returned: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the environment's diary."""

    step: str
    outcome: str
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Moments:
    """The drop's schedule, aware UTC, and the drop's time zone, in which the report tells times."""

    room_opens_at: datetime
    opens_at: datetime
    closes_at: datetime
    zone: str


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What was looked for after the destroying, and what was found of it."""

    looked_for: tuple[str, ...]
    found: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """Everything the report is made of. None or empty means: there is no evidence."""

    drop: str
    name: dict[str, str]  # by language
    seed: int
    moments: Moments
    items: Sequence[Item]
    people: int  # how many were sent
    answers: Sequence[Answer]
    orders: Sequence[MallOrder] | None
    ledger: Sequence[LedgerLine] | None
    allocations: Sequence[Allocation] | None
    steps: Sequence[Step] = ()
    receipt: dict[str, Any] | None = None
    expired_at: Sequence[datetime] = ()  # when reservations ran out
    left_behind: Leftovers | None = None
    crowd_failure: str = ""  # why a worker of the crowd did not end well
    notes: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One sum that must hold. `figures` are what it was judged by, name and value, in the order to show them."""

    name: str
    holds: bool
    figures: tuple[tuple[str, str], ...]
    trouble: tuple[str, ...] = ()  # the first few things that are wrong

    @property
    def mark(self) -> str:
        """A tick or a cross."""
        return "✓" if self.holds else "✗"
