"""Lets only one command at a time work on a home. The folder itself is locked, and a note in it names the command.

The lock needs no right to write, and is released when its holder ends. The note is only for people.
"""

import errno
import fcntl
import json
import os
import shlex
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from marketday.kit.private import write_whole
from marketday.provisioners.local.errors import HomeInUse, NoHome
from marketday.provisioners.local.home import HOLDER_NOTE, Home
from marketday.provisioners.local.processes import RunningProcess, identify


@dataclass(frozen=True, slots=True)
class Holder:
    """Who works on a home; `since` is a local time with its offset."""

    command: str
    pid: int
    start_ticks: int
    host: str
    since: str

    @property
    def lives(self) -> bool:
        """Whether this process still runs on this machine."""
        return self.host == socket.gethostname() and RunningProcess(self.pid, self.start_ticks).alive()


@contextmanager
def hold_home(home: Home, command: str) -> Iterator[None]:
    """Keep every other command from using `home`, at most until this process ends.

    Raises:
        HomeInUse: another command uses it; the detail says which one, since when, and how to end it.
        NoHome: it was just removed by another command.

    """
    descriptor = os.open(home.root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _lock(descriptor, home)
        with _noted(home.root / HOLDER_NOTE, command):
            yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, home: Home) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise HomeInUse(f"{home.link} is in use: {_shown(home)}") from None
    except OSError as error:
        if error.errno not in (errno.ENOLCK, errno.EOPNOTSUPP, errno.EBADF):
            raise  # the other errors mean that this file system has no locks
    if not home.root.is_dir() or not os.path.samestat(os.fstat(descriptor), home.root.stat()):
        raise NoHome(f"{home.link} was just removed by another command; try again")


@contextmanager
def _noted(note: Path, command: str) -> Iterator[None]:
    ourselves = identify(os.getpid()) or RunningProcess(os.getpid(), 0)
    since = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
    holder = Holder(command, ourselves.pid, ourselves.start_ticks, socket.gethostname(), since)
    with suppress(OSError):  # a folder that cannot be written can still be locked
        write_whole(note, json.dumps(asdict(holder)))
    try:
        yield
    finally:
        with suppress(OSError):
            note.unlink(missing_ok=True)


def read_holder(home: Home) -> Holder | None:
    """Return the holder of the home according to its note; None if there is no note that can be read."""
    try:
        return Holder(**json.loads((home.root / HOLDER_NOTE).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _shown(home: Home) -> str:
    holder = read_holder(home)
    if holder is None or not holder.lives:
        who = shlex.quote(str(home.root))
        return f"a process without a note uses it. `fuser -v {who}` names it; let it end, or choose another --home"
    return (
        f"`{holder.command}` (process {holder.pid} on {holder.host}) has used it since {holder.since}. "
        f"Let it end, end it with `kill {holder.pid}`, or choose another --home"
    )
