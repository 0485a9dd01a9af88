"""Shows an account the programs that it has to run, if they are in a folder that only root may enter, such as /root.

The process gets its own view of the file system (mount_namespaces(7)): an empty folder replaces the closed one, and in
it is, at its usual path, each folder of programs. Nothing else of the closed folder can be seen, no mode on the disk is
changed, and the view ends with the process.
"""

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

_NEW_VIEW = 0x00020000
_NO_SUID, _NO_DEVICES, _BIND, _RECURSIVE, _SLAVE = 1 << 1, 1 << 2, 1 << 12, 1 << 14, 1 << 19

_libc = ctypes.CDLL(None, use_errno=True)


def show(folders: Iterable[Path]) -> None:
    """Let every account reach `folders`; only root can. Does nothing if they can be reached already.

    Raises:
        OSError: the system does not allow it; the message says what to do.

    """
    hidden: dict[Path, list[Path]] = {}
    for folder in sorted({folder.resolve() for folder in folders if folder.is_dir()}):
        if closed := closed_part(folder):
            hidden.setdefault(closed, []).append(folder)
    if not hidden:
        return
    try:
        _done(_libc.unshare(_NEW_VIEW))
        _mount(None, Path("/"), _RECURSIVE | _SLAVE)
        for closed, below in hidden.items():
            _replace(closed, below)
    except OSError as error:
        names = ", ".join(map(str, hidden))
        raise OSError(
            error.errno,
            f"{names}: closed to the planes' accounts, with Marketday's programs below it ({error.strerror}); "
            f"expected mode o+x: `chmod o+x {names}`, or install Marketday and its Python elsewhere",
        ) from error


def closed_part(folder: Path) -> Path | None:
    """Return the first part of a path that other accounts cannot enter; None if they can reach its end."""
    parts = [*reversed(folder.parents), folder]
    return next((part for part in parts if part.is_dir() and not part.stat().st_mode & 0o001), None)


def _replace(closed: Path, below: list[Path]) -> None:
    """Mount an empty folder over `closed`, and in it the folders of `below` that can be entered themselves."""
    opened = {folder: os.open(folder, os.O_PATH | os.O_DIRECTORY) for folder in below}
    _mount("tmpfs", closed, _NO_SUID | _NO_DEVICES, kind="tmpfs", options="mode=0755,size=1m")
    for folder, descriptor in opened.items():
        if not folder.is_dir():  # otherwise it is below one that was mounted before
            folder.mkdir(mode=0o755, parents=True)
            _mount(f"/proc/self/fd/{descriptor}", folder, _BIND | _RECURSIVE)
        os.close(descriptor)


def _mount(
    source: str | None, target: Path, flags: int, *, kind: str | None = None, options: str | None = None
) -> None:
    texts = [os.fsencode(text) if text else None for text in (source, str(target), kind)]
    _done(_libc.mount(*texts, ctypes.c_ulong(flags), os.fsencode(options) if options else None))


def _done(result: int) -> None:
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
