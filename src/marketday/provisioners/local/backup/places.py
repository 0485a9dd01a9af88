"""Where a backup is kept: a folder, or a bucket of S3. Names are paths such as `wal/mall/000000010000000000000003`.

A place is not trusted: somebody may have put links or other files into it. So a folder is walked part by part and no
link is followed, and nothing is taken from it that does not decrypt and match its seal.
"""

import os
import re
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from marketday.provisioners.local.backup.errors import BackupFailed, BackupUnusable, NoBackup

LARGEST_SEALED = 64 * 1024 * 1024  # a segment of WAL has 16 MB
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_HALF = "half-"  # how the name of a file begins that is being written; `names` leaves these out
_WRITING = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_READING = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

Writer = Callable[[IO[bytes]], None]


class BackupPlace(Protocol):
    """Keeps files by name. A file is there as a whole or not at all, and on disk when `put` returns.

    Every method raises BackupFailed, with what the place answered, if it cannot be reached or refuses.
    """

    @property
    def address(self) -> str:
        """How people write the place."""
        ...

    def put(self, name: str, write: Writer) -> None:
        """Keep what `write` writes; a file of that name is replaced."""
        ...

    def read(self, name: str) -> bytes:
        """Return a small file; raises NoBackup if there is none, BackupUnusable if it is too large or no file."""
        ...

    def stream(self, name: str) -> AbstractContextManager[IO[bytes]]:
        """Open a file to read it once; raises NoBackup if there is none."""
        ...

    def names(self, folder: str) -> Sequence[str]:
        """Return the names of the files below `folder`, sorted, without that part of their names."""
        ...

    def remove(self, names: Sequence[str]) -> None:
        """Remove files; those that are missing are no error."""
        ...

    def free_bytes(self) -> int | None:
        """Return how much more fits; None if that is not known."""
        ...


@dataclass(frozen=True, slots=True)
class FolderPlace:
    """A folder of this machine: better on another disk."""

    root: Path

    @property
    def address(self) -> str:
        """Its path."""
        return str(self.root)

    def put(self, name: str, write: Writer) -> None:
        """Write another file, then rename it; folders and file are for this account only."""
        *folders, last = _parts(name)
        half = f"{_HALF}{secrets.token_hex(8)}"
        with _failing(f"{self.root}/{name}"), self._folder(folders, make=True) as folder:
            try:
                with os.fdopen(os.open(half, _WRITING, 0o600, dir_fd=folder), "wb") as target:
                    write(target)
                    target.flush()
                    os.fsync(target.fileno())
                os.rename(half, last, src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                with suppress(OSError):
                    os.unlink(half, dir_fd=folder)
                raise
            os.fsync(folder)

    def read(self, name: str) -> bytes:
        """Read a regular file."""
        with self.stream(name) as source:
            content = source.read(LARGEST_SEALED + 1)
        if len(content) > LARGEST_SEALED:
            raise BackupUnusable(
                f"{self.root}/{name} is larger than {LARGEST_SEALED:,} bytes; it is not from Marketday"
            )
        return content

    @contextmanager
    def stream(self, name: str) -> Iterator[IO[bytes]]:
        """Open a regular file, never a link."""
        *folders, last = _parts(name)
        with _failing(f"{self.root}/{name}"), self._folder(folders) as folder:
            descriptor = os.open(last, _READING, dir_fd=folder)
            with os.fdopen(descriptor, "rb") as source:
                if not stat.S_ISREG(os.fstat(source.fileno()).st_mode):
                    raise BackupUnusable(f"{self.root}/{name} is not a regular file; it is not from Marketday")
                yield source

    def names(self, folder: str) -> Sequence[str]:
        """List the files; links and what has no name of ours are left out."""
        with _failing(f"{self.root}/{folder}"):
            try:
                with self._folder(_parts(folder)) as descriptor:
                    return sorted(_below(descriptor))
            except NoBackup:
                return []

    def remove(self, names: Sequence[str]) -> None:
        """Remove the files, and folders that are empty then."""
        for name in names:
            *folders, last = _parts(name)
            with _failing(f"{self.root}/{name}"), suppress(NoBackup):
                with self._folder(folders) as folder, suppress(FileNotFoundError):
                    os.unlink(last, dir_fd=folder)
                with self._folder(folders[:-1]) as above, suppress(OSError):
                    os.rmdir(folders[-1], dir_fd=above)

    def remove_halves(self) -> None:
        """Remove what an interrupted backup left; only who holds the lock of the backup may do this."""
        with _failing(self.address), self._folder([]) as root:
            for place, _, files, descriptor in os.fwalk(".", dir_fd=root, follow_symlinks=False):
                del place
                for name in files:
                    if name.startswith(_HALF):
                        with suppress(OSError):
                            os.unlink(name, dir_fd=descriptor)

    def free_bytes(self) -> int | None:
        """Ask the file system."""
        with _failing(self.address):
            return shutil.disk_usage(self.root).free

    @contextmanager
    def _folder(self, parts: Sequence[str], *, make: bool = False) -> Iterator[int]:
        """Open a folder below the root, part by part and never through a link; only `root` itself may be one."""
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
        try:
            folder = os.open(self.root, flags)
        except FileNotFoundError:
            raise NoBackup(f"{self.root} is missing; expected the folder of a backup, with its disk mounted") from None
        try:
            for part in parts:
                if make:
                    with suppress(FileExistsError):
                        os.mkdir(part, 0o700, dir_fd=folder)
                try:
                    inner = os.open(part, flags | os.O_NOFOLLOW, dir_fd=folder)
                except FileNotFoundError:
                    raise NoBackup(f"{self.root} has no {'/'.join(parts)}") from None
                os.close(folder)
                folder = inner
            yield folder
        finally:
            os.close(folder)


def _below(descriptor: int) -> Iterator[str]:
    for place, _, files, _ in os.fwalk(".", dir_fd=descriptor, follow_symlinks=False):
        for name in files:
            whole = os.path.normpath(os.path.join(place, name))  # noqa: PTH118 - relative to a descriptor
            found = os.stat(whole, dir_fd=descriptor, follow_symlinks=False)
            if _NAME.fullmatch(whole) and not name.startswith(_HALF) and stat.S_ISREG(found.st_mode):
                yield whole


def _parts(name: str) -> list[str]:
    if not name:
        return []
    if not _NAME.fullmatch(name):
        raise BackupUnusable(f"{name[:100]!r} is not the name of a file of a backup")
    return name.split("/")


@contextmanager
def _failing(what: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise NoBackup(f"{what} is missing") from None
    except OSError as error:
        raise BackupFailed(f"{what}: {error.strerror or error}") from error
