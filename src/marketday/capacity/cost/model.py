"""The cost of an environment: its resources, their charges, and the bill. Pure, no I/O."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from marketday.capacity.cost.charges import HOURS_PER_MONTH, HOURS_PER_YEAR, Charge, charges_for
from marketday.capacity.cost.free import is_free
from marketday.capacity.errors import InvalidForecast, MissingPrice, UnreadableRun

DROPS_PER_YEAR = 12
WINDOW_HOURS = 1  # how long the link exists for a hand-back window: DMS charges every hour that has begun
PERMANENT, EVENT, LINK, PROD = "permanent", "event", "link", "prod"
KEPT = (PERMANENT, PROD)


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of a plan: its stack, and the attributes that its price depends on."""

    stack: str  # permanent, event, link, or prod for what the prod plane keeps for drops
    address: str
    type: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listed:
    """Where AWS's price list has a price: the service's offer, the usage type, and other attributes of the product."""

    offer: str
    usage: str
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for `units` of the unit `per`; `checked`: someone compared it with AWS's price list."""

    usd: float
    units: float
    per: str
    checked: bool
    listed: Listed | None = None  # None if nobody has written down where


@dataclass(frozen=True, slots=True)
class PriceTable:
    """The prices of one region on one day, by key."""

    region: str
    dated: date
    source: str
    prices: Mapping[str, Price]


@dataclass(frozen=True, slots=True)
class Held:
    """A resource and how many hours it exists for one drop; None if it is permanent."""

    resource: Resource
    hours: float | None


@dataclass(frozen=True, slots=True)
class Existed:
    """A resource and when it really existed, from the run table; moments are aware."""

    resource: Resource
    existed_from: datetime
    existed_until: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """The cost of one resource in US dollars; `by_hour` and `by_use` are for one drop.

    `always_on` is what it would cost in a year beside an environment that is never removed.
    """

    resource: Resource
    by_hour: float
    by_use: float
    per_year: float
    always_on: float

    @property
    def per_drop(self) -> float:
        """The cost of one drop, including its share of a permanent resource."""
        return self.by_hour + self.by_use


@dataclass(frozen=True, slots=True)
class Bill:
    """All lines, the resources without a price, and the unchecked prices. With `not_priced`, the totals are too low."""

    lines: tuple[Line, ...]
    not_priced: tuple[Resource, ...]
    unchecked: tuple[str, ...]
    prices_used: int
    drops: int

    @property
    def per_drop(self) -> float:
        """The cost of one drop, including its share of the permanent resources."""
        return sum(line.per_drop for line in self.lines)

    @property
    def per_year(self) -> float:
        """The cost of all drops of a year."""
        return sum(line.per_year for line in self.lines)

    @property
    def always_on(self) -> float:
        """The cost of a year if the resources were never removed."""
        return sum(line.always_on for line in self.lines)

    @property
    def saving(self) -> float:
        """The share of `always_on` that is not spent, 0 to 1."""
        return _saving(self.lines)

    @property
    def saving_without_link(self) -> float:
        """The same without the link, which would not be left open anyway."""
        return _saving([line for line in self.lines if line.resource.stack != LINK])

    @property
    def saving_by_hour(self) -> float:
        """The same for only the hourly charges of the event stack."""
        lines = [line for line in self.lines if line.resource.stack == EVENT]
        spent = sum(line.by_hour for line in lines) * self.drops
        whole = sum(line.always_on - line.by_use * self.drops for line in lines)
        return 1 - spent / whole if whole else 0.0

    @property
    def per_use(self) -> float:
        """The charges by use of a year's drops; they do not depend on how long the resources exist."""
        return sum(line.by_use for line in self.lines) * self.drops

    @property
    def permanent(self) -> float:
        """The yearly cost of the resources that are kept, whether there is a drop or not."""
        return sum(line.by_hour for line in self.lines if line.resource.stack in KEPT) * self.drops


def _saving(lines: Sequence[Line]) -> float:
    whole = sum(line.always_on for line in lines)
    return 1 - sum(line.per_year for line in lines) / whole if whole else 0.0


def planned(resources: Iterable[Resource], hours: Mapping[str, float]) -> list[Held]:
    """Return how long each resource exists, by the `hours` of its stack; a stack without hours is permanent."""
    return [Held(one, hours.get(one.stack)) for one in resources]


def existed(records: Iterable[Existed]) -> list[Held]:
    """Return how long each resource existed; the periods of a resource that was built several times are added.

    Raises:
        UnreadableRun: a period ends before it begins.

    """
    resources: dict[tuple[str, str], Resource] = {}
    hours: dict[tuple[str, str], float] = {}
    for record in records:
        span = (record.existed_until - record.existed_from).total_seconds() / 3600
        if span < 0:
            raise UnreadableRun(
                f"{record.resource.address} existed from {record.existed_from.isoformat()} until "
                f"{record.existed_until.isoformat()}; expected the end after the beginning"
            )
        key = (record.resource.stack, record.resource.address)
        resources[key] = record.resource
        hours[key] = hours.get(key, 0.0) + span
    return [Held(one, None if one.stack in KEPT else hours[key]) for key, one in resources.items()]


def bill(held: Sequence[Held], table: PriceTable, uses: Mapping[str, float], drops: int = DROPS_PER_YEAR) -> Bill:
    """Return the bill for `drops` drops a year, each with the quantities `uses`.

    A quantity that several resources serve together, such as the bytes of two NAT gateways, is divided among them.

    Raises:
        MissingPrice: the table has no price for a charge.
        InvalidForecast: `drops` is less than 1.

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
        always_on = 0.0 if one.resource.stack == PROD else whole + by_use * drops  # nobody would build or hand over
        lines.append(Line(one.resource, by_hour, by_use, (by_hour + by_use) * drops, always_on))
    return Bill(
        lines=tuple(lines),
        not_priced=tuple(one.resource for one, charges in priced if charges is None),
        unchecked=tuple(sorted(key for key in used if not table.prices[key].checked)),
        prices_used=len(used),
        drops=drops,
    )


def _each_hour(resource: Resource, charge: Charge, table: PriceTable) -> float:
    """Return the cost of one hour of a charge by time."""
    divisor = {"hours": 1.0, "months": HOURS_PER_MONTH}.get(charge.of)
    return _unit(resource, charge, table) * charge.amount / divisor if divisor else 0.0


def _used(resource: Resource, charge: Charge, table: PriceTable, uses: Mapping[str, float]) -> float:
    """Return the cost of a charge by use in one drop."""
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
