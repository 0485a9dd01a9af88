"""When people arrive: an open model, in which arrivals do not depend on the answers to others."""

import random
from dataclasses import dataclass

from marketday.crowd.errors import InvalidCurve

# Shares of the crowd: people who are there when the room opens, and people who come more and more until the
# opening. The others come during the sale.
AT_THE_DOOR = 0.15
BEFORE_OPENING = 0.80


@dataclass(frozen=True, slots=True)
class ArrivalCurve:
    """The period in which a crowd arrives, in seconds of any one clock."""

    room_opens: float
    opens: float
    until: float

    def __post_init__(self) -> None:
        """Refuse a curve whose moments are not in order."""
        if not self.room_opens <= self.opens < self.until:
            raise InvalidCurve(
                f"room opening {self.room_opens}, opening {self.opens}, end {self.until}; expected them in this order"
            )


def _one(curve: ArrivalCurve, source: random.Random) -> float:
    """Draw one person's arrival from the curve's density."""
    kind = source.random()
    room = curve.opens - curve.room_opens
    sale = curve.until - curve.opens
    if kind < AT_THE_DOOR:
        return curve.room_opens + min(source.expovariate(8.0), 1.0) * room
    if kind < BEFORE_OPENING:
        # The larger of two uniform draws has a density that rises with time: a ramp that peaks at the opening.
        return curve.room_opens + max(source.random(), source.random()) * room
    return curve.opens + min(source.expovariate(4.0), 1.0) * sale


def arrival_times(people: int, curve: ArrivalCurve, seed: int) -> list[float]:
    """Return when each of `people` arrives, in order, on the clock of `curve`; the same seed gives the same times.

    For a known number of people, the arrivals of an inhomogeneous Poisson process are independent draws from its
    density (Ross, Introduction to Probability Models, section 5.3).

    Raises:
        InvalidCurve: `people` is negative.

    """
    if people < 0:
        raise InvalidCurve(f"{people} people; expected 0 or more")
    source = random.Random(seed)
    return sorted(_one(curve, source) for _ in range(people))


def steady_times(rate_per_second: float, begins: float, ends: float, seed: int) -> list[float]:
    """Return the arrivals of a Poisson process with a constant rate from `begins` to `ends`.

    Raises:
        InvalidCurve: the rate is negative.

    """
    if rate_per_second < 0:
        raise InvalidCurve(f"{rate_per_second} people a second; expected 0 or more")
    source = random.Random(seed)
    times: list[float] = []
    moment = begins
    while rate_per_second > 0:
        moment += source.expovariate(rate_per_second)
        if moment >= ends:
            break
        times.append(moment)
    return times
