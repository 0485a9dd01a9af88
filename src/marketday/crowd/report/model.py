"""The evidence of one market day as plain data, so that the checks do not depend on its source."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from marketday.crowd.journal import Answer


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the drop, from its definition."""

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
    """An order of the drop in the mall after the hand-back; ids are texts."""

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
    """Units that the mall lent to the drop, and how many came back (None if this is not settled yet)."""

    sku: str
    quantity: int
    returned: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """One recorded step of the environment."""

    step: str
    outcome: str
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MallEvidence:
    """The mall's data about a day."""

    orders: tuple[MallOrder, ...]
    allocations: tuple[Allocation, ...]
    steps: tuple[Step, ...]
    receipt: dict[str, Any] | None
    expired_at: tuple[datetime, ...]  # when reservations expired, from the hand-back's copy


@dataclass(frozen=True, slots=True)
class Moments:
    """The drop's schedule, aware UTC, and the drop's time zone, in which the report shows times."""

    room_opens_at: datetime
    opens_at: datetime
    closes_at: datetime
    zone: str


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What was searched for after the destruction, and what was found."""

    looked_for: tuple[str, ...]
    found: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProcessorUse:
    """How many seconds of processor time the processes called `name` used, such as `event store` or `crowd`."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Day:
    """All data of the report. None or empty means that there is no evidence."""

    drop: str
    name: dict[str, str]  # by language
    seed: int
    moments: Moments
    items: Sequence[Item]
    people: int  # number of planned people
    answers: Sequence[Answer]
    orders: Sequence[MallOrder] | None
    ledger: Sequence[LedgerLine] | None
    allocations: Sequence[Allocation] | None
    steps: Sequence[Step] = ()
    receipt: dict[str, Any] | None = None
    expired_at: Sequence[datetime] = ()  # when reservations expired
    left_behind: Leftovers | None = None
    crowd_failure: str = ""  # why a worker of the crowd failed
    notes: Sequence[str] = field(default_factory=tuple)
    processors: Sequence[ProcessorUse] = ()  # the largest first


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of one check. `figures` are its data: name and value, in the order of the report."""

    name: str
    holds: bool
    figures: tuple[tuple[str, str], ...]
    trouble: tuple[str, ...] = ()  # the first few errors

    @property
    def mark(self) -> str:
        """A tick if it passed, otherwise a cross."""
        return "✓" if self.holds else "✗"
