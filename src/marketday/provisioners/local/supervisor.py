"""Supervisor: watches over the processes of one plane.

It runs until SIGTERM or SIGINT, or until the plane's folder is removed: then it ends the plane's processes in order.
After SIGHUP it reads `plane.json` again. A second supervisor for the same plane ends at once.
"""

import ctypes
import os
import select
import signal
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType

import structlog

from marketday.kit.errors import MarketdayError
from marketday.kit.logging import configure
from marketday.kit.private import private_folder, private_opener
from marketday.provisioners.local.plane_folder import PlaneFolder, Record
from marketday.provisioners.local.processes import RunningProcess, descendants, identify, kill
from marketday.provisioners.local.watch import Watch

# Longer than another process needs to check whether the plane is watched, which takes the lock for a moment.
PATIENCE_SECONDS = 1.0
_SET_CHILD_SUBREAPER = 36

log = structlog.get_logger()


class Signals:
    """The signals that arrived, and a descriptor that ends the loop's waiting when one arrives."""

    def __init__(self) -> None:
        self.stop = False
        self.reload = False
        self.wake, self._write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(self._write)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._note)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGHUP:
            self.reload = True
        else:
            self.stop = True

    def drain(self) -> None:
        """Read the descriptor empty, so that the next wait is not ended at once."""
        try:
            os.read(self.wake, 1024)
        except BlockingIOError:
            return


def watch_over(folder: PlaneFolder) -> None:
    """Watch over the plane until a signal ends it, or its folder is gone; the caller holds the plane's lock."""
    signals = Signals()
    _adopt_orphans()
    _write_record(folder)
    watch = Watch(folder, folder.read_plane())
    watch.adopt()
    while not signals.stop and folder.path.is_dir():
        if signals.reload:
            signals.reload = False
            _reload(watch, folder)
        idle_seconds = watch.step()
        _wait([*watch.pidfds(), signals.wake], idle_seconds)
        signals.drain()
    log.info("stopping")
    watch.end_all()
    kill(descendants())
    if folder.path.is_dir():
        watch.record()
        with suppress(OSError):  # the disk may be full
            folder.write_supervisor(None)


def supervise(folder: PlaneFolder, *, detach: bool = False) -> None:
    """Watch over the plane unless another supervisor does; with `detach`, continue in the background.

    Raises:
        MarketdayError: the folder does not belong to a plane.

    """
    plane = folder.read_plane()
    with folder.watched(PATIENCE_SECONDS) as ours:
        if not ours or folder.stopped_mark.exists():
            return
        if detach and not _detach(folder):
            os._exit(0)  # the child continues, with the lock
        configure("supervisor")
        log.info("watching", plane=plane.plane_id)
        watch_over(folder)


def _detach(folder: PlaneFolder) -> bool:
    """Fork into the background; True in the child."""
    if os.fork() != 0:
        return False
    os.setsid()
    path = folder.log("supervisor")
    private_folder(path.parent)
    with open(path, "ab", opener=private_opener) as output, Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    return True


def _adopt_orphans() -> None:
    """Become the parent of orphaned descendants, so that even a process that hides its mark ends with the plane."""
    ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _write_record(folder: PlaneFolder) -> None:
    ourselves = identify(os.getpid()) or RunningProcess(os.getpid(), 0)
    earlier = folder.read_supervisor()
    restarts = 0 if earlier is None else earlier.restarts + 1
    folder.write_supervisor(Record(ourselves.pid, ourselves.start_ticks, restarts, time.time()))


def _reload(watch: Watch, folder: PlaneFolder) -> None:
    try:
        watch.reload(folder.read_plane())
    except (MarketdayError, ValueError) as error:
        log.exception("the plane stays as it was", reason=str(error))


def _wait(descriptors: list[int], seconds: float) -> None:
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    poll.poll(seconds * 1000)
