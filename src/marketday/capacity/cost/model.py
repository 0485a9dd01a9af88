"""What an environment costs: its resources, what is charged for them, and the bill. Pure, no I/O."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from marketday.capacity.cost.charges import HOURS_PER_MONTH, HOURS_PER_YEAR, Charge, charges_for
from marketday.capacity.cost.free import is_free
from marketday.capacity.errors import InvalidForecast, MissingPrice, UnreadableRun

DROPS_PER_YEAR = 12
WINDOW_HOURS = 1  # the link stands so long for a hand-back window: DMS charges begun hours
PERMANENT, EVENT, LINK = "permanent", "event", "link"


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing of a plan: the stack it belongs to, and those of its attributes that its price depends on."""

    stack: str  # permanent, event or link
    address: str
    type: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for `units` of what `per` says; `checked`: someone compared it with the list."""

    usd: float
    units: float
    per: str
    checked: bool


@dataclass(frozen=True, slots=True)
class PriceTable:
    """The prices of one region on one day, by key."""

    region: str
    dated: date
    source: str
    prices: Mapping[str, Price]


@dataclass(frozen=True, slots=True)
class Held:
    """A resource and how many hours of a drop it is held; None: it stays between the drops."""

    resource: Resource
    hours: float | None


@dataclass(frozen=True, slots=True)
class Existed:
    """A resource and when it really existed, as the run table tells; moments are aware."""

    resource: Resource
    existed_from: datetime
    existed_until: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """What one resource costs, in US dollars; `by_hour` and `by_use` are those of one drop."""

    resource: Resource
    by_hour: float
    by_use: float
    per_year: float
    always_on: float

    @property
    def per_drop(self) -> float:
        """All of one drop; of what is permanent, its share."""
        return self.by_hour + self.by_use


@dataclass(frozen=True, slots=True)
class Bill:
    """All lines; what has no price; and which prices nobody has checked. A bill with `not_priced` says too little."""

    lines: tuple[Line, ...]
    not_priced: tuple[Resource, ...]
    unchecked: tuple[str, ...]
    prices_used: int
    drops: int

    @property
    def per_drop(self) -> float:
        """One drop, with its share of what is permanent."""
        return sum(line.per_drop for line in self.lines)

    @property
    def per_year(self) -> float:
        """All drops of a year."""
        return sum(line.per_year for line in self.lines)

    @property
    def always_on(self) -> float:
        """The same resources and the same drops, if nothing were ever removed."""
        return sum(line.always_on for line in self.lines)

    @property
    def saving(self) -> float:
        """The share of `always_on` that is not spent, 0 to 1."""
        return _saving(self.lines)

    @property
    def saving_without_link(self) -> float:
        """The same without the link, which nobody would leave open even where all else always stands."""
        return _saving([line for line in self.lines if line.resource.stack != LINK])

    @property
    def saving_by_hour(self) -> float:
        """The same of the event stack alone, as far as it is paid by the hour and not by the use."""
        lines = [line for line in self.lines if line.resource.stack == EVENT]
        spent = sum(line.by_hour for line in lines) * self.drops
        whole = sum(line.always_on - line.by_use * self.drops for line in lines)
        return 1 - spent / whole if whole else 0.0

    @property
    def per_use(self) -> float:
        """What a year's drops pay for being used: the same, however long things stand."""
        return sum(line.by_use for line in self.lines) * self.drops

    @property
    def permanent(self) -> float:
        """What a year pays for what stays between the drops, used or not."""
        return sum(line.by_hour for line in self.lines if line.resource.stack == PERMANENT) * self.drops


def _saving(lines: Sequence[Line]) -> float:
    whole = sum(line.always_on for line in lines)
    return 1 - sum(line.per_year for line in lines) / whole if whole else 0.0


def planned(resources: Iterable[Resource], hours: Mapping[str, float]) -> list[Held]:
    """Return how long each resource is held, by the `hours` of its stack; a stack without hours is permanent."""
    return [Held(one, hours.get(one.stack)) for one in resources]


def existed(records: Iterable[Existed]) -> list[Held]:
    """Return how long each resource was held; one that came and went repeatedly is one, held for the sum.

    Raises:
        UnreadableRun: something ended before it began.

    """
    resources: dict[tuple[str, str], Resource] = {}
    hours: dict[tuple[str, str], float] = {}
    for record in records:
        span = (record.existed_until - record.existed_from).total_seconds() / 3600
        if span < 0:
            raise UnreadableRun(
                f"{record.resource.address} existed from {record.existed_from.isoformat()} until "
                f"{record.existed_until.isoformat()}; expected an end after the beginning"
            )
        key = (record.resource.stack, record.resource.address)
        resources[key] = record.resource
        hours[key] = hours.get(key, 0.0) + span
    return [Held(one, None if one.stack == PERMANENT else hours[key]) for key, one in resources.items()]


def bill(held: Sequence[Held], table: PriceTable, uses: Mapping[str, float], drops: int = DROPS_PER_YEAR) -> Bill:
    """Return the bill of `drops` drops a year, each of which uses `uses`.

    What several resources are used for together, such as the bytes of two NAT gateways, is shared among them.

    Raises:
        MissingPrice: something costs, and the table has no price for it.
        InvalidForecast: there is no drop.

    """
    if drops < 1:
        raise InvalidForecast(f"{drops} drops a year; expected 1 or more")
    priced = [(one, charges_for(one.resource)) for one in held if not is_free(one.resource.type)]
    sharers = Counter((charge.price, charge.of) for _, charges in priced for charge in charges or ())
    lines: list[Line] = []
    used: set[str] = set()
    for one, charges in priced:
        if charges is None:
            continue
        by_time = sum(_each_hour(one.resource, charge, table) for charge in charges)
        by_use = sum(_used(one.resource, charge, table, uses) / sharers[charge.price, charge.of] for charge in charges)
        used.update(charge.price for charge in charges)
        whole = by_time * HOURS_PER_YEAR
        by_hour = whole / drops if one.hours is None else by_time * one.hours
        lines.append(Line(one.resource, by_hour, by_use, (by_hour + by_use) * drops, whole + by_use * drops))
    return Bill(
        lines=tuple(lines),
        not_priced=tuple(one.resource for one, charges in priced if charges is None),
        unchecked=tuple(sorted(key for key in used if not table.prices[key].checked)),
        prices_used=len(used),
        drops=drops,
    )


def _each_hour(resource: Resource, charge: Charge, table: PriceTable) -> float:
    """Return what one hour of a charge by time costs."""
    divisor = {"hours": 1.0, "months": HOURS_PER_MONTH}.get(charge.of)
    return _unit(resource, charge, table) * charge.amount / divisor if divisor else 0.0


def _used(resource: Resource, charge: Charge, table: PriceTable, uses: Mapping[str, float]) -> float:
    """Return what a charge by use costs in one drop."""
    by_time = charge.of in ("hours", "months")
    return 0.0 if by_time else _unit(resource, charge, table) * charge.amount * uses[charge.of]


def _unit(resource: Resource, charge: Charge, table: PriceTable) -> float:
    price = table.prices.get(charge.price)
    if price is None:
        raise MissingPrice(
            f"{resource.type} ({resource.address}) is charged by {charge.price!r}, "
            f"which the table of {table.region}, dated {table.dated}, does not have"
        )
    return price.usd / price.units
