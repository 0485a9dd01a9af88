"""How much processor time each process used, from /proc/<pid>/stat."""

from collections.abc import Iterable, Mapping
from os import sysconf
from pathlib import Path

Usage = dict[str, dict[int, float]]  # seconds by name of the process and its number
_TICKS = sysconf("SC_CLK_TCK")


def seconds_of(pid: int, *, ended: bool = False) -> float:
    """Return the seconds of processor time that a process has used, 0 if it has ended.

    With `ended`, the time of its child processes that have ended is added.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11 : 15 if ended else 13])) / _TICKS  # proc(5): utime, stime, cutime, cstime


def usage(pids: Mapping[str, Iterable[int]]) -> Usage:
    """Return what each process has used so far."""
    return {name: {pid: seconds_of(pid) for pid in numbers} for name, numbers in pids.items()}


def used(before: Usage, after: Usage) -> dict[str, float]:
    """Return what was used between two moments by each name; processes that began in between count whole."""
    return {
        name: sum(seconds - before.get(name, {}).get(pid, 0.0) for pid, seconds in numbers.items())
        for name, numbers in after.items()
    }
