"""Credentials of one plane, made once and used only by it, in files that only their owner can read.

A file that was lent (`PlaneSecrets.lend`) can also be read by the plane's account.
"""

import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from marketday.kit.private import private_folder, write_whole
from marketday.provisioners.local.accounts import passable_folder


def new_token() -> str:
    """Return 32 random bytes as hexadecimal: URLs, SQL literals and configuration files need no quoting for it."""
    return secrets.token_hex(32)


@dataclass(frozen=True, slots=True)
class PlaneSecrets:
    """The folder `secrets` of a plane."""

    folder: Path

    def get(self, name: str, make: Callable[[], str] = new_token) -> str:
        """Return the secret `name`: the first call makes and writes it, later calls return the same."""
        file = self.path(name)
        if not file.exists():
            self._make_folder()
            write_whole(file, make())
        return file.read_text("utf-8").strip()

    def path(self, name: str) -> Path:
        """Return the file of the secret `name`."""
        return self.folder / name

    def variables(self, process: str, values: Mapping[str, str]) -> str:
        """Write a process's secret environment variables; return their file, for its `secrets_file`."""
        self._make_folder()
        file = self.path(f"{process}.json")
        write_whole(file, json.dumps(dict(values), indent=2, sort_keys=True))
        return str(file)

    def lend(self, name: str, account: int | None) -> Path:
        """Let the plane's account read the file of the secret `name`, and no other file of the folder; return it."""
        file = self.path(name)
        if account is not None:
            passable_folder(self.folder, account)
            os.chown(file, -1, account)
            file.chmod(0o640)
        return file

    def _make_folder(self) -> None:
        if not self.folder.is_dir():
            private_folder(self.folder)
