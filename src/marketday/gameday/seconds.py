"""What shoppers saw in each second, and how long the shop was away. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf

from marketday.crowd.journal import Answer
from marketday.crowd.report.evidence import FAULT

KINDS = ("good", "refused", "failed", "none")
_REFUSED = 400
_NOTABLE = 2.0  # seconds without a good answer that are never called an outage, and the factor over an ordinary pause
_AFTERSHOCK_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Second:
    """How many answers of each kind arrived in one second, which begins `at` seconds after the zero of the page."""

    at: int
    good: int
    refused: int
    failed: int
    none: int

    @property
    def all(self) -> int:
        """All answers of this second."""
        return self.good + self.refused + self.failed + self.none


@dataclass(frozen=True, slots=True)
class Outage:
    """How the shop came back after a fault. Times in seconds.

    `rto` is from the fault's beginning to the end of the last notable pause, None if no good answer followed; `longest`
    is the longest pause since then, `usual` the longest one before the fault, and `notable` whether any pause was.
    """

    rto: float | None
    longest: float
    usual: float
    notable: bool = False


def kind_of(answer: Answer) -> str:
    """Return how a shopper sees an answer: `good`, `refused` (4xx), `failed` (5xx), or `none`."""
    if answer.status == 0:
        return "none"
    if answer.status >= FAULT:
        return "failed"
    return "refused" if answer.status >= _REFUSED else "good"


def arrived(answer: Answer) -> float:
    """Return when an answer arrived, or when its request was given up."""
    return answer.at + answer.seconds


def by_second(answers: Iterable[Answer], zero: float) -> list[Second]:
    """Return the answers by the second in which they arrived, from the first to the last; quiet seconds have zeros."""
    counts: Counter[tuple[int, str]] = Counter()
    for answer in answers:
        counts[int((arrived(answer) - zero) // 1), kind_of(answer)] += 1
    if not counts:
        return []
    first, last = min(second for second, _ in counts), max(second for second, _ in counts)
    return [Second(at, *(counts[at, kind] for kind in KINDS)) for at in range(first, last + 1)]


def outage(good: Iterable[float], begins: float, ends: float) -> Outage:
    """Return how long good answers were missing around a fault from `begins` to `ends`.

    `good` are the moments of good answers to requests that prove that the shop works. A pause is notable if it is
    longer than two seconds and twice as long as every pause before the fault; without such pauses none is. Without a
    good answer after the fault's end the shop did not come back. Pauses that begin more than some seconds after the
    fault's end belong to the ordinary day.
    """
    moments = sorted(good)
    before, after = [at for at in moments if at < begins], [at for at in moments if at >= begins]
    usual = max((later - earlier for earlier, later in pairwise(before)), default=0.0)
    pauses = [
        (earlier, later) for earlier, later in pairwise([begins, *after]) if earlier <= ends + _AFTERSHOCK_SECONDS
    ]
    if not pauses or after[-1] < ends:  # a good answer while it was kept broken does not show that it came back
        return Outage(None, max((later - earlier for earlier, later in pauses), default=0.0), usual)
    longest = max(_NOTABLE, _NOTABLE * usual) if len(before) > 1 else inf
    notable = [later for earlier, later in pauses if later - earlier > longest]
    back = notable[-1] if notable else pauses[0][1]
    return Outage(back - begins, max(later - earlier for earlier, later in pauses), usual, notable=bool(notable))


def during(seconds: Sequence[Second], begins: float, ends: float) -> dict[str, int]:
    """Return how many answers of each kind arrived from `begins` to `ends`, on the clock of `seconds`."""
    inside = [each for each in seconds if begins - 1 < each.at < ends]
    return {kind: sum(getattr(each, kind) for each in inside) for kind in KINDS}
