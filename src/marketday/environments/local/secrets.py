"""Credentials of one plane: made once, for it alone, in files that their owner alone can read."""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from marketday.environments.local.plane_folder import write_whole


def new_token() -> str:
    """Return 32 random bytes as hexadecimal: fit for URLs, SQL literals and configuration files unquoted."""
    return secrets.token_hex(32)


@dataclass(frozen=True, slots=True)
class PlaneSecrets:
    """The folder `secrets` of a plane."""

    folder: Path

    def get(self, name: str, make: Callable[[], str] = new_token) -> str:
        """Return the secret `name`, made and written at the first call; later calls return the same."""
        file = self.path(name)
        if not file.exists():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(file, make())
        return file.read_text("utf-8").strip()

    def path(self, name: str) -> Path:
        """Return the file of the secret `name`."""
        return self.folder / name

    def variables(self, process: str, values: Mapping[str, str]) -> str:
        """Write a process's secret environment variables; return their file, for its `secrets_file`."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self.path(f"{process}.json")
        write_whole(file, json.dumps(dict(values), indent=2, sort_keys=True))
        return str(file)
