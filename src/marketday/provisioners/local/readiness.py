"""Checks whether a process is ready to serve."""

import http.client
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from marketday.provisioners.local.errors import NotReady
from marketday.provisioners.local.model import CommandCheck, HttpCheck, ProcessSpec, ReadyCheck, TcpCheck

_POLL_SECONDS = 0.05
_ANSWER_SECONDS = 2.0


def is_ready(check: ReadyCheck) -> bool:
    """Try the check once; a process that does not answer within two seconds is not ready."""
    match check:
        case TcpCheck():
            return _accepts(check)
        case HttpCheck():
            return _answers(check)
        case CommandCheck():
            return _succeeds(check)


def wait_until_ready(spec: ProcessSpec, running: Callable[[], bool], log: Path) -> None:
    """Wait for the ready check of `spec`.

    Raises:
        NotReady: it ended (`running` is false) or needed more than `ready_seconds`; the detail has the end of the log.

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


def log_end(log: Path, most_bytes: int = 2000) -> str:
    """Return the last lines of a log, if there are any."""
    try:
        return log.read_bytes()[-most_bytes:].decode("utf-8", "replace").strip()
    except FileNotFoundError:
        return "(no log)"


def _accepts(check: TcpCheck) -> bool:
    try:
        with socket.create_connection((check.host, check.port), timeout=_ANSWER_SECONDS):
            return True
    except OSError:
        return False


def _answers(check: HttpCheck) -> bool:
    connection = http.client.HTTPConnection(check.host, check.port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", check.path, headers={"Host": check.host_header})
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _succeeds(check: CommandCheck) -> bool:
    try:
        done = subprocess.run(check.argv, capture_output=True, check=False, timeout=_ANSWER_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
