"""Watches over the processes of one plane: starts them in order, restarts those that end, ends them in order.

A watch has no thread: `step` does what is due, and returns the seconds until something is due again. Processes that an
earlier watch started are adopted, so that a killed supervisor interrupts nothing.
"""

import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from marketday.provisioners.local.model import Plane, ProcessSpec, deaths_in_a_row, restart_delay, start_order
from marketday.provisioners.local.plane_folder import PlaneFolder, Record
from marketday.provisioners.local.processes import (
    RunningProcess,
    find,
    has_ended,
    identify,
    is_ours,
    kill,
    open_pidfd,
    start,
)
from marketday.provisioners.local.readiness import is_ready

PROBE_SECONDS = 0.1
IDLE_SECONDS = 5.0  # then we check whether the plane's folder still exists

log = structlog.get_logger()


@dataclass
class Watched:
    """One process under watch. Times are of the monotonic clock."""

    spec: ProcessSpec
    process: RunningProcess | None = None
    child: "subprocess.Popen[bytes] | None" = None  # None for an adopted process
    pidfd: int | None = None
    restarts: int = 0
    since: float = 0.0
    started_at: float = 0.0
    due_at: float = 0.0
    fast_deaths: int = 0
    ready: bool = False

    def forget(self) -> None:
        """Forget a process that has ended."""
        if self.child is not None:
            self.child.wait()
        if self.pidfd is not None:
            os.close(self.pidfd)
        self.process = self.child = self.pidfd = None
        self.ready = False


@dataclass
class Watch:
    """All processes of one plane under watch."""

    folder: PlaneFolder
    plane: Plane
    watched: dict[str, Watched] = field(default_factory=dict)

    def adopt(self) -> None:
        """Adopt processes that were started before and still run."""
        records = self.folder.read_records()
        for spec in start_order(self.plane.processes):
            one = self.watched[spec.name] = Watched(spec)
            record = records.get(spec.name)
            if record is None:
                continue
            one.restarts = record.restarts
            if is_ours(record.process, self.plane.plane_id, self.folder.path):
                one.pidfd = open_pidfd(record.process)
            if one.pidfd is None:
                one.restarts += 1  # it ended while nobody watched, so the next start is a restart
            else:
                one.process, one.since, one.started_at = record.process, record.since, time.monotonic()
                log.info("adopted", process=spec.name, pid=record.pid)

    def reload(self, plane: Plane) -> None:
        """Use a new description: end processes that are gone or changed in it; `step` starts the new ones."""
        keep = {spec.name: spec for spec in plane.processes}
        leaving = [one for one in self.watched.values() if keep.get(one.spec.name) != one.spec]
        self._end(leaving)
        kept = {one.spec.name: one for one in self.watched.values() if one not in leaving}
        self.plane = plane
        self.watched = {spec.name: kept.get(spec.name, Watched(spec)) for spec in start_order(plane.processes)}
        self.record()

    def step(self) -> float:
        """Collect ended processes, start those that are due; return the seconds until something is due again."""
        now = time.monotonic()
        for one in self.watched.values():
            if one.pidfd is not None and has_ended(one.pidfd):
                self._died(one, now)
        for one in self.watched.values():
            if one.process is None and one.due_at <= now and self._may_start(one.spec):
                self._start(one)
        return self._idle_seconds(now)

    def pidfds(self) -> list[int]:
        """Return the descriptors that become readable when a process ends."""
        return [one.pidfd for one in self.watched.values() if one.pidfd is not None]

    def end_all(self) -> None:
        """End all processes, the last started first; kill those that do not end in time, and what they left."""
        waiting = list(reversed(self.watched.values()))
        while waiting:
            needed = {name for one in waiting for name in one.spec.after}
            layer = [one for one in waiting if one.spec.name not in needed]
            self._end(layer)
            waiting = [one for one in waiting if one not in layer]

    def _may_start(self, spec: ProcessSpec) -> bool:
        return all(self._is_ready(self.watched[name]) for name in spec.after)

    def _is_ready(self, one: Watched) -> bool:
        if one.process is not None and not one.ready:
            one.ready = one.spec.ready is None or is_ready(one.spec.ready)
        return one.ready

    def _idle_seconds(self, now: float) -> float:
        waiting = [one for one in self.watched.values() if one.process is None]
        if not waiting:
            return IDLE_SECONDS
        return max(PROBE_SECONDS, min(one.due_at for one in waiting) - now)

    def _died(self, one: Watched, now: float) -> None:
        one.fast_deaths = deaths_in_a_row(one.fast_deaths, now - one.started_at)
        one.due_at = now + restart_delay(one.fast_deaths)
        one.forget()
        one.restarts += 1
        log.warning("died", process=one.spec.name, restarts=one.restarts, deaths_in_a_row=one.fast_deaths)

    def _start(self, one: Watched) -> None:
        spec = one.spec
        try:
            self._clear_remains(spec)
            one.child = start(spec, self.plane.plane_id, self.folder.log(spec.name), self.plane.nice)
        except (OSError, TimeoutError) as error:
            one.fast_deaths += 1
            one.due_at = time.monotonic() + restart_delay(one.fast_deaths)
            log.exception("not started", process=spec.name, reason=str(error))
            return
        one.process = identify(one.child.pid) or RunningProcess(one.child.pid, 0)
        one.pidfd = os.pidfd_open(one.child.pid)  # also works for a process that ended at once: it is not collected yet
        one.since, one.started_at = time.time(), time.monotonic()
        self.record()
        log.info("started", process=spec.name, pid=one.child.pid, restarts=one.restarts)

    def _clear_remains(self, spec: ProcessSpec) -> None:
        """Kill processes that an earlier process left, such as nginx workers that use the port, or server backends."""
        remains = find(self.plane.plane_id, self.folder.path, spec.name)
        if remains:
            log.warning("killing remains", process=spec.name, pids=[process.pid for process in remains])
            kill(remains)
            for process in remains:
                with suppress(ChildProcessError):  # it may have lost its parent and become our child
                    os.waitpid(process.pid, os.WNOHANG)

    def _end(self, leaving: list[Watched]) -> None:
        for one in leaving:
            if one.process is not None:
                one.process.send(signal.Signals[one.spec.stop_signal])
        asked_at = time.monotonic()
        for one in leaving:
            killed = False
            while one.pidfd is not None and not has_ended(one.pidfd):
                if not killed and time.monotonic() - asked_at > one.spec.stop_seconds:
                    killed = True
                    log.warning("killed", process=one.spec.name, after_seconds=one.spec.stop_seconds)
                    with suppress(ProcessLookupError):  # it has just ended, and is not our child
                        signal.pidfd_send_signal(one.pidfd, signal.SIGKILL)
                time.sleep(PROBE_SECONDS / 10)
            one.forget()
            self._clear_remains(one.spec)

    def record(self) -> None:
        """Record what runs; a full disk does not stop the watch."""
        records = {
            one.spec.name: Record(one.process.pid, one.process.start_ticks, one.restarts, one.since)
            for one in self.watched.values()
            if one.process is not None
        }
        try:
            self.folder.write_records(records)
        except OSError as error:
            log.warning("not_recorded", plane=self.plane.plane_id, reason=str(error))
