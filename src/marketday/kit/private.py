"""Files and folders for only one account, with any umask: orders, receipts, logs, keys."""

import os
from pathlib import Path


def private_folder(path: Path) -> Path:
    """Make a folder, and missing ones above it, that only its owner can enter; return it."""
    if not path.is_dir():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
    _set_mode(path, 0o700)
    return path


def private_opener(path: str, flags: int) -> int:
    """Open a file that only its owner can read; refuse a link. Use it as the `opener` of `open`."""
    descriptor = os.open(path, flags | os.O_NOFOLLOW, 0o600)
    if os.fstat(descriptor).st_uid == os.geteuid():
        os.fchmod(descriptor, 0o600)
    return descriptor


def write_whole(path: Path, text: str, *, group: int | None = None, mode: int = 0o600) -> None:
    """Replace a file; it is on disk when this returns. Only its owner can read it, unless `mode` allows more.

    With `group`, the group with that number can read it too.
    """
    half = path.with_name(f"{path.name}.new")
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        if group is not None:
            os.fchown(file.fileno(), -1, group)
            mode |= 0o040
        os.fchmod(file.fileno(), mode)
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)


def _set_mode(path: Path, mode: int) -> None:
    found = path.stat()
    if found.st_mode & 0o7777 != mode and found.st_uid == os.geteuid():
        path.chmod(mode)
