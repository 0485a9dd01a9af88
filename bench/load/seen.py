"""What load clients saw: latencies as a histogram, which can be added up over processes and runs."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

_DIGITS = 1000  # a latency is kept to a part in a thousand, so that a histogram stays small


@dataclass(slots=True)
class Latencies:
    """How long answers took, in microseconds, and which statuses were errors (0: no answer), at any time."""

    counts: Counter[int] = field(default_factory=Counter)
    errors: Counter[int] = field(default_factory=Counter)

    def add(self, seconds: float) -> None:
        """Count one good answer."""
        micros = int(seconds * 1e6)
        if micros >= 10 * _DIGITS:
            unit = 10 ** (len(str(micros)) - 4)
            micros -= micros % unit
        self.counts[micros] += 1

    @property
    def answers(self) -> int:
        """How many good answers came."""
        return self.counts.total()

    def percentile(self, share: float) -> float:
        """Return the latency in milliseconds below which `share` of the good answers are; 0 if there are none."""
        left = share * self.answers
        micros = 0
        for micros in sorted(self.counts):
            left -= self.counts[micros]
            if left <= 0:
                break
        return micros / 1000

    def include(self, other: Self) -> None:
        """Add what another one saw."""
        self.counts += other.counts
        self.errors += other.errors


@dataclass(slots=True)
class Seen:
    """What one load client saw in `seconds`: by step, and of the whole way from the moment when it was due."""

    seconds: float
    steps: dict[str, Latencies]
    whole: Latencies
    cpu_seconds: float = 0.0
    people: int = 0  # how many from the beginning of their file have done their steps, also before it was counted
    finished: int = 0  # people who did all steps, whether counted or not
    ran_out: bool = False  # there were too few people for the time

    @property
    def rate(self) -> float:
        """How many people a second went the whole way."""
        return self.whole.answers / self.seconds

    @property
    def errors(self) -> Counter[int]:
        """All errors by status."""
        return sum((step.errors for step in self.steps.values()), Counter[int]())

    def to_document(self) -> dict[str, Any]:
        """Return this as JSON can hold it."""
        named = {name: _latencies_document(step) for name, step in self.steps.items()}
        return {
            "seconds": self.seconds,
            "steps": named,
            "whole": _latencies_document(self.whole),
            "cpu_seconds": self.cpu_seconds,
            "people": self.people,
            "finished": self.finished,
            "ran_out": self.ran_out,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return what a client wrote."""
        return cls(
            seconds=document["seconds"],
            steps={name: _read_latencies(step) for name, step in document["steps"].items()},
            whole=_read_latencies(document["whole"]),
            cpu_seconds=document["cpu_seconds"],
            people=document["people"],
            finished=document["finished"],
            ran_out=document["ran_out"],
        )


def together(parts: Iterable[Seen]) -> Seen:
    """Return what several processes saw at the same time."""
    first, *others = parts
    first.people = min(part.people for part in (first, *others)) * (1 + len(others))
    for other in others:
        for name, step in other.steps.items():
            first.steps[name].include(step)
        first.whole.include(other.whole)
        first.seconds = max(first.seconds, other.seconds)
        first.cpu_seconds += other.cpu_seconds
        first.finished += other.finished
        first.ran_out = first.ran_out or other.ran_out
    return first


def _latencies_document(latencies: Latencies) -> dict[str, dict[int, int]]:
    return {"counts": dict(latencies.counts), "errors": dict(latencies.errors)}


def _read_latencies(document: Mapping[str, Mapping[str, int]]) -> Latencies:
    counts, errors = ({int(key): count for key, count in document[part].items()} for part in ("counts", "errors"))
    return Latencies(Counter(counts), Counter(errors))
