"""The speed of the demo: moments, units and pauses of the drop. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from marketday.demo.options import DemoOptions
from marketday.drops.definition import DropDefinition, DropProduct, RateLimits
from marketday.waitingroom.looking import spread_seconds

DEFAULT_PEOPLE = 3000
ARRIVALS_PER_SECOND = 10_000 / 60  # on average, until the drop opens
UNITS_PER_SECOND = 20.0  # on average, over the whole sale
SALE_PER_ROOM = (
    0.6  # the sale takes at least this share of the room's time, because a fifth of the people come during it
)
SOLD_OUT_AT = 0.5  # the ceilings allow to sell everything in this share of the sale
PEOPLE_PER_UNIT = 1.2  # some buy two units, and some buy nothing
UNITS_PER_PERSON = 1.5  # at most, on average
STAY_SECONDS = 10.0  # how long a person takes a place in the store, on average: buyers less, others more


@dataclass(frozen=True, slots=True)
class Tempo:
    """Durations in seconds."""

    build: float  # from the request to the room's opening
    room: float  # from the room's opening to the drop's opening
    sale: float  # from the drop's opening to its closing
    crowd: float  # from the opening until no one of the crowd waits any more; the sale may continue
    tail: float  # from the closing to the destruction, at least
    hold: int | None  # None for the value in the drop's definition; so is the next value
    admission: int | None
    hurry: float  # multiplies people's pauses
    visits_per_second: float  # how many ordinary shoppers come to the mall


def tempo(options: DemoOptions, units: int, mall_seconds: float) -> Tempo:
    """Return the speed of a day with `units` for sale, on a machine that took `mall_seconds` to start the mall.

    Building the event environment takes about as long as starting the mall, so the plan uses that time and adds a
    reserve. If the environment is late anyway, its room opens late, and the demo shows this. A larger crowd comes over
    a longer time (50,000 people over five minutes, and more during the sale), and more units are sold over a longer
    time (2,000 in 100 seconds).
    """
    build = max(10.0, 5.0 + 1.3 * mall_seconds)
    arrivals = options.arrivals_seconds
    if options.keep:  # time for people to look with a browser
        room = arrivals or (10 if options.fast else 20)
        return Tempo(
            build, room, sale=4 * 3600, crowd=20, tail=0, hold=180, admission=600, hurry=1.0, visits_per_second=2
        )
    people = people_wanted(options, units)
    wanted = units_wanted(people, units)
    tail = 7.0 + spread_seconds(people)  # so that everybody sees that the drop is closed
    if options.fast:
        room, sale = arrivals or max(9.0, people / 333), min(max(15.0, wanted / 40), 150.0)
        return Tempo(
            build, room, sale, crowd=sale + 30, tail=tail, hold=6, admission=20, hurry=0.5, visits_per_second=2
        )
    room = arrivals or max(32.0, people / ARRIVALS_PER_SECOND)
    sale = min(max(48.0, wanted / UNITS_PER_SECOND, room * SALE_PER_ROOM), 300.0)
    return Tempo(build, room, sale, crowd=sale + 30, tail=tail, hold=8, admission=20, hurry=1.0, visits_per_second=3)


def people_wanted(options: DemoOptions, units: int) -> int:
    """Return the number of people: as wished, otherwise 3,000; with `keep` so few that some units stay for sale."""
    if options.people is not None:
        return options.people
    return max(1, units // 3) if options.keep else DEFAULT_PEOPLE


def units_wanted(people: int, units: int) -> int:
    """Return how many of the `units` such a crowd can buy."""
    return min(units, round(people * UNITS_PER_PERSON))


def played_at(definition: DropDefinition, now: datetime, pace: Tempo, units: int | None, people: int) -> DropDefinition:
    """Return `definition` with a schedule that begins at `now`, for `people`, and with `units` in total if given."""
    moved = definition.moved_to(
        now,
        room_opens_in=timedelta(seconds=pace.build),
        opens_in=timedelta(seconds=pace.build + pace.room),
        closes_in=timedelta(seconds=pace.build + pace.room + pace.sale),
    )
    products = scaled(moved.products, units) if units else moved.products
    wanted = units_wanted(people, sum(product.stock for product in products))
    destroy_at = moved.closes_at + timedelta(seconds=pace.tail)
    return moved.model_copy(
        update={
            "hold_seconds": pace.hold or definition.hold_seconds,
            "admission_seconds": pace.admission or definition.admission_seconds,
            "products": products,
            "rate_limits": _ceilings(moved.rate_limits, wanted, pace),
            "schedule_overrides": moved.schedule_overrides.model_copy(update={"destroy_at": destroy_at}),
        }
    )


def _ceilings(limits: RateLimits, units: int, pace: Tempo) -> RateLimits:
    """Return `limits`, raised so far that all `units` can be sold in good time. The store decides how many come in."""
    people_per_second = round(units * PEOPLE_PER_UNIT / (min(pace.sale, pace.crowd) * SOLD_OUT_AT), 1)
    return limits.model_copy(
        update={
            "admissions_per_second": max(limits.admissions_per_second, people_per_second),
            "inside": max(limits.inside, round(people_per_second * STAY_SECONDS)),
        }
    )


def scaled(products: tuple[DropProduct, ...], units: int) -> tuple[DropProduct, ...]:
    """Return products whose stock adds up to `units`, in the same proportion; products without units are left out."""
    total = sum(product.stock for product in products)
    shares = [product.stock * units / total for product in products]
    stock = [int(share) for share in shares]
    by_rest = sorted(range(len(shares)), key=lambda place: stock[place] - shares[place])
    for place in by_rest[: units - sum(stock)]:
        stock[place] += 1
    return tuple(
        product.model_copy(update={"stock": count}) for product, count in zip(products, stock, strict=True) if count
    )
