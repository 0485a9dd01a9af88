"""A plane's folder on disk: which processes should run, which run, and which supervisor watches over them."""

import fcntl
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import structlog
from pydantic import TypeAdapter, ValidationError

from marketday.kit.private import private_folder, private_opener, write_whole
from marketday.provisioners.local.errors import NotOurs
from marketday.provisioners.local.model import Plane
from marketday.provisioners.local.processes import RunningProcess

RESTORED_MARK = "restored"  # in an event plane that has only its database and keys, from a backup
_LOCK_POLL_SECONDS = 0.02
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Record:
    """A process as it was last started: an entry of `pids.json`. `since` is in seconds since 1970."""

    pid: int
    start_ticks: int
    restarts: int
    since: float

    @property
    def process(self) -> RunningProcess:
        """The process of this record."""
        return RunningProcess(self.pid, self.start_ticks)


_RECORD = TypeAdapter(Record)


@dataclass(frozen=True, slots=True)
class PlaneFolder:
    """The files of one plane. Writing replaces the whole file, so that no reader sees half of it."""

    path: Path

    @property
    def stopped_mark(self) -> Path:
        """A file that exists while the plane should be stopped; then its supervisor is not restarted."""
        return self.path / "stopped"

    def log(self, name: str) -> Path:
        """Return the path of a process's log."""
        return self.path / "logs" / f"{name}.log"

    def read_plane(self) -> Plane:
        """Return what should run.

        Raises:
            NotOurs: there is no `plane.json`, or its content is wrong.

        """
        file = self.path / "plane.json"
        try:
            return Plane.model_validate_json(file.read_bytes())
        except FileNotFoundError:
            raise NotOurs(f"{self.path} has no plane.json; expected the folder of a plane") from None
        except ValidationError as error:
            raise NotOurs(f"{file} is not the description of a plane: {error}") from None

    def write_plane(self, plane: Plane) -> None:
        """Record what should run."""
        if not self.path.is_dir():
            private_folder(self.path)
        write_whole(self.path / "plane.json", plane.model_dump_json(indent=2))

    def read_records(self) -> dict[str, Record]:
        """Return what was last started, by name; empty if nothing was, or if the file is damaged."""
        records = {name: _record(entry) for name, entry in _read(self.path / "pids.json").items()}
        return {name: record for name, record in records.items() if record is not None}

    def write_records(self, records: Mapping[str, Record]) -> None:
        """Record what runs."""
        text = json.dumps({name: asdict(record) for name, record in records.items()}, indent=2)
        write_whole(self.path / "pids.json", text)

    def read_supervisor(self) -> Record | None:
        """Return the supervisor that last watched over this plane, unless it ended in order."""
        return _record(_read(self.path / "supervisor.json"))

    def write_supervisor(self, record: Record | None) -> None:
        """Record the supervisor; None if it ends in order."""
        file = self.path / "supervisor.json"
        if record is None:
            file.unlink(missing_ok=True)
        else:
            write_whole(file, json.dumps(asdict(record)))

    @contextmanager
    def watched(self, patience_seconds: float) -> Iterator[bool]:
        """Lock this plane for one supervisor; yields False if another process keeps the lock for `patience_seconds`.

        The lock is released when its holder ends; after a fork, the child holds it too.
        """
        with held(self.path / "supervisor.lock", patience_seconds) as ours:
            yield ours

    def is_watched(self) -> bool:
        """Return whether a supervisor watches over this plane now.

        This uses a shared lock, so that two processes that look at the same time do not mistake each other for it.
        """
        try:
            with (self.path / "supervisor.lock").open("rb") as lock:
                fcntl.flock(lock.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False


@contextmanager
def held(file: Path, patience_seconds: float) -> Iterator[bool]:
    """Lock a file; yields False if another process keeps the lock for `patience_seconds`."""
    with suppress(OSError):  # the disk may be full: a lock needs no right to write
        open(file, "ab", opener=private_opener).close()
    with file.open("rb") as lock:
        yield _lock(lock.fileno(), patience_seconds)


def _read(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError:
        content = None
    if isinstance(content, dict):
        return content
    _log.warning("record_damaged", file=str(file))
    return {}


def _record(entry: Any) -> Record | None:
    """Return the record in `entry`, or None if it is invalid: the process is found by its mark too."""
    try:
        return _RECORD.validate_python(entry)
    except ValidationError:
        return None


def _lock(descriptor: int, patience_seconds: float) -> bool:
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(_LOCK_POLL_SECONDS)
        else:
            return True
