"""A Valkey of our own: an append-only file that is on disk before the answer, one password."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from marketday.environments.local.binaries import valkey_program
from marketday.environments.local.model import ProcessSpec, TcpCheck


@dataclass(frozen=True)
class ValkeyServer:
    """A running or startable Valkey."""

    folder: Path
    port: int
    password: str

    def url(self, database: int = 0) -> str:
        """Return the URL of the logical database `database` (0 to 15)."""
        return f"redis://:{quote(self.password, safe='')}@127.0.0.1:{self.port}/{database}"

    def spec(self, name: str = "valkey") -> ProcessSpec:
        """Return the process."""
        return ProcessSpec(
            name=name,
            argv=(str(valkey_program()), str(self.folder / "valkey.conf")),
            folder=str(self.folder),
            ready=TcpCheck(port=self.port),
        )


def write_configuration(server: ValkeyServer, *, durable: bool = True) -> None:
    """Write the server's folder and configuration, for the owner alone: the password stands in it.

    `durable` keeps an append-only file and answers when it is on disk: with `everysec` even a killed process
    can lose what it acknowledged, because the write itself waits while the second's fsync runs.
    """
    server.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines = [
        "bind 127.0.0.1",
        f"port {server.port}",
        f'requirepass "{server.password}"',
        f'dir "{server.folder}"',
        "daemonize no",
        f"appendonly {'yes' if durable else 'no'}",
        "appendfsync always",
        'save ""',
        "set-proc-title no",  # keeps the process's environment readable: it says whose process it is
        "maxmemory-policy noeviction",
        'logfile ""',
    ]
    path = server.folder / "valkey.conf"
    descriptor = os.open(path.with_suffix(".new"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("\n".join(lines) + "\n")
    path.with_suffix(".new").replace(path)
