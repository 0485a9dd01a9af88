"""The account of a plane: if root starts it, each plane gets an account number that nobody else on this machine uses.

The number is used for a user and for a group, without a line in /etc/passwd, so that nothing has to be removed from the
machine afterwards. It is kept in the plane's folder and removed with it.
"""

import grp
import json
import os
import pwd
import random
import stat
from contextlib import suppress
from pathlib import Path

import psutil

from marketday.kit.private import write_whole
from marketday.provisioners.local.errors import NoAccount

# The first is given out by no distribution, systemd or container engine; the second is for the root of a container
# that has 65,536 numbers. A range is used where all of it exists.
_RANGES = (range(1_900_000_000, 2_100_000_000), range(30_000, 60_000))
FIRST_ACCOUNT = min(numbers.start for numbers in _RANGES)
_TRIES = 100


def account_of(folder: Path) -> int | None:
    """Return the account of the plane in `folder`, which the first call chooses; None if this is not run as root.

    Raises:
        NoAccount: no number is free on this machine.

    """
    if os.geteuid() != 0:
        return None
    account = known_account(folder)
    if account is None:
        account = _free_account(folder)
        write_whole(folder / "account.json", json.dumps({"account": account}))
    return account


def known_account(folder: Path) -> int | None:
    """Return the account that was chosen for the plane in `folder`; None if there is none."""
    with suppress(FileNotFoundError):
        return int(json.loads((folder / "account.json").read_text("utf-8"))["account"])
    return None


def own_folder(path: Path, account: int | None) -> Path:
    """Make a folder that only `account` can use, or only ours if it is None; only we may be able to change its parent.

    If an earlier version made the folder with another account, its owner is changed.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise NoAccount(f"{path} is not a folder; expected a folder, or nothing: move this file")
    if account is not None and found.st_uid != account:
        give_tree(path, account)
    if found.st_mode & 0o7777 != 0o700:  # noqa: PLR2004 - only for its owner
        path.chmod(0o700)
    return path


def passable_folder(path: Path, account: int | None = None) -> Path:
    """Make a folder that only we may change; if we are root, `account`, or everyone if it is None, may enter it."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.geteuid() != 0:
        path.chmod(0o700)
    elif account is None:
        path.chmod(0o711)
    else:
        os.chown(path, -1, account)
        path.chmod(0o710)
    return path


def give_tree(folder: Path, account: int) -> None:
    """Make `account` the owner of a folder and of all in it, except of a link's target and of hard-linked files."""
    for _, folders, files, descriptor in os.fwalk(folder):
        for name in (*folders, *files):
            found = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
            if stat.S_ISDIR(found.st_mode) or found.st_nlink == 1:
                os.chown(name, account, account, dir_fd=descriptor, follow_symlinks=False)
        os.chown(descriptor, account, account)


def reachable_by_others(folder: Path) -> bool:
    """Return whether every account can reach `folder`, also through links."""
    folder = folder.resolve()
    existing = [part for part in (folder, *folder.parents) if part.exists()]
    return all(part.stat().st_mode & 0o001 for part in existing)


def _free_account(folder: Path) -> int:
    numbers = next((numbers for numbers in _RANGES if _exists(numbers)), None)
    if numbers is None:
        raise NoAccount(
            f"{folder}: root of this container has too few account numbers; expected those from "
            f"{_RANGES[-1].start} to {_RANGES[-1].stop}: start marketday as an ordinary user"
        )
    taken = {folder.stat().st_uid, *_running()} | _of_sisters(folder)
    for _ in range(_TRIES):
        number = random.SystemRandom().choice(numbers)
        if number not in taken and not _is_named(number):
            return number
    raise NoAccount(f"{_TRIES} account numbers from {numbers.start} to {numbers.stop} were tried; all are taken")


def _exists(numbers: range) -> bool:
    """Return whether all of the numbers exist here: root of a container may have few (user_namespaces(7))."""
    return all(_is_mapped(Path(f"/proc/self/{kind}_map"), numbers) for kind in ("uid", "gid"))


def _is_mapped(file: Path, numbers: range) -> bool:
    lines = [[int(part) for part in line.split()] for line in file.read_text("utf-8").splitlines()]
    return any(first <= numbers.start and numbers.stop <= first + count for first, _, count in lines)


def _is_named(number: int) -> bool:
    with suppress(KeyError):
        return bool(pwd.getpwuid(number))
    with suppress(KeyError):
        return bool(grp.getgrgid(number))
    return False


def _running() -> set[int]:
    """Return the accounts that have processes, also those of other homes."""
    found: set[int] = set()
    for pid in psutil.pids():
        with suppress(OSError):
            found.add(Path(f"/proc/{pid}").stat().st_uid)
    return found


def _of_sisters(folder: Path) -> set[int]:
    """Return the accounts of the planes beside and above `folder`, running or not."""
    files = {*folder.parent.glob("*/account.json"), *folder.parent.parent.glob("*/account.json")}
    files |= set(folder.parent.glob("environments/*/account.json"))
    return {account for file in files if (account := known_account(file.parent)) is not None}  # some end during this
