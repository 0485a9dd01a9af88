"""Single processes: start, recognise and end them, and find processes that an ended one left."""

import contextlib
import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from marketday.kit.private import private_folder, private_opener
from marketday.provisioners.local.accounts import known_account
from marketday.provisioners.local.model import ProcessSpec, Walls
from marketday.provisioners.local.priority import lower_priority
from marketday.provisioners.local.walls.enter import Confinement

PLANE_VARIABLE = "MARKETDAY_PLANE"
PROCESS_VARIABLE = "MARKETDAY_PROCESS"
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH", "TMPDIR", "TZDIR")
_RETITLED = {"postgres", "initdb", "nginx"}
_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class RunningProcess:
    """A process, by its number and its start in clock ticks since the machine's start: the pair is not used twice."""

    pid: int
    start_ticks: int

    def alive(self) -> bool:
        """Return whether exactly this process runs; an ended process that waits to be collected does not."""
        return identify(self.pid) == self

    def send(self, number: int) -> None:
        """Send a signal if the process still runs."""
        if self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


def identify(pid: int) -> RunningProcess | None:
    """Return the process `pid`; None if there is none.

    Its start is read from /proc and is not a wall-clock time, which two readers could compute differently.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # proc(5): from the state, field 3, on; start time is field 22
    return None if fields[0] in "ZX" else RunningProcess(pid, int(fields[19]))


def inherited_environment() -> dict[str, str]:
    """Return the part of our own environment that every process gets: no settings and no secrets.

    PYTHONPATH keeps only absolute paths: an empty part means the folder that a process starts in, and files that it
    wrote there would be run, also by root before the process goes behind its walls.
    """
    environment = {key: os.environ[key] for key in _INHERITED if key in os.environ}
    if "PYTHONPATH" in environment:
        parts = environment["PYTHONPATH"].split(os.pathsep)
        environment["PYTHONPATH"] = os.pathsep.join(part for part in parts if Path(part).is_absolute())
    return environment


def environment_of(spec: ProcessSpec, plane_id: str) -> dict[str, str]:
    """Return the environment variables of a process: its own, its secrets, and the mark of its plane."""
    environment = inherited_environment() | spec.environment
    if spec.secrets_file:
        environment |= json.loads(Path(spec.secrets_file).read_text("utf-8"))
    return environment | {PLANE_VARIABLE: plane_id, PROCESS_VARIABLE: spec.name}


def start(spec: ProcessSpec, plane_id: str, log: Path, nice: int = 0) -> "subprocess.Popen[bytes]":
    """Start the process in its own session, behind its walls and with its priority; its output is appended to `log`.

    Raises:
        OSError: the program or its folder does not exist.

    """
    if not log.parent.is_dir():
        private_folder(log.parent)
    with open(log, "ab", opener=private_opener) as output:
        process = subprocess.Popen(
            _command(spec),
            cwd=spec.folder,
            env=environment_of(spec, plane_id),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    if nice:
        lower_priority(process.pid, nice)
    return process


def _command(spec: ProcessSpec) -> list[str]:
    if spec.walls is None and spec.account is None:
        return list(spec.argv)
    if not os.access(spec.argv[0], os.X_OK):
        raise FileNotFoundError(f"{spec.argv[0]} cannot be run")
    walls = spec.walls or Walls(connect=None)
    entry = Confinement(
        folder=spec.folder,
        account=spec.account,
        read=list(walls.read),
        bind=list(walls.bind),
        connect=None if walls.connect is None else list(walls.connect),
        shared_memory=walls.shared_memory,
        chmod_is_ignored=walls.chmod_is_ignored,
        stale_files=list(spec.stale_files),
    )
    return entry.command(spec.argv)


def end(process: "subprocess.Popen[bytes]", spec: ProcessSpec) -> None:
    """Send our child its stop signal, kill it if it does not end in time, and collect it."""
    if process.poll() is None:
        process.send_signal(signal.Signals[spec.stop_signal])
    try:
        process.wait(spec.stop_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def open_pidfd(process: RunningProcess) -> int | None:
    """Return a descriptor that becomes readable when the process ends; None if it has ended."""
    try:
        descriptor = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return None
    if process.alive():
        return descriptor
    os.close(descriptor)
    return None


def has_ended(pidfd: int) -> bool:
    """Return whether the process of the descriptor has ended."""
    return bool(select.select([pidfd], [], [], 0)[0])


def find(plane_id: str, folder: Path, name: str | None = None) -> list[RunningProcess]:
    """Return the processes of a plane, or of its process `name`, no matter what started them; never ourselves.

    `folder` is the plane's. A process is recognised by the plane's own account, if there is one, or by the mark in its
    environment. PostgreSQL and nginx write their titles over it: they are recognised by the directory they work in.
    """
    marks = {f"{PLANE_VARIABLE}={plane_id}".encode()} | ({f"{PROCESS_VARIABLE}={name}".encode()} if name else set())
    place = folder / name if name else folder
    account = None if name else known_account(folder)
    found = (identify(pid) for pid in psutil.pids() if pid != os.getpid() and _belongs(pid, marks, place, account))
    return [process for process in found if process is not None]


def is_ours(recorded: RunningProcess, plane_id: str, folder: Path) -> bool:
    """Return whether a recorded process runs, and belongs to the plane in `folder`.

    After a restart of the machine, another process may have the number and even the start that were recorded.
    """
    if not recorded.alive():
        return False
    try:
        command = Path(f"/proc/{recorded.pid}/cmdline").read_bytes()
    except OSError:
        return False
    return str(folder).encode() in command or _belongs(
        recorded.pid, {f"{PLANE_VARIABLE}={plane_id}".encode()}, folder, known_account(folder)
    )


def kill(processes: Sequence[RunningProcess], seconds: float = 10) -> None:
    """Kill the processes and wait until none of them runs.

    Raises:
        TimeoutError: one still runs after `seconds`.

    """
    for process in processes:
        process.send(signal.SIGKILL)
    wait_until_ended(processes, seconds)


def wait_until_ended(processes: Iterable[RunningProcess], seconds: float) -> None:
    """Wait until none of the processes runs; TimeoutError after `seconds`."""
    deadline = time.monotonic() + seconds
    waiting = list(processes)
    while waiting := [process for process in waiting if process.alive()]:
        if time.monotonic() > deadline:
            raise TimeoutError(f"still running after {seconds:g} s: {[process.pid for process in waiting]}")
        time.sleep(_POLL_SECONDS)


def descendants() -> list[RunningProcess]:
    """Return our child processes and all their descendants, with any name."""
    found = (identify(child.pid) for child in psutil.Process().children(recursive=True))
    return [process for process in found if process is not None]


def _belongs(pid: int, marks: set[bytes], place: Path, account: int | None) -> bool:
    # Read directly from /proc, because this is done for every process of the machine at every start.
    try:
        if account is not None and f"\nUid:\t{account}\t" in Path(f"/proc/{pid}/status").read_text("utf-8"):
            return True
        if marks <= set(Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")):
            return True
        if Path(f"/proc/{pid}/comm").read_text("utf-8").strip() not in _RETITLED:
            return False  # a person's shell may be in the folder
        directory = Path(str(Path(f"/proc/{pid}/cwd").readlink()).removesuffix(" (deleted)"))
    except OSError:  # it has just ended, or we may not read it
        return False
    return directory == place or place in directory.parents
