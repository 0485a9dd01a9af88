"""The folder in which tests run servers: every account can reach it, and it is in memory if there is enough space."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path

from marketday.provisioners.local.accounts import FIRST_ACCOUNT, reachable_by_others

MEMORY = Path("/dev/shm")  # noqa: S108  Linux's file system in memory
ROOM_BYTES = 2 << 30


@contextmanager
def folder_for_servers() -> Iterator[Path]:
    """Make an empty folder, and remove it afterwards. Only our own account could open pytest's folders."""
    parents = [*_in_memory(), Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]  # noqa: S108
    parent = next(parent for parent in parents if reachable_by_others(parent))
    folder = Path(tempfile.mkdtemp(prefix="marketday-tests-", dir=parent))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _in_memory() -> Sequence[Path]:
    """Return the file system in memory if it has enough space: making a database there takes a quarter of the time."""
    try:
        place = os.statvfs(MEMORY)
    except OSError:
        return ()
    may_run_programs = not place.f_flag & os.ST_NOEXEC
    return (MEMORY,) if may_run_programs and place.f_bavail * place.f_frsize > ROOM_BYTES else ()


# The files of a home that accounts other than its owner may read, and why.
_OPEN = {
    "programs/*": "programs of PostgreSQL, which each plane's account runs; no data",
    "mall/media/*": "product pictures, which the mall shows to everyone",
}
_OPEN_TO_THE_PLANE = {  # the group of these files is the plane's own account, which no other plane uses
    "*/edge/*": "the configuration and pages of nginx",
    "*/valkey.conf": "the configuration of Valkey",
    "*/jwks.json": "the mall's public keys",
    "mall/secrets/signing-key.json": "the mall signs with it",
}


def readable_by_others(home: Path) -> Sequence[str]:
    """Return the files of a home that other accounts can read but that are not in the lists above; a line for each."""
    found = []
    for path in home.rglob("*"):
        name, facts = str(path.relative_to(home)), path.lstat()
        if stat.S_ISLNK(facts.st_mode):
            continue
        known = {*_OPEN, *(_OPEN_TO_THE_PLANE if facts.st_uid == 0 and facts.st_gid >= FIRST_ACCOUNT else ())}
        allowed = any(fnmatch(name, pattern) for pattern in known) and not facts.st_mode & 0o022
        if facts.st_mode & 0o066 and not allowed:
            found.append(f"{name} has mode {stat.S_IMODE(facts.st_mode):o}")
    return found
