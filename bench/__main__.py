"""`make bench`: measure, print the tables, and write them into docs/benchmarks.md.

`make bench ARGS="join reserve"` runs only some, and writes nothing. `ARGS=--tiny` runs everything for an instant, which
shows that the benchmarks work and measures nothing.
"""

import argparse
import signal
import sys
from contextlib import ExitStack
from pathlib import Path

from bench import table
from bench.bench import TINY, Bench, NobodyCameThrough, Scale
from bench.load.start import ClientFailed
from bench.market import open_market
from bench.row import Row
from bench.rows import BENCHMARKS
from marketday.kit.errors import MarketdayError

_CACHE = Path(__file__).parents[1] / ".bench"


def main() -> None:
    """Run what is asked for."""
    chosen, tiny, people = _arguments(sys.argv[1:])
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that everything is stopped then too
    try:
        _run(chosen, people, tiny=tiny)
    except KeyboardInterrupt:
        sys.exit("bench: stopped; nothing was written, and nothing of it runs")
    except (ClientFailed, NobodyCameThrough, MarketdayError) as error:
        sys.exit(f"bench: {error}")


def _run(chosen: list[str], people: Path, *, tiny: bool) -> None:
    rows: list[Row] = []
    with open_market(people) as market:
        bench = Bench(market, TINY if tiny else Scale())
        for name in chosen:
            print(f"bench: {name} ...", file=sys.stderr, flush=True)
            with ExitStack() as bench.stack:
                rows += BENCHMARKS[name](bench)
    section = "\n".join(
        (
            f"Measured on {table.machine()}\n",
            table.figures(rows),
            "Under an open load, at 70 % of the highest rate:\n",
            table.open_loads(bench.open_loads),
            "The cost of one request by process:\n",
            table.costs(bench.costs),
        )
    )
    print(section)
    if len(chosen) == len(BENCHMARKS) and not tiny:
        table.PAGE.write_text(table.replace_section(table.PAGE.read_text("utf-8"), section), "utf-8")
        print(f"written into {table.PAGE}", file=sys.stderr)


def _arguments(words: list[str]) -> tuple[list[str], bool, Path]:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(BENCHMARKS)}; without it, all")
    parser.add_argument("--tiny", action="store_true", help="run for an instant; measures nothing")
    parser.add_argument("--people", type=Path, default=_CACHE, help="folder that keeps signed people for the next run")
    given = parser.parse_args(words)
    unknown = [name for name in given.names if name not in BENCHMARKS]
    if unknown:
        parser.exit(
            2, f"there is no benchmark {unknown[0]!r}; expected some of {', '.join(BENCHMARKS)}, or none for all\n"
        )
    return [name for name in BENCHMARKS if not given.names or name in given.names], given.tiny, given.people


if __name__ == "__main__":
    main()
