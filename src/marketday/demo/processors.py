"""How much processor time each process of a day used, read from /proc while the day runs."""

import os
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from marketday.crowd.report.model import ProcessorUse
from marketday.provisioners.local.home import Home
from marketday.provisioners.local.processes import RunningProcess

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class ProcessStat:
    """What the kernel counts of one process (proc(5)): its own seconds, and those of its children that have ended."""

    parent: int
    start_ticks: int
    seconds: float


@dataclass(slots=True)
class ProcessorTimes:
    """The processor time of each process that was seen, with all its descendants; an ended one keeps its last value."""

    _seconds: dict[tuple[str, RunningProcess], float] = field(default_factory=dict)

    def follow(self, running: Mapping[str, Iterable[RunningProcess]], stats: Mapping[int, ProcessStat]) -> None:
        """Read the processes that run now, by the name of what they are."""
        children = defaultdict(list)
        for pid, stat in stats.items():
            children[stat.parent].append(pid)

        def used(pid: int) -> float:
            return stats[pid].seconds + sum(map(used, children[pid]))

        for name, processes in running.items():
            for process in processes:
                known = stats.get(process.pid)
                if known is not None and known.start_ticks == process.start_ticks:
                    self._seconds[name, process] = used(process.pid)

    def uses(self) -> list[ProcessorUse]:
        """Return the seconds of each name, and of this process, the largest first."""
        sums = defaultdict(float, demo=time.process_time())
        for (name, _), seconds in self._seconds.items():
            sums[name] += seconds
        return [ProcessorUse(name, round(sums[name], 1)) for name in sorted(sums, key=lambda each: -sums[each])]


def read_stats() -> dict[int, ProcessStat]:
    """Return every process of this machine."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with suppress(OSError):  # it has just ended
                found[int(folder.name)] = _stat((folder / "stat").read_text("utf-8", "replace"))
    return found


def _stat(text: str) -> ProcessStat:
    fields = text.rpartition(")")[2].split()  # from field 3 on
    return ProcessStat(int(fields[1]), int(fields[19]), sum(map(int, fields[11:15])) / _TICKS)


def running_services(home: Home) -> dict[str, list[RunningProcess]]:
    """Return the processes of all planes of a home by plane and name, such as `event store`.

    Several processes of a kind count together. Supervisors are left out: they wait.
    """
    found: defaultdict[str, list[RunningProcess]] = defaultdict(list)
    for folder in home.planes():
        plane = "event" if folder.path.parent.name == "environments" else folder.path.name
        for name, record in folder.read_records().items():
            kind = name.rstrip("0123456789").rstrip("-")
            found[kind if kind == plane else f"{plane} {kind}"].append(record.process)
    return found
