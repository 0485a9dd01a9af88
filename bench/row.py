"""A line of the table of figures: what was measured, what stood beside it in the same run, and what is required."""

from dataclasses import dataclass, field

from bench.load.seen import Latencies


@dataclass(frozen=True, slots=True)
class Row:
    """`value` is compared with `limit`. `measured` and `ceiling` are the two figures behind it, for people."""

    what: str
    measured: str
    ceiling: str
    value: float
    limit: float
    at_least: bool = True
    unit: str = ""
    moonshot: float | None = None
    latencies: Latencies = field(default_factory=Latencies)

    @property
    def met(self) -> bool:
        """Whether the value is what is required."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def cells(self) -> tuple[str, ...]:
        """Return the texts of the table's columns."""
        sign = "≥" if self.at_least else "≤"
        required = f"{sign} {_number(self.limit)}{self.unit}"
        if self.moonshot is not None:
            required += f" (moonshot {_number(self.moonshot)}{self.unit})"
        times = [_number(self.latencies.percentile(share)) for share in (0.5, 0.95, 0.99)]
        errors = ", ".join(
            f"{count} × {status or 'no answer'}" for status, count in sorted(self.latencies.errors.items())
        )
        return (
            self.what,
            self.measured,
            self.ceiling,
            f"{_number(self.value)}{self.unit}",
            required,
            "yes" if self.met else "**no**",
            " / ".join(times) if self.latencies.answers else "",
            errors or ("0" if self.latencies.answers else ""),
        )


HEADINGS = (
    "what",
    "measured",
    "beside it, in the same run",
    "ratio",
    "required",
    "met",
    "p50 / p95 / p99, ms",
    "errors",
)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def a_second(rate: float, what: str = "") -> str:
    """Return a rate for people."""
    return f"{rate:,.0f}/s{what and ' '}{what}"
