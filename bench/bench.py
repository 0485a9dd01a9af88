"""What every benchmark uses: the market, the scale, and runs of the load client with their cost."""

import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from bench.cost import Usage, usage, used
from bench.load.plan import Load, Step
from bench.load.seen import Latencies, Seen
from bench.load.start import run
from bench.market import Market

_SPARE = 1.3


class NobodyCameThrough(RuntimeError):
    """A load had only errors, so that it measured nothing."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is done."""

    seconds: float = 3.0
    settle_seconds: float = 0.5
    rounds: int = 2
    processes: int = 2  # of the load client, where its own speed could matter
    most_clients: int = 1000
    entries: tuple[int, int] = (10_000, 1_000_000)
    calls: int = 2000
    guess: float = 3000.0  # people a second, before anything was measured


TINY = Scale(
    seconds=0.2, settle_seconds=0.1, rounds=1, processes=1, most_clients=4, entries=(20, 200), calls=20, guess=100.0
)


@dataclass(slots=True)
class Side:
    """What the rounds of one side of a comparison saw."""

    rates: list[float] = field(default_factory=list)
    latencies: Latencies = field(default_factory=Latencies)

    def add(self, seen: Seen) -> None:
        """Add a round."""
        self.rates.append(seen.rate)
        self.latencies.counts += seen.whole.counts
        self.latencies.errors += seen.errors

    @property
    def rate(self) -> float:
        """The median of the rounds, in a second."""
        return statistics.median(self.rates)


@dataclass(slots=True)
class Bench:
    """One run of benchmarks."""

    market: Market
    scale: Scale
    stack: ExitStack = field(default_factory=ExitStack)  # what a benchmark starts is ended after it
    costs: dict[str, dict[str, float]] = field(default_factory=dict)  # microseconds of a request, by name and process
    open_loads: list[tuple[str, float, Latencies]] = field(default_factory=list)
    _rates: dict[str, float] = field(default_factory=dict)  # the highest so far, by last step

    def clients(self, wanted: int) -> int:
        """Return how many connections to open where `wanted` are asked for."""
        return min(wanted, self.scale.most_clients)

    def load(self, steps: Sequence[Step], clients: int, port: int | None = None, **more: object) -> Load:
        """Return a load on the event plane's edge, or on another `port`."""
        plan = Load(
            port=port or self.market.port,
            steps=tuple(steps),
            connections=self.clients(clients),
            seconds=self.scale.seconds,
            settle_seconds=self.scale.settle_seconds,
            authority=self.market.authority,
        )
        return replace(plan, **more)  # type: ignore[arg-type]

    def people_for(self, last_step: str, slug: str, times: float = 1.0) -> str:
        """Return a file with as many new people as a closed load to this step may need, or one `times` as long."""
        rate = self._rates.get(last_step, self.scale.guess) * _SPARE
        return self.market.new_people(int(rate * times * (self.scale.seconds + self.scale.settle_seconds)) + 100, slug)

    def closed(self, name: str, load: Load, *, cost: bool = False) -> Seen:
        """Do a closed load; with `cost`, note what a request costs each process."""
        samples: list[Usage] = []

        def sample(begins: float, ends: float) -> None:
            for moment in (begins, ends):
                time.sleep(max(0.0, moment - time.perf_counter()))
                samples.append(usage(self.market.pids()))

        processes = min(self.scale.processes, load.connections)
        seen = run(load, processes, sample if cost else None)
        if not seen.finished:
            raise NobodyCameThrough(f"{name}: nobody got the expected answers; errors by status: {dict(seen.errors)}")
        last_step = load.steps[-1].name
        self._rates[last_step] = max(seen.rate, self._rates.get(last_step, 0.0))
        if cost and seen.whole.answers:
            seconds = {"client": seen.cpu_seconds, **used(*samples)}
            self.costs[name] = {each: used_up / seen.whole.answers * 1e6 for each, used_up in seconds.items()}
        return seen

    def open(self, name: str, load: Load, highest: float, *, share: float = 0.7) -> Seen:
        """Do an open load at a share of the highest rate, and note its latencies."""
        rate = max(highest * share, 5.0)
        seen = run(replace(load, rate=rate))
        self.open_loads.append((name, rate, Latencies(seen.whole.counts, seen.errors)))
        return seen

    def interleaved(self, *sides: Callable[[], Seen], times: int = 1) -> list[Side]:
        """Do the rounds of all sides in turn, so that what else the machine does meets all of them.

        Sides that are nearly equal need several `times` as many rounds.
        """
        found = [Side() for _ in sides]
        for _ in range(self.scale.rounds * times):
            for side, once in zip(found, sides, strict=True):
                side.add(once())
        return found


def ratio(side: Side, other: Side) -> float:
    """Return the median of the rounds' ratios; 0 if the other side did nothing."""
    each = [mine / its for mine, its in zip(side.rates, other.rates, strict=True) if its]
    return statistics.median(each) if each else 0.0


def errors(*seen: Seen) -> Counter[int]:
    """Return all errors by status."""
    return sum((one.errors for one in seen), Counter[int]())
