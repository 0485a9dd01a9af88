"""Starting, watching and ending single processes."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from marketday.environments.local.accounts import find_account
from marketday.environments.local.errors import NotReady
from marketday.environments.local.model import CommandCheck, HttpCheck, ProcessSpec, ReadyCheck, TcpCheck

PLANE_VARIABLE = "MARKETDAY_PLANE"
PROCESS_VARIABLE = "MARKETDAY_PROCESS"
_POLL_SECONDS = 0.02
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH", "VIRTUAL_ENV", "TMPDIR")


@dataclass(frozen=True)
class RunningProcess:
    """A process by its number and its start time: the pair is never used twice."""

    pid: int
    started_at: float

    def alive(self) -> bool:
        """Say whether exactly this process still runs; one that ended and was not yet collected does not."""
        try:
            process = psutil.Process(self.pid)
            return process.create_time() == self.started_at and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if it still runs."""
        if self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


def start(spec: ProcessSpec, plane_id: str, log: Path) -> "subprocess.Popen[bytes]":
    """Start the process in a session of its own, its output appended to `log`.

    Raises:
        OSError: the program or its folder is not there.

    """
    account = find_account(spec.user) if spec.user else None
    environment = {key: os.environ[key] for key in _KEPT if key in os.environ}
    environment |= spec.environment
    if spec.secrets_file:
        environment |= json.loads(Path(spec.secrets_file).read_text("utf-8"))
    environment |= {PLANE_VARIABLE: plane_id, PROCESS_VARIABLE: spec.name}
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            spec.argv,
            cwd=spec.folder,
            env=environment,
            user=account.user_id if account else None,
            group=account.group_id if account else None,
            extra_groups=[] if account else None,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def identify(pid: int) -> RunningProcess:
    """Return the process `pid` with its start time; psutil.NoSuchProcess where there is none."""
    return RunningProcess(pid, psutil.Process(pid).create_time())


def is_ready(check: ReadyCheck) -> bool:
    """Try the check once."""
    match check:
        case TcpCheck():
            return _accepts(check.host, check.port)
        case HttpCheck():
            return _answers(check)
        case CommandCheck():
            return _succeeds(check)


def wait_until_ready(spec: ProcessSpec, running: Callable[[], bool], log: Path) -> None:
    """Wait for the ready check of `spec`.

    Raises:
        NotReady: it ended (`running` says no) or took longer than its `ready_seconds`; the detail has the log's end.

    """
    if spec.ready is None:
        return
    deadline = time.monotonic() + spec.ready_seconds
    while not is_ready(spec.ready):
        if not running():
            raise NotReady(f"{spec.name} ended before it was ready: {log_end(log)}")
        if time.monotonic() > deadline:
            raise NotReady(f"{spec.name} was not ready after {spec.ready_seconds:g} s: {log_end(log)}")
        time.sleep(_POLL_SECONDS)


def end(process: "subprocess.Popen[bytes]", spec: ProcessSpec) -> None:
    """Ask our child to end in its own way, kill it when it does not in time, and collect it."""
    if process.poll() is None:
        process.send_signal(signal.Signals[spec.stop_signal])
    try:
        process.wait(spec.stop_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def log_end(log: Path, most_bytes: int = 2000) -> str:
    """Return the last lines of a log, as far as there are any."""
    try:
        return log.read_bytes()[-most_bytes:].decode("utf-8", "replace").strip()
    except FileNotFoundError:
        return "(no log)"


def _accepts(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def _answers(check: HttpCheck) -> bool:
    connection = http.client.HTTPConnection(check.host, check.port, timeout=2)
    try:
        connection.request("GET", check.path, headers={"Host": check.host_header})
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _succeeds(check: CommandCheck) -> bool:
    return subprocess.run(check.argv, capture_output=True, check=False, timeout=5).returncode == 0
