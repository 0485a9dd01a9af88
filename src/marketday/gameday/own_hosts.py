"""A file /etc/hosts of our own, so that a name can really stop resolving for every process.

The game day starts itself again in a mount namespace (unshare(1)). There /etc/hosts is our file, and names are looked
up in it alone. Everything that it starts is in there too; nothing outside is changed.

Not a name server: behind their walls the services may open TCP connections to named ports only, so none of them could
ask one.
"""

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

from marketday.gameday.errors import GameDayError

_INSIDE = "MARKETDAY_GAMEDAY_INSIDE"
_LOOKED_UP = "passwd: files\ngroup: files\nhosts: files\n"
_ALWAYS = "127.0.0.1 localhost\n"
_BIND = 4096  # mount(2)
_PR_CAP_AMBIENT, _CLEAR_ALL = 47, 4  # prctl(2)
_TRY_SECONDS = 10


def unshare_command() -> list[str]:
    """Return the command that makes the namespace: an ordinary user needs one of users too."""
    kind = [] if os.geteuid() == 0 else ["--user", "--map-current-user", "--keep-caps"]
    return ["unshare", *kind, "--mount", "--propagation", "private"]


def missing_namespaces() -> str:
    """Return a sentence if this machine does not let us have a namespace of our own."""
    if _INSIDE in os.environ:
        return ""
    if shutil.which("unshare") is None:
        return "the program unshare is missing; expected the package util-linux"
    tried = subprocess.run(
        [*unshare_command(), "true"], capture_output=True, text=True, check=False, timeout=_TRY_SECONDS
    )
    if tried.returncode:
        return f"this account may not make namespaces: {tried.stderr.strip()}; expected root, or user namespaces"
    return ""


def go_inside() -> None:
    """Start this command again in a namespace of its own; return if it is there already."""
    if _INSIDE not in os.environ:
        command = [*unshare_command(), sys.executable, "-m", "marketday.apps.start", *sys.argv[1:]]
        os.execvpe(command[0], command, {**os.environ, _INSIDE: "1"})  # noqa: S606 - our own command


class OwnHosts:
    """Our /etc/hosts; the names in it lead to this machine."""

    def __init__(self, folder: Path) -> None:
        """Keep the file in `folder`."""
        self._file = folder / "hosts"

    def settle_in(self, folder: Path) -> None:
        """Let it be /etc/hosts for this process and those that it starts; the rights for that are given up.

        Raises:
            GameDayError: the kernel refuses it.

        """
        rule = folder / "nsswitch.conf"
        rule.write_text(_LOOKED_UP, "utf-8")
        self.have()
        libc = ctypes.CDLL(None, use_errno=True)
        for file, name in ((self._file, "hosts"), (rule, "nsswitch.conf")):
            file.chmod(0o644)
            if libc.mount(bytes(file), bytes(Path("/etc") / name), None, _BIND, None) != 0:
                raise GameDayError(f"/etc/{name} cannot be replaced here: {os.strerror(ctypes.get_errno())}")
        libc.prctl(_PR_CAP_AMBIENT, _CLEAR_ALL, 0, 0, 0)

    def have(self, *names: str) -> None:
        """Have these names, and localhost, from now on. The file stays the same file, as it is mounted."""
        self._file.write_text(_ALWAYS + "".join(f"127.0.0.1 {name}\n" for name in names), "utf-8")
