"""Starts load clients in processes of their own, all at the same moment."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Self

from bench.load.plan import Load
from bench.load.seen import Seen, together

_LEAD_SECONDS = 0.1  # between the last client being ready and the first request
_ROOT = Path(__file__).parents[2]


class ClientFailed(RuntimeError):
    """A load client ended without a result."""


class Clients:
    """The processes of one load. Use as a context manager: it ends what still runs."""

    def __init__(self, load: Load, processes: int = 1) -> None:
        """Start them; each has its part of connections, people and rate."""
        self._load = load
        rate = None if load.rate is None else load.rate / processes
        parts = [
            replace(load, connections=_part(load.connections, number, processes), rate=rate, share=(number, processes))
            for number in range(processes)
        ]
        self._processes = [self._start(part) for part in parts if part.connections]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            if process.poll() is None:
                process.kill()
            process.communicate()

    @property
    def pids(self) -> list[int]:
        """The numbers of the processes."""
        return [process.pid for process in self._processes]

    def begin(self, at: float | None = None) -> float:
        """Let them begin when all are connected; return the moment from which is counted."""
        for process in self._processes:
            if _line(process) != "ready":
                raise ClientFailed("a load client could not connect; its error is above")
        moment = time.perf_counter() + _LEAD_SECONDS if at is None else at
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.write(f"{moment}\n")
            process.stdin.flush()
        return moment + self._load.settle_seconds

    def result(self) -> Seen:
        """Wait for the end, and return what was seen."""
        lines = [_line(process) for process in self._processes]
        if not all(lines):
            raise ClientFailed("a load client ended without a result; its error is above")
        return together(Seen.from_document(json.loads(line)) for line in lines)

    @staticmethod
    def _start(load: Load) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            (sys.executable, "-m", "bench.load"),
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Linux may weigh sessions: one client must not take the time of another
        )
        assert process.stdin is not None
        process.stdin.write(load.to_json() + "\n")
        process.stdin.flush()
        return process


def run(load: Load, processes: int = 1, during: Callable[[float, float], None] | None = None) -> Seen:
    """Do one load; `during` is called with the moments (of `time.perf_counter`) between which is counted."""
    with Clients(load, processes) as clients:
        counts_from = clients.begin()
        if during is not None:
            during(counts_from, counts_from + load.seconds)
        return clients.result()


def _line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _part(whole: int, number: int, processes: int) -> int:
    return whole // processes + (number < whole % processes)
