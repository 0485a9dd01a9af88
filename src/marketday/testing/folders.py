"""Where tests run servers: a folder that every account can reach, in memory where there is room for it."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from marketday.environments.local.accounts import reachable_by_others

MEMORY = Path("/dev/shm")  # noqa: S108  Linux's file system in memory
ROOM_BYTES = 2 << 30


@contextmanager
def folder_for_servers() -> Iterator[Path]:
    """Make an empty folder, and remove it afterwards; pytest's own are closed to all accounts but ours."""
    parents = [*_in_memory(), Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]  # noqa: S108
    parent = next(parent for parent in parents if reachable_by_others(parent))
    folder = Path(tempfile.mkdtemp(prefix="marketday-tests-", dir=parent))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _in_memory() -> Sequence[Path]:
    """Find memory with room: to make a database there and drop it costs the kernel a quarter of what a disk does."""
    try:
        place = os.statvfs(MEMORY)
    except OSError:
        return ()
    may_run_programs = not place.f_flag & os.ST_NOEXEC
    return (MEMORY,) if may_run_programs and place.f_bavail * place.f_frsize > ROOM_BYTES else ()
