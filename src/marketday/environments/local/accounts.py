"""As whom the servers run: PostgreSQL refuses to run as root, so root runs it as `nobody`."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

UNPRIVILEGED = "nobody"


@dataclass(frozen=True)
class Account:
    """A system account."""

    name: str
    user_id: int
    group_id: int


def find_account(name: str) -> Account:
    """Return the system account called `name`; KeyError where there is none."""
    entry = pwd.getpwnam(name)
    return Account(name, entry.pw_uid, entry.pw_gid)


def server_account() -> Account | None:
    """Return the account for servers that refuse root, or none where we are not root anyway."""
    return find_account(UNPRIVILEGED) if os.geteuid() == 0 else None


def reachable_by_others(folder: Path) -> bool:
    """Say whether any account can walk down to `folder`, links followed."""
    folder = folder.resolve()
    existing = [part for part in (folder, *folder.parents) if part.exists()]
    return all(part.stat().st_mode & 0o001 for part in existing)
