"""Breaks things for real: kills processes and keeps them dead, stops them, removes a plane with its disk."""

import asyncio
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psutil

from marketday.kit.tasks import rest
from marketday.provisioners.local.plane_folder import PlaneFolder
from marketday.provisioners.local.processes import find, kill
from marketday.provisioners.local.start_stop import plane_status

_LOOK_SECONDS = 0.05
_REMOVING_SECONDS = 10.0  # then an error is raised


def pids_of(folder: PlaneFolder, names: Collection[str]) -> list[int]:
    """Return the process ids of those called `names` that run now."""
    return [one.pid for one in plane_status(folder.path) if one.name in names and one.alive and one.pid]


def strike(folder: PlaneFolder, names: Collection[str]) -> int:
    """Kill processes at once, without any warning; return how many."""
    killed = pids_of(folder, names)
    for pid in killed:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return len(killed)


@asynccontextmanager
async def kept_dead(folder: PlaneFolder, names: Collection[str]) -> AsyncIterator[None]:
    """Kill processes, and kill them again whenever the supervisor starts them, while the context lasts."""

    async def again() -> None:
        while True:
            with suppress(OSError):
                await asyncio.to_thread(strike, folder, names)
            await rest(_LOOK_SECONDS)

    strike(folder, names)
    task = asyncio.create_task(again())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def frozen(folder: PlaneFolder, names: Collection[str]) -> AsyncIterator[None]:
    """Stop processes with all that they started, as a machine that hangs: connections stay open, nothing answers."""
    families = [pid for main in pids_of(folder, names) for pid in _family(main)]
    _send(families, signal.SIGSTOP)
    try:
        yield
    finally:
        _send(families, signal.SIGCONT)


def lose_plane(folder: PlaneFolder, plane_id: str) -> int:
    """Kill every process of a plane, its supervisor too, and remove its disk; return how many processes there were."""
    count = 0
    while running := find(plane_id, folder.path):
        count += len(running)
        kill(running)
    remove_disk(folder.path)
    return count


def remove_disk(path: Path) -> None:
    """Remove a folder, also if a process that is being killed still writes into it."""
    deadline = time.monotonic() + _REMOVING_SECONDS
    while path.exists():
        shutil.rmtree(path, ignore_errors=time.monotonic() < deadline)


def _family(pid: int) -> list[int]:
    try:
        return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    except psutil.NoSuchProcess:
        return []


def _send(pids: Collection[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
