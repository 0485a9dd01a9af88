"""How many to call next: the closed loop between the crowd outside and the store inside. Pure.

Four limits apply to the serving number, and the lowest one decides: the rate (a ceiling, which is lower while the store
is slow), the free places in the store (people inside and people called who are still on their way take places), the
stock (no more shoppers than it can serve, plus some more because not everyone buys), and the queue itself.
People who were called and did not come within `claim_grace_seconds` no longer count, so others can take their places.
"""

from dataclasses import dataclass
from math import ceil, floor


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of the loop; the first two come from the drop's definition."""

    admissions_per_second: float = 20.0
    inside: int = 120
    claim_grace_seconds: float = 20.0  # how long a called person counts as on the way
    deciding_seconds: float = 30.0  # how long an admitted person is expected to take stock from the rest
    target_p95_seconds: float = 0.5  # the store is slow above this
    slowest_share: float = 0.05  # share of the ceiling that a slow store still gets, so that it is measured again
    overbooking: float = 1.5  # shoppers for each one that the stock can serve
    units_per_person: float = 1.0
    longest_step_seconds: float = 1.0  # after a pause the worker does not call too many at once


@dataclass(frozen=True, slots=True)
class Load:
    """What is true now. Counts are people unless they say units; seconds are seconds."""

    serving_number: int
    entries: int
    inside: int
    deciding: int  # people inside who were admitted within `deciding_seconds` and have no reservation yet
    called_before_grace: int  # the serving number as it was `claim_grace_seconds` ago
    came_within_grace: int  # how many of the people called since then have come in
    seconds_since_call: float  # since the serving number last moved, or since opening
    units_left: int
    store_p95_seconds: float | None  # None if nothing was measured


def rate(limits: Limits, store_p95_seconds: float | None) -> float:
    """Return how many people a second may be called.

    This is the ceiling. While the store is slow, it is reduced in proportion, but never below `slowest_share` of it.
    """
    if store_p95_seconds is None or store_p95_seconds <= limits.target_p95_seconds:
        return limits.admissions_per_second
    share = limits.target_p95_seconds / store_p95_seconds
    return limits.admissions_per_second * max(share, limits.slowest_share)


def on_the_way(load: Load) -> int:
    """Return how many of those called within the grace have not come in yet."""
    return max(load.serving_number - load.called_before_grace - load.came_within_grace, 0)


def next_serving_number(load: Load, limits: Limits) -> int:
    """Return the serving number to set now; never less than the present one."""
    coming = on_the_way(load)
    by_rate = _by_rate(load, limits)
    by_room = limits.inside - load.inside - coming
    by_stock = _served_by_stock(load, limits) - coming
    by_queue = load.entries - load.serving_number
    return load.serving_number + max(min(by_rate, by_room, by_stock, by_queue), 0)


def _by_rate(load: Load, limits: Limits) -> int:
    """Return how many people the rate allows since the last call; parts of a person add up over several steps."""
    people_per_second = rate(limits, load.store_p95_seconds)
    most_at_once = max(people_per_second * limits.longest_step_seconds, 1.0)
    return floor(min(people_per_second * load.seconds_since_call, most_at_once))


def _served_by_stock(load: Load, limits: Limits) -> int:
    """Return for how many more people the free units are enough, after those inside who are still deciding."""
    if load.units_left <= 0:
        return 0
    return ceil(load.units_left * limits.overbooking / limits.units_per_person) - load.deciding
