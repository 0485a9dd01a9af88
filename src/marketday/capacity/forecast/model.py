"""How many people come for a drop, and the load on each part of its environment. Pure, no I/O.

The figures were measured with the demo (docs/benchmarks.md, "The market day"): 3,000 people for 400 units made 33,919
requests for the public document, and 1,933 requests to the store for 312 orders.
"""

from dataclasses import dataclass
from math import ceil

from marketday.capacity.errors import InvalidForecast

# The measured market day had 7.5 people for each unit; the default forecast is a little higher.
PEOPLE_PER_UNIT = 10
LOOKS_PER_PERSON = 33_919 / 3_000  # near one's turn; people far from it look every ten seconds in addition
STORE_REQUESTS_PER_PERSON = 1_933 / 312
GATE_REQUESTS_PER_PERSON = 4  # the waiting page, the join, the position after the draw, the admission
SECONDS_BETWEEN_FAR_LOOKS = 10  # the longest pause of the waiting page
_LEAST_ROOM_SECONDS = 60  # a room that opens together with the drop still takes a minute to fill


@dataclass(frozen=True, slots=True)
class Forecast:
    """The expected number of `people`, when they come, and how many of the admitted buy."""

    people: int
    waiting_share: float  # share of people who are there before the opening
    arrival_minutes: float  # the period in which the others come, most of them at its beginning
    buying_share: float  # share of admitted people who order

    def __post_init__(self) -> None:
        """Refuse impossible values."""
        _refuse_unless("people", self.people, self.people >= 1, "1 or more")
        _refuse_unless("waiting_share", self.waiting_share, 0 <= self.waiting_share <= 1, "0 to 1")
        _refuse_unless("arrival_minutes", self.arrival_minutes, self.arrival_minutes > 0, "above 0")
        _refuse_unless("buying_share", self.buying_share, 0 < self.buying_share <= 1, "above 0, up to 1")


@dataclass(frozen=True, slots=True)
class Offer:
    """Values of the drop's definition: the stock, and how fast people are admitted."""

    units: int
    admissions_per_second: float
    room_seconds: float  # from the room's opening to the drop's
    open_seconds: float  # from the drop's opening to its closing


@dataclass(frozen=True, slots=True)
class Demand:
    """The load in the busiest second, and in the whole drop."""

    people: int
    gate_per_second: float  # requests that the edge passes on to the gate
    store_per_second: float
    orders_per_second: float
    looks: float  # requests for the public document; the edge answers them
    gate_requests: float
    store_requests: float
    admitted: float
    orders: float


def people_for(units: int) -> int:
    """Return the default number of people for `units`: ten for each unit, and at least a hundred."""
    return max(units * PEOPLE_PER_UNIT, 100)


def demand(forecast: Forecast, offer: Offer) -> Demand:
    """Return the load that `forecast` puts on an environment that sells `offer`.

    Arrivals have the same curve as the crowd (crowd/arrivals.py): before the opening they rise to twice their mean;
    after it they fall, beginning at four times their mean. Requests, admissions and orders follow until the stock is
    sold. The number of buyers is the largest if each buyer takes one unit.
    """
    people = forecast.people
    waiting = people * forecast.waiting_share
    ramp = 2 * waiting / max(offer.room_seconds, _LEAST_ROOM_SECONDS)
    fall = 4 * (people - waiting) / (forecast.arrival_minutes * 60)
    joins_per_second = max(ramp, fall)
    admitted = min(people, ceil(offer.units / forecast.buying_share))
    sale_seconds = min(offer.open_seconds, admitted / offer.admissions_per_second)
    # People who came before the opening have waited for a third of that period on average.
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
