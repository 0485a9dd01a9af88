"""A Valkey of our own: an append-only file that is on disk before the answer, one password."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from marketday.kit.private import write_whole
from marketday.provisioners.local.accounts import account_of, own_folder
from marketday.provisioners.local.binaries import valkey_program
from marketday.provisioners.local.model import ProcessSpec, TcpCheck, Walls


@dataclass(frozen=True)
class ValkeyServer:
    """A running or startable Valkey."""

    folder: Path
    port: int
    password: str

    @property
    def configuration(self) -> Path:
        """Its configuration: beside its folder, where it cannot change it."""
        return self.folder.with_name(f"{self.folder.name}.conf")

    def url(self, database: int = 0) -> str:
        """Return the URL of the logical database `database` (0 to 15)."""
        return f"redis://:{quote(self.password, safe='')}@127.0.0.1:{self.port}/{database}"

    def spec(self, name: str = "valkey") -> ProcessSpec:
        """Return the process."""
        return ProcessSpec(
            name=name,
            argv=(str(valkey_program()), str(self.configuration)),
            folder=str(self.folder),
            account=account_of(self.folder.parent),
            walls=Walls(read=(str(self.configuration),), bind=(self.port,)),
            ready=TcpCheck(port=self.port),
        )


def write_configuration(server: ValkeyServer, *, durable: bool = True) -> None:
    """Write the server's folder and configuration, for its account alone: the password stands in it.

    `durable` keeps an append-only file and answers when it is on disk: with `everysec` even a killed process
    can lose what it acknowledged, because the write itself waits while the second's fsync runs.
    """
    account = account_of(server.folder.parent)
    own_folder(server.folder, account)
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
    write_whole(server.configuration, "\n".join(lines), group=account)
