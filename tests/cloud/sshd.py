"""A real sshd on this machine, on a loopback port of its own: the build host's, for tests."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from marketday.provisioners.local.ports import free_ports

START_SECONDS = 30
LOOPBACK = "127.0.0.1"
_CONFIG = """\
ListenAddress {address}:{port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
SetEnv {environment}
"""


@dataclass
class Sshd:
    """An sshd that can be stopped, started again, and given other keys."""

    program: str
    folder: Path
    environment: Mapping[str, str]
    port: int = field(default_factory=lambda: free_ports(1)[0])
    _process: "subprocess.Popen[bytes] | None" = None

    def host_key(self, private: str) -> None:
        """Show the key whose private half is `private`; it is read at the next start."""
        file = self.folder / "host_key"
        file.unlink(missing_ok=True)
        file.touch(mode=0o600)
        file.write_text(private)

    def let_in(self, *public: str) -> None:
        """Accept these keys and no others."""
        (self.folder / "authorized_keys").write_text("".join(f"{each}\n" for each in public))

    def start(self) -> None:
        """Listen; wait until it does."""
        environment = " ".join(_quoted(f"{name}={value}") for name, value in self.environment.items())
        config = self.folder / "sshd_config"
        config.write_text(_CONFIG.format(address=LOOPBACK, port=self.port, folder=self.folder, environment=environment))
        if os.geteuid() == 0:
            # The empty folder that its unprivileged half stands in; left there, for any other sshd that runs.
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        log = self.folder / "sshd.log"
        self._process = subprocess.Popen([self.program, "-D", "-f", str(config), "-E", str(log)])
        deadline = time.monotonic() + START_SECONDS
        while not _speaks(self.port):
            assert self._process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, f"sshd did not listen within {START_SECONDS} seconds"
            time.sleep(0.02)

    def stop(self) -> None:
        """Listen no more."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(START_SECONDS)
            self._process = None


@contextmanager
def an_sshd(folder: Path, environment: Mapping[str, str]) -> Iterator[Sshd]:
    """Prepare an sshd whose sessions see `environment`; whatever it is then, it ends with the block."""
    # Debian keeps it out of an ordinary user's PATH.
    program = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if program is None:
        pytest.skip("sshd is not on this machine: install openssh-server, and the chain to the build host is tested")
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    sshd = Sshd(program, folder, environment)
    try:
        yield sshd
    finally:
        sshd.stop()


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _speaks(port: int) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False
