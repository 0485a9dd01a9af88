"""Packs files into a tar stream, and unpacks one that may be hostile: nothing is written outside of the target."""

import os
import re
import stat
import tarfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import IO

from marketday.kit.private import private_opener
from marketday.provisioners.local.backup.errors import BackupUnusable

_MOST_FILES = 5_000_000
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,1000}")


def pack(target: IO[bytes], files: Iterable[tuple[Path, str]]) -> None:
    """Write regular files under the given names; links, and files that disappear, are left out.

    A file that grows while it is read, such as a log that is only appended to, is kept as long as it was at the start.
    """
    with tarfile.open(fileobj=target, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for path, name in files:
            with suppress(FileNotFoundError), _regular(path) as source:
                info = tarfile.TarInfo(name)
                found = os.fstat(source.fileno())
                info.size, info.mtime, info.mode = found.st_size, int(found.st_mtime), found.st_mode & 0o644
                archive.addfile(info, source)


def unpack(source: IO[bytes], target: Path, kept: Callable[[PurePosixPath], bool] = lambda _: True) -> int:
    """Write the regular files of a tar stream below `target`, which nobody else may change; return how many.

    Raises:
        BackupUnusable: it has a link, a device, a path that leads elsewhere, or is not a tar stream.

    """
    count = 0
    try:
        with tarfile.open(fileobj=source, mode="r|") as archive:
            for info in archive:
                count += 1
                name = PurePosixPath(info.name.removeprefix("./"))
                if count > _MOST_FILES or not _is_inside(info.name, name):
                    raise BackupUnusable(f"{info.name[:100]!r} in the archive leads elsewhere; nothing of it is used")
                if info.isdir():
                    (target / name).mkdir(mode=0o700, parents=True, exist_ok=True)
                elif not info.isreg():
                    raise BackupUnusable(f"{info.name[:100]!r} in the archive is a link or device; expected only files")
                elif kept(name):
                    _write(archive, info, target / name)
    except tarfile.TarError as error:
        raise BackupUnusable(f"the archive is not whole: {error}") from None
    return count


def _is_inside(written: str, name: PurePosixPath) -> bool:
    return bool(_NAME.fullmatch(written)) and not name.is_absolute() and ".." not in name.parts and name.parts != ()


def _write(archive: tarfile.TarFile, info: tarfile.TarInfo, path: Path) -> None:
    content = archive.extractfile(info)
    if content is None:
        raise BackupUnusable(f"{info.name[:100]!r} in the archive has no content")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(path, "xb", opener=private_opener) as file:
        os.fchmod(file.fileno(), (info.mode & 0o044) | 0o600)
        while block := content.read(1 << 20):
            file.write(block)


def _regular(path: Path) -> IO[bytes]:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileNotFoundError(path)
    return os.fdopen(descriptor, "rb")


def files_below(folder: Path) -> Iterator[Path]:
    """Yield the regular files below a folder; links are not followed."""
    for place, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            path = Path(place, name)
            with suppress(OSError):
                if stat.S_ISREG(path.lstat().st_mode):
                    yield path
