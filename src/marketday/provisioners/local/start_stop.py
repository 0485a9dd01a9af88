"""Start, reload and stop a plane with its supervisor, restart the supervisor, and show what runs and what is left."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from marketday.kit.private import write_whole
from marketday.provisioners.local.errors import NotOurs, ProcessFailed
from marketday.provisioners.local.model import start_order
from marketday.provisioners.local.plane_folder import PlaneFolder, Record
from marketday.provisioners.local.ports import is_free
from marketday.provisioners.local.processes import (
    PLANE_VARIABLE,
    PROCESS_VARIABLE,
    RunningProcess,
    find,
    inherited_environment,
    is_ours,
    kill,
    wait_until_ended,
)
from marketday.provisioners.local.watch import Watch

SUPERVISOR = "supervisor"
_START_SECONDS = 30
_STOP_SECONDS = 90
_LOCK_SECONDS = 5
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ProcessStatus:
    """The state of one process of a plane; `since` is its last start, None if it was never started."""

    name: str
    pid: int | None
    alive: bool
    restarts: int
    since: datetime | None


def start_plane(plane_folder: Path) -> None:
    """Start the plane, also if it was stopped; returns at once, before its processes are ready.

    Raises:
        NotOurs: the folder is not a plane.
        ProcessFailed: the supervisor did not start; the detail is what it wrote.

    """
    PlaneFolder(plane_folder).stopped_mark.unlink(missing_ok=True)
    ensure_supervisor(plane_folder)


def ensure_supervisor(plane_folder: Path) -> bool:
    """Start the supervisor of a plane that should run, if it does not run; return whether that was needed.

    Raises:
        NotOurs: the folder is not a plane.
        ProcessFailed: the supervisor did not start; the detail is what it wrote.

    """
    folder = PlaneFolder(plane_folder)
    plane = folder.read_plane()
    if folder.stopped_mark.exists() or folder.is_watched():
        return False
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "marketday.apps.supervisor", "--detach", str(plane_folder)],
            cwd=plane_folder,
            env={**inherited_environment(), PLANE_VARIABLE: plane.plane_id, PROCESS_VARIABLE: SUPERVISOR},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_START_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise ProcessFailed(f"the supervisor of {plane_folder} did not start within {_START_SECONDS} s") from None
    if done.returncode != 0:
        raise ProcessFailed(f"the supervisor of {plane_folder} did not start: {done.stderr.strip()}")
    return True


def reload_plane(plane_folder: Path) -> None:
    """Have the supervisor read `plane.json` again; start it if it does not run.

    A supervisor writes its record before it reads the plane: one without a record will read `plane.json` as it is now.
    It gets no signal, because it may not handle signals yet, and would end.
    """
    if ensure_supervisor(plane_folder):
        return
    folder = PlaneFolder(plane_folder)
    record = folder.read_supervisor()
    if record and is_ours(record.process, folder.read_plane().plane_id, folder.path):
        record.process.send(signal.SIGHUP)


def stop_plane(plane_folder: Path) -> None:
    """End the plane in order, so that it stays stopped; safe to repeat, also if its supervisor does not run.

    It works with a full disk too.

    Raises:
        NotOurs: the folder is not a plane.
        ProcessFailed: some of its processes could not be ended.

    """
    folder = PlaneFolder(plane_folder)
    plane = folder.read_plane()
    with _though_unwritten(folder):
        write_whole(folder.stopped_mark, "")
    _end_supervisors(folder, plane.plane_id)
    with folder.watched(_LOCK_SECONDS) as ours:
        if not ours:
            raise ProcessFailed(f"another process watches over {plane_folder}; end it first")
        watch = Watch(folder, plane)  # to end in order the processes that a killed supervisor left
        watch.adopt()
        watch.end_all()
        watch.record()
        with _though_unwritten(folder):
            folder.write_supervisor(None)
    _end_the_rest(plane.plane_id, folder.path)


def end_plane(plane_folder: Path, plane_id: str) -> None:
    """End all processes of the plane with the mark `plane_id`, even if its description is damaged or missing.

    Raises:
        ProcessFailed: some of its processes could not be ended.

    """
    folder = PlaneFolder(plane_folder)
    try:
        stop_plane(plane_folder)
    except NotOurs:
        _end_supervisors(folder, plane_id)
        _end_the_rest(plane_id, folder.path)


def _supervisors(folder: PlaneFolder, plane_id: str) -> list[RunningProcess]:
    """Return the plane's supervisors: the one on record, if it still is one, and every process with its mark."""
    found = find(plane_id, folder.path, SUPERVISOR)
    record = folder.read_supervisor()
    if record and record.process not in found and is_ours(record.process, plane_id, folder.path):
        found.append(record.process)
    return found


def _end_supervisors(folder: PlaneFolder, plane_id: str) -> None:
    """Let the supervisor end its processes in order and then itself; kill it if it does not end."""
    supervisors = _supervisors(folder, plane_id)
    for supervisor in supervisors:
        supervisor.send(signal.SIGTERM)
    with suppress(TimeoutError):
        wait_until_ended(supervisors, _STOP_SECONDS)
        return
    _log.warning("supervisor_killed", plane=plane_id, after_seconds=_STOP_SECONDS)
    kill(supervisors)


@contextmanager
def _though_unwritten(folder: PlaneFolder) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        _log.warning("plane_not_recorded", plane=folder.path.name, detail=str(error))


def plane_status(plane_folder: Path) -> list[ProcessStatus]:
    """Return the state of the supervisor and of each process of a plane, in the order of their start.

    Raises:
        NotOurs: the folder is not a plane.

    """
    folder = PlaneFolder(plane_folder)
    plane = folder.read_plane()
    records = folder.read_records()
    supervisor = _status(SUPERVISOR, folder.read_supervisor())
    return [supervisor, *(_status(spec.name, records.get(spec.name)) for spec in start_order(plane.processes))]


def leftovers(plane_id: str, plane_folder: Path, ports: Iterable[int]) -> list[str]:
    """Return what still exists of a plane, with a line for each process, listening port and directory."""
    found = [f"process {process.pid}" for process in find(plane_id, plane_folder)]
    found += [f"port {port}" for port in ports if not is_free(port)]
    if plane_folder.exists():
        found.append(f"directory {plane_folder}")
    return found


def _end_the_rest(plane_id: str, folder: Path) -> None:
    """Kill the processes that are left of a plane, and those that they start in that time."""
    deadline = time.monotonic() + _STOP_SECONDS
    while left := find(plane_id, folder):
        if time.monotonic() > deadline:
            raise ProcessFailed(
                f"plane {plane_id} starts processes faster than they can be ended: {len(left)} are left"
            )
        try:
            kill(left)
        except TimeoutError as error:
            raise ProcessFailed(f"plane {plane_id}: {error}") from None


def _status(name: str, record: Record | None) -> ProcessStatus:
    if record is None:
        return ProcessStatus(name, None, alive=False, restarts=0, since=None)
    since = datetime.fromtimestamp(record.since, UTC)
    return ProcessStatus(name, record.pid, record.process.alive(), record.restarts, since)
