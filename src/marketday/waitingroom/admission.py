"""How many to call next: the closed loop between the crowd outside and the store inside. Pure.

Four limits apply to the serving number, and the lowest one decides: the pace, the free places in the store (people
inside and people called who are still on their way take places), the stock (no more shoppers than it can serve, plus
some more because not everyone buys), and the queue itself. People who were called and did not come within
`claim_grace_seconds` no longer count, so others can take their places.

The pace follows what the store really does. It begins at half of the drop's ceiling, and grows steadily while the store
is fast. When the store is slow, it is cut in proportion, at most by half, and not far below what the store serves
at that moment, which is enough to empty the queue inside the store. The next cut waits until measurements show what
this one changed. Between fast and slow the pace stays as it is. After the first cut it grows slowly, and only a little
above what the store is seen to serve. This is how TCP finds a rate for a network that it does not know (RFC 5681).
"""

from dataclasses import dataclass, replace
from math import ceil, floor


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of the loop; the first two come from the drop's definition."""

    admissions_per_second: float = 20.0
    inside: int = 120
    claim_grace_seconds: float = 20.0  # how long a called person counts as on the way
    deciding_seconds: float = 30.0  # how long an admitted person is expected to take stock from the rest
    target_p95_seconds: float = 0.5  # the store is slow above this, and fast below half of it
    slowest_share: float = 0.05  # share of the ceiling that a slow store still gets, so that it is measured again
    first_share: float = 0.5  # share of the ceiling with which a drop begins
    growth_seconds: float = 10.0  # how long a store that was never slow needs from nothing to the ceiling
    careful_growth: float = 0.1  # by what share the pace grows in a second once the store was slow
    careful_share: float = 1.3  # of what the store serves: how far the pace grows then
    draining_share: float = 0.5  # share of what a slow store serves that is called while it serves those who wait in it
    settling_seconds: float = 4.0  # after a cut: how long measurements still show the time before it
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
    units_left: int


@dataclass(frozen=True, slots=True)
class StoreSpeed:
    """How the store answered reservations lately; `p95_seconds` is None if nothing was measured."""

    p95_seconds: float | None = None
    per_second: float = 0.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How many people a second may be called.

    `settling_seconds` is how long measurements may still show the time before the last cut. `careful` says that there
    was a cut, so that the capacity of the store is roughly known. `credit` is how many people may be called at once;
    parts of a person add up.
    """

    per_second: float
    settling_seconds: float = 0.0
    careful: bool = False
    credit: float = 0.0


def first_pace(limits: Limits) -> Pace:
    """Return the pace at the opening."""
    return Pace(limits.admissions_per_second * limits.first_share)


def next_pace(pace: Pace, limits: Limits, store: StoreSpeed, seconds: float) -> Pace:
    """Return the pace after `seconds` more, in which the store answered like this."""
    new = _changed(pace, limits, store, seconds)
    most_at_once = max(new.per_second * limits.longest_step_seconds, 1.0)
    return replace(new, credit=min(pace.credit + new.per_second * seconds, most_at_once))


def _changed(pace: Pace, limits: Limits, store: StoreSpeed, seconds: float) -> Pace:
    ceiling, slow, p95 = limits.admissions_per_second, limits.target_p95_seconds, store.p95_seconds
    settling = max(pace.settling_seconds - seconds, 0.0)
    if p95 is None or p95 <= slow / 2:
        step = min(seconds, limits.longest_step_seconds)
        if not pace.careful:
            return Pace(min(pace.per_second + step * ceiling / limits.growth_seconds, ceiling), settling)
        most = ceiling if p95 is None else max(store.per_second * limits.careful_share, pace.per_second)
        return Pace(min(pace.per_second * (1 + limits.careful_growth * step), most, ceiling), settling, careful=True)
    if p95 <= slow or settling > 0:
        return Pace(min(pace.per_second, ceiling), settling, pace.careful)
    enough = max(store.per_second * limits.draining_share, ceiling * limits.slowest_share)
    cut = max(pace.per_second * max(slow / p95, 0.5), enough)
    return Pace(min(cut, pace.per_second, ceiling), limits.settling_seconds, careful=True)


def on_the_way(load: Load) -> int:
    """Return how many of those called within the grace have not come in yet."""
    return max(load.serving_number - load.called_before_grace - load.came_within_grace, 0)


def next_serving_number(load: Load, limits: Limits, pace: Pace) -> int:
    """Return the serving number to set now; never less than the present one."""
    coming = on_the_way(load)
    by_room = limits.inside - load.inside - coming
    by_stock = _served_by_stock(load, limits) - coming
    by_queue = load.entries - load.serving_number
    return load.serving_number + max(min(floor(pace.credit), by_room, by_stock, by_queue), 0)


def _served_by_stock(load: Load, limits: Limits) -> int:
    """Return for how many more people the free units are enough, after those inside who are still deciding."""
    if load.units_left <= 0:
        return 0
    return ceil(load.units_left * limits.overbooking / limits.units_per_person) - load.deciding
