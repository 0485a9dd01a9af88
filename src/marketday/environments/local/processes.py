"""Single processes: starting them, knowing them again, ending them, and finding what a dead one left running."""

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

from marketday.environments.local.accounts import find_account
from marketday.environments.local.model import ProcessSpec

PLANE_VARIABLE = "MARKETDAY_PLANE"
PROCESS_VARIABLE = "MARKETDAY_PROCESS"
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH", "TMPDIR", "TZDIR")
_RETITLED = {"postgres", "initdb", "nginx"}
_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class RunningProcess:
    """A process by its number and its start, in clock ticks since the machine's: the pair is not used twice."""

    pid: int
    start_ticks: int

    def alive(self) -> bool:
        """Say whether exactly this process runs; one that ended and waits to be collected does not."""
        return identify(self.pid) == self

    def send(self, number: int) -> None:
        """Send a signal, if it still runs."""
        if self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


def identify(pid: int) -> RunningProcess | None:
    """Return the process `pid`; None where none runs.

    Read from /proc and not by wall-clock time, which two readers of one process can see differently.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # proc(5): from the state, field 3, on; start time is field 22
    return None if fields[0] in "ZX" else RunningProcess(pid, int(fields[19]))


def inherited_environment() -> dict[str, str]:
    """Return what every process gets of our own environment: no setting and no secret is among it."""
    return {key: os.environ[key] for key in _INHERITED if key in os.environ}


def environment_of(spec: ProcessSpec, plane_id: str) -> dict[str, str]:
    """Return the environment variables of a process: its own, its secrets, and the mark of its plane."""
    environment = inherited_environment() | spec.environment
    if spec.secrets_file:
        environment |= json.loads(Path(spec.secrets_file).read_text("utf-8"))
    return environment | {PLANE_VARIABLE: plane_id, PROCESS_VARIABLE: spec.name}


def start(spec: ProcessSpec, plane_id: str, log: Path) -> "subprocess.Popen[bytes]":
    """Start the process in a session of its own, its output appended to `log`.

    Raises:
        OSError: the program or its folder is not there.

    """
    account = find_account(spec.user) if spec.user else None
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            spec.argv,
            cwd=spec.folder,
            env=environment_of(spec, plane_id),
            user=account.user_id if account else None,
            group=account.group_id if account else None,
            extra_groups=[] if account else None,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def end(process: "subprocess.Popen[bytes]", spec: ProcessSpec) -> None:
    """Ask our child to end in its own way, kill it when it does not in time, and collect it."""
    if process.poll() is None:
        process.send_signal(signal.Signals[spec.stop_signal])
    try:
        process.wait(spec.stop_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def open_pidfd(process: RunningProcess) -> int | None:
    """Return a descriptor that becomes readable when the process ends; None where it has ended."""
    try:
        descriptor = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return None
    if process.alive():
        return descriptor
    os.close(descriptor)
    return None


def has_ended(pidfd: int) -> bool:
    """Say whether the process behind the descriptor has ended."""
    return bool(select.select([pidfd], [], [], 0)[0])


def find(plane_id: str, folder: Path, name: str | None = None) -> list[RunningProcess]:
    """Return what runs of a plane, or of its process `name` alone, whoever started it; never ourselves.

    `folder` is the plane's. Known by the mark in the environment; PostgreSQL and nginx write their titles over
    theirs, and are known by the directory they work in.
    """
    marks = {f"{PLANE_VARIABLE}={plane_id}".encode()} | ({f"{PROCESS_VARIABLE}={name}".encode()} if name else set())
    place = folder / name if name else folder
    found = (identify(pid) for pid in psutil.pids() if pid != os.getpid() and _belongs(pid, marks, place))
    return [process for process in found if process is not None]


def is_ours(recorded: RunningProcess, plane_id: str, folder: Path) -> bool:
    """Say whether a process that was written down runs, and belongs to the plane in `folder`.

    Once the machine has started again, another process may have the number and even the start that were written down.
    """
    if not recorded.alive():
        return False
    try:
        command = Path(f"/proc/{recorded.pid}/cmdline").read_bytes()
    except OSError:
        return False
    return str(folder).encode() in command or _belongs(recorded.pid, {f"{PLANE_VARIABLE}={plane_id}".encode()}, folder)


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


def _belongs(pid: int, marks: set[bytes], place: Path) -> bool:
    # Straight from /proc: it is read for every process of the machine at every start.
    try:
        if marks <= set(Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")):
            return True
        if Path(f"/proc/{pid}/comm").read_text("utf-8").strip() not in _RETITLED:
            return False  # a person's shell may well stand in the folder
        directory = Path(str(Path(f"/proc/{pid}/cwd").readlink()).removesuffix(" (deleted)"))
    except OSError:  # ended meanwhile, or of an account that is not ours to look at
        return False
    return directory == place or place in directory.parents
