"""How many people come for a drop, and what they ask of each part of its environment. Pure, no I/O.

The figures come from what was played and measured here (docs/benchmarks.md, "The market day"): 3,000 people for
400 units made 33,919 looks at the public document and 1,933 requests of the store for 312 orders.
"""

from dataclasses import dataclass
from math import ceil

from marketday.capacity.errors import InvalidForecast

# The market day that was measured had 7.5 people for each unit; a forecast that nobody made is a little above it.
PEOPLE_PER_UNIT = 10
LOOKS_PER_PERSON = 33_919 / 3_000  # near one's turn; from far one looks every ten seconds besides
STORE_REQUESTS_PER_PERSON = 1_933 / 312
GATE_REQUESTS_PER_PERSON = 4  # the waiting page, the join, the own place once the draw is out, the admission
SECONDS_BETWEEN_FAR_LOOKS = 10  # the waiting page's slowest pace
_LEAST_ROOM_SECONDS = 60  # a room that opens with the drop still fills over a minute, not in an instant


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is expected: how many `people` come in all, how they come, and how many of the admitted buy."""

    people: int
    waiting_share: float  # of the people, those who are there before the opening
    arrival_minutes: float  # in which the others come, most of them at once
    buying_share: float  # of the admitted, those who order

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        _refuse_unless("people", self.people, self.people >= 1, "1 or more")
        _refuse_unless("waiting_share", self.waiting_share, 0 <= self.waiting_share <= 1, "0 to 1")
        _refuse_unless("arrival_minutes", self.arrival_minutes, self.arrival_minutes > 0, "above 0")
        _refuse_unless("buying_share", self.buying_share, 0 < self.buying_share <= 1, "above 0, up to 1")


@dataclass(frozen=True, slots=True)
class Offer:
    """What the drop's definition says of its own: the stock, and how fast people are let in."""

    units: int
    admissions_per_second: float
    room_seconds: float  # from the room's opening to the drop's
    open_seconds: float  # from the drop's opening to its closing


@dataclass(frozen=True, slots=True)
class Demand:
    """What is asked for: at the busiest second, and in the whole drop."""

    people: int
    gate_per_second: float  # requests that pass the edge and reach the gate
    store_per_second: float
    orders_per_second: float
    looks: float  # at the public document; the edge answers them
    gate_requests: float
    store_requests: float
    admitted: float
    orders: float


def people_for(units: int) -> int:
    """Return how many come for `units` when nobody says: ten for each, and at least a hundred."""
    return max(units * PEOPLE_PER_UNIT, 100)


def demand(forecast: Forecast, offer: Offer) -> Demand:
    """Return what `forecast` asks of an environment that sells `offer`.

    Arrivals have the shape of the crowd that the market day is played with (crowd/arrivals.py): those who wait come
    in a ramp that peaks at the opening, at twice its mean; the others in a fall that begins at four times its mean.
    Looks, admissions and orders follow until the stock is gone, which is soonest when each buyer takes one unit.
    """
    people = forecast.people
    waiting = people * forecast.waiting_share
    ramp = 2 * waiting / max(offer.room_seconds, _LEAST_ROOM_SECONDS)
    fall = 4 * (people - waiting) / (forecast.arrival_minutes * 60)
    joins_per_second = max(ramp, fall)
    admitted = min(people, ceil(offer.units / forecast.buying_share))
    sale_seconds = min(offer.open_seconds, admitted / offer.admissions_per_second)
    # Who came in a ramp has waited for a third of its length on the average.
    waited_seconds = forecast.waiting_share * offer.room_seconds / 3 + sale_seconds
    return Demand(
        people=people,
        gate_per_second=joins_per_second * (GATE_REQUESTS_PER_PERSON - 1) + offer.admissions_per_second,
        store_per_second=offer.admissions_per_second * STORE_REQUESTS_PER_PERSON,
        orders_per_second=offer.admissions_per_second * forecast.buying_share,
        looks=people * (LOOKS_PER_PERSON + waited_seconds / SECONDS_BETWEEN_FAR_LOOKS),
        gate_requests=people * GATE_REQUESTS_PER_PERSON,
        store_requests=admitted * STORE_REQUESTS_PER_PERSON,
        admitted=admitted,
        orders=min(offer.units, admitted * forecast.buying_share),
    )


def _refuse_unless(name: str, value: float, holds: bool, expected: str) -> None:  # noqa: FBT001 - a checked fact
    if not holds:
        raise InvalidForecast(f"{name} = {value}; expected {expected}")
