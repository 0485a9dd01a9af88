"""Our own Valkey: one password, and an append-only file that is on disk before Valkey answers."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from marketday.kit.private import write_whole
from marketday.provisioners.local.accounts import account_of, own_folder
from marketday.provisioners.local.binaries import valkey_program
from marketday.provisioners.local.model import ProcessSpec, TcpCheck, Walls

EMPTYING = ("FLUSHALL", "FLUSHDB", "SWAPDB")


@dataclass(frozen=True)
class ValkeyServer:
    """A Valkey that runs or can be started."""

    folder: Path
    port: int
    password: str

    @property
    def configuration(self) -> Path:
        """Its configuration file, beside its own folder, so that Valkey cannot change it."""
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
    """Write the server's folder and its configuration, which only its account can read: it contains the password.

    With `durable`, Valkey keeps an append-only file and answers when a write is on disk. With `everysec`, even a killed
    process could lose acknowledged writes, because the write itself waits while the fsync of that second runs. Commands
    that empty the whole server do not exist in it.
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
        "set-proc-title no",  # keeps the process's environment readable, which shows the plane of the process
        "maxmemory-policy noeviction",
        'logfile ""',
    ]
    if durable:
        lines += [f'rename-command {command} ""' for command in EMPTYING]
    write_whole(server.configuration, "\n".join(lines), group=account)
