"""The day in numbers: counts over time, percentiles, histograms. Pure functions of the crowd's answers."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from marketday.crowd.journal import Answer, VisitorRole
from marketday.crowd.report.evidence import failed, told_orders
from marketday.crowd.report.model import Day

Series = tuple[tuple[float, float], ...]  # seconds since the drop's opening, and a value
MOST_POINTS = 1000  # of a curve: more cannot be seen, and make the page large
QUANTILES = (0.5, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class Latency:
    """How long answers took, in milliseconds."""

    count: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    errors: int  # no answer, or 5xx


@dataclass(frozen=True, slots=True)
class Failures:
    """Requests that failed in the same way: no answer (status 0, `problem` is the reason), or 5xx."""

    service: str
    action: str
    status: int
    problem: str
    count: int
    first_at: float  # seconds since the drop's opening


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the nearest-rank quantile of values in ascending order; 0.0 without values."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else 0.0


def latency(answers: Iterable[Answer]) -> Latency:
    """Return the latency of these answers; a missing answer counts as an error and has no time."""
    listed = list(answers)
    ordered = sorted(answer.seconds * 1000 for answer in listed if answer.status)
    errors = sum(1 for answer in listed if failed(answer))
    p50, p95, p99 = (round(quantile(ordered, share), 1) for share in QUANTILES)
    return Latency(len(listed), p50, p95, p99, errors)


def failures(answers: Iterable[Answer], opens: float) -> tuple[Failures, ...]:
    """Return the failed requests by what was asked and how it failed, the most frequent first."""
    groups: defaultdict[tuple[str, str, int, str], list[float]] = defaultdict(list)
    for answer in answers:
        if failed(answer):
            groups[answer.service, answer.action, answer.status, answer.problem].append(answer.at - opens)
    found = [Failures(*kind, len(moments), min(moments)) for kind, moments in groups.items()]
    return tuple(sorted(found, key=lambda each: (-each.count, each.first_at)))


def latency_by_service(answers: Iterable[Answer]) -> dict[str, Latency]:
    """Return the latency of the gate's `now`, the gate's other calls, the store and the mall."""
    groups: defaultdict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        groups["now" if answer.action == "now" else answer.service].append(answer)
    return {name: latency(groups[name]) for name in ("now", "gate", "store", "mall") if groups[name]}


def mall_latency(day: Day) -> dict[str, Latency]:
    """Return the latency for the mall's ordinary shoppers before, during and after the drop."""
    opens, closes = day.moments.room_opens_at.timestamp(), day.moments.closes_at.timestamp()
    groups: dict[str, list[Answer]] = {"before": [], "during": [], "after": []}
    for answer in day.answers:
        if answer.role == VisitorRole.SHOPPER:
            groups["before" if answer.at < opens else "during" if answer.at < closes else "after"].append(answer)
    return {name: latency(group) for name, group in groups.items()}


def per_second(moments: Iterable[float], opens: float) -> Series:
    """Return how many of `moments` are in each second, from the first to the last."""
    counts = Counter(int((moment - opens) // 1) for moment in moments)
    if not counts:
        return ()
    return tuple((float(second), float(counts[second])) for second in range(min(counts), max(counts) + 1))


def running_total(moments: Iterable[float], opens: float) -> Series:
    """Return how many of `moments` have passed, at each of them; of very many only at some of them."""
    ordered = sorted(moments)
    step = len(ordered) // MOST_POINTS + 1
    counts = [*range(1, len(ordered), step), len(ordered)] if ordered else []
    return tuple((ordered[count - 1] - opens, float(count)) for count in counts)


def last_a_second(pairs: Iterable[tuple[float, float]], opens: float) -> Series:
    """Return the last value in each second; `pairs` are moments and values in order of time."""
    seen = {(moment - opens) // 1: value for moment, value in pairs}
    return tuple(sorted(seen.items()))


def histogram(values: Sequence[float], bars: int = 24) -> tuple[tuple[float, float, int], ...]:
    """Return up to `bars` classes of equal width as (from, to, count); an empty list if there are no values."""
    if not values:
        return ()
    width = max(max(values) / bars, 1.0)
    counts = Counter(min(int(value // width), bars - 1) for value in values)
    return tuple((bar * width, (bar + 1) * width, counts[bar]) for bar in range(max(counts) + 1))


@dataclass(frozen=True, slots=True)
class Figures:
    """The data of all charts and tables."""

    arrivals: Series
    admissions: Series
    orders: Series
    stock_left: Series
    declined: Series
    expired: Series
    waits: tuple[float, ...]  # seconds from the join (or the opening, if it was later) to the admission
    wait_classes: tuple[tuple[float, float, int], ...]
    by_service: dict[str, Latency]
    failures: tuple[Failures, ...]
    mall: dict[str, Latency]
    mall_p95: Series
    counts: dict[str, int]


def _first(answers: Iterable[Answer], actions: frozenset[str]) -> dict[str, float]:
    first: dict[str, float] = {}
    for answer in answers:
        if answer.action in actions and answer.good:
            first.setdefault(answer.person, answer.at)
    return first


def _mall_p95(answers: Iterable[Answer], opens: float, window: float = 5.0) -> Series:
    groups: defaultdict[float, list[float]] = defaultdict(list)
    for answer in answers:
        if answer.role == VisitorRole.SHOPPER and answer.status:
            groups[(answer.at - opens) // window * window].append(answer.seconds * 1000)
    return tuple((start, round(quantile(sorted(group), 0.95), 1)) for start, group in sorted(groups.items()))


def figures(day: Day) -> Figures:
    """Return the day's figures from the crowd's answers."""
    opens = day.moments.opens_at.timestamp()
    buyers = [answer for answer in day.answers if answer.role == VisitorRole.BUYER]
    joined, admitted = _first(buyers, frozenset({"join"})), _first(buyers, frozenset({"exchange"}))
    ordered = _first(buyers, frozenset({"order"}))
    declined = [answer.at for answer in buyers if answer.problem == "payment-declined"]
    expired = [moment.timestamp() for moment in day.expired_at]
    left = ((answer.at, float(answer.facts["left"])) for answer in buyers if answer.facts.get("left") is not None)
    waits = sorted(at - max(joined[person], opens) for person, at in admitted.items() if person in joined)
    return Figures(
        arrivals=per_second(joined.values(), opens),
        admissions=per_second(admitted.values(), opens),
        orders=running_total(ordered.values(), opens),
        stock_left=last_a_second(left, opens),
        declined=running_total(declined, opens),
        expired=running_total(expired, opens),
        waits=tuple(max(wait, 0.0) for wait in waits),
        wait_classes=histogram([max(wait, 0.0) for wait in waits]),
        by_service=latency_by_service(day.answers),
        failures=failures(day.answers, opens),
        mall=mall_latency(day),
        mall_p95=_mall_p95(day.answers, opens),
        counts={
            "people": len({answer.person for answer in buyers}),
            "joined": len(joined),
            "admitted": len(admitted),
            "orders": len({told.id for told in told_orders(day.answers)}),
            "declined": len(declined),
            "expired": len(expired),
            "answers": len(day.answers),
            "shoppers": sum(1 for answer in day.answers if answer.role == VisitorRole.SHOPPER),
        },
    )
