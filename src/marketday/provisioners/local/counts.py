"""How many processes of gate and of store an event plane gets: as many as processors, unless the operator says."""

import os
from collections.abc import Iterable
from pathlib import Path

from marketday.kit.private import write_whole
from marketday.kit.reading import UnreadableFile, read_json
from marketday.provisioners.local.errors import NotOurs

SEVERAL = ("gate", "store")  # of these a plane may have several processes, because they share only the databases
MOST_PROCESSES = 8
_FILE = "processes.json"
_LARGEST_FILE = 64


def numbered(service: str, count: int) -> tuple[str, ...]:
    """Return the names of the processes of one of `SEVERAL`: `gate-1`, `gate-2`."""
    return tuple(f"{service}-{number}" for number in range(1, count + 1))


def service_of(process: str) -> str:
    """Return the service of a process: `gate` for `gate-2`."""
    service, _, number = process.rpartition("-")
    return service if number.isdigit() and service in SEVERAL else process


def count_of(names: Iterable[str]) -> int:
    """Return how many processes of each of `SEVERAL` are among `names`; 0 if there are none."""
    return sum(name in numbered(SEVERAL[0], MOST_PROCESSES) for name in names)


def keep_processes(mall: Path, count: int | None) -> None:
    """Record the operator's wish in the mall's folder; None changes nothing, 0 means one for each processor."""
    if count is not None:
        write_whole(mall / _FILE, str(count))


def wanted_processes(mall: Path) -> int:
    """Return how many processes of gate, and how many of store, a new event plane gets.

    Raises:
        NotOurs: the file with the operator's wish was changed or damaged.

    """
    file = mall / _FILE
    if not file.exists():
        return _one_for_each_processor()
    try:
        count = read_json(file, _LARGEST_FILE)
    except UnreadableFile as error:
        raise NotOurs(error.detail) from None
    if type(count) is not int or not 0 <= count <= MOST_PROCESSES:
        raise NotOurs(f"{file} has {count!r:.40}; expected a number from 0 to {MOST_PROCESSES}")
    return count or _one_for_each_processor()


def _one_for_each_processor() -> int:
    return max(1, min(MOST_PROCESSES, len(os.sched_getaffinity(0))))
