"""How much of one core each process uses while nobody looks: with an open drop, and with only the mall.

Read from /proc/<pid>/stat (user and system time) of every process of every plane and its children, over a minute. A
share of one core does not depend on the other programs on the machine. Run with `python -m bench.idle`; it takes
about five minutes and ends by itself. `python -m bench.idle HOME` measures once what runs in that home.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from bench.cost import seconds_of
from marketday.provisioners.local.home import Home, find_home
from marketday.provisioners.local.start_stop import plane_status

SECONDS = 60.0
SETTLING_SECONDS = 15.0  # until the last shoppers' answers are relayed, and all loops run at their slow pace
DEMO = ("demo", "--keep", "--fast", "--people", "40", "--units", "400")

Shares = dict[tuple[str, str], float]


def seconds_used(pid: int) -> float:
    """Return the processor time of a process and of those that it started and that still run."""
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    return sum(seconds_of(one.pid, ended=True) for one in family)


def processes(home: Home) -> dict[tuple[str, str], int]:
    """Return the number of each process that runs, by plane and name."""
    found: dict[tuple[str, str], int] = {}
    for folder in home.planes():
        plane = folder.path.name if folder.path.name in ("mall", "sandbox") else "event"
        found |= {(plane, one.name): one.pid for one in plane_status(folder.path) if one.alive and one.pid}
    return found


def shares(home: Home, seconds: float) -> Shares:
    """Return the share of a core that each process takes."""
    running = processes(home)
    supervisors = {name: pid for name, pid in running.items() if name[1] == "supervisor"}

    def used() -> dict[tuple[str, str], float]:
        each = {name: seconds_used(pid) for name, pid in running.items() if name not in supervisors}
        return each | {name: seconds_of(pid) for name, pid in supervisors.items()}

    before, began = used(), time.monotonic()
    time.sleep(seconds)
    after, passed = used(), time.monotonic() - began
    return {name: (after[name] - before[name]) / passed for name in running}


def shown(measured: Mapping[str, Shares]) -> Table:
    """Return the table: a row for each process, a column for each state."""
    table = Table("process", *(f"{state}, % of a core" for state in measured))
    names = sorted({name for each in measured.values() for name in each})
    for name in names:
        cells = [f"{each[name] * 100:.2f}" if name in each else "" for each in measured.values()]
        table.add_row(" ".join(name), *cells)
    table.add_row("all", *(f"{sum(each.values()) * 100:.2f}" for each in measured.values()))
    return table


def marketday(home: Path, *arguments: str) -> None:
    """Run a command on the home."""
    subprocess.run(
        [sys.executable, "-m", "marketday.apps.command", "--home", str(home), *arguments],
        check=True,
        stdout=subprocess.DEVNULL,
    )


def main() -> None:
    """Measure both states, or only the given home."""
    if len(sys.argv) > 1:
        Console().print(shown({"now": shares(find_home(Path(sys.argv[1])), SECONDS)}))
        return
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        measured = {}
        try:
            marketday(home, *DEMO, "--report", str(Path(folder) / "report.html"))
            time.sleep(SETTLING_SECONDS)
            measured["an open drop"] = shares(find_home(home), SECONDS)
            marketday(home, "down", "--now")
            marketday(home, "up")
            time.sleep(SETTLING_SECONDS)
            measured["only the mall"] = shares(find_home(home), SECONDS)
        finally:
            marketday(home, "down", "--now", "--purge")
    Console().print(shown(measured))


if __name__ == "__main__":
    main()
