"""Puts this process behind its walls, then replaces it by the program that it is started for.

`python -P -m marketday.provisioners.local.walls.enter '<JSON of a Confinement>' <program> <arguments>`. The work in the
process's own folder is done here, with its account and behind its walls, and not by a process with more rights: the
process may have put links into its folder. Because of `-P`, Python does not import modules from that folder.
"""

import ctypes
import json
import os
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

from marketday.kit.files import data_folders
from marketday.provisioners.local.walls import calls, landlock
from marketday.provisioners.local.walls.showing import show

MODULE = "marketday.provisioners.local.walls.enter"
_NO_NEW_PRIVILEGES = 38

_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/nix/store", "/proc", "/sys/devices/system", "/sys/kernel/mm")
# From /etc only the files that the C library and TLS read: others, such as /etc/shadow, hold secrets.
_ETC = ("ld.so.cache", "ld.so.preload", "hosts", "host.conf", "resolv.conf", "nsswitch.conf", "gai.conf", "passwd")
_MORE_ETC = ("group", "services", "protocols", "localtime", "timezone", "mime.types", "ssl", "pki", "ca-certificates")
_DEVICES = ("null", "zero", "full", "random", "urandom")


@dataclass(frozen=True)
class Confinement:
    """How a process is confined. It starts in `folder`, writes its files there, and its temporary files too."""

    folder: str
    account: int | None = None
    read: list[str] = field(default_factory=list)
    bind: list[int] = field(default_factory=list)
    connect: list[int] | None = field(default_factory=list)  # None allows every port
    shared_memory: bool = False
    chmod_is_ignored: bool = False
    stale_files: list[str] = field(default_factory=list)
    newest_abi: int = 99  # tests set a lower one, as an older kernel has it

    def command(self, argv: tuple[str, ...]) -> list[str]:
        """Return the command that runs `argv` confined like this."""
        return [sys.executable, "-P", "-m", MODULE, json.dumps(asdict(self)), *argv]


def main() -> None:
    """Run as a command."""
    entry = Confinement(**json.loads(sys.argv[1]))
    argv = sys.argv[2:]
    try:
        confine(entry)
        for file in entry.stale_files:
            Path(file).unlink(missing_ok=True)
        os.execve(argv[0], argv, {**os.environ, "HOME": entry.folder, "TMPDIR": entry.folder})  # noqa: S606
    except OSError as error:
        sys.exit(f"{argv[0]} was not started behind its walls: {error}")


def confine(entry: Confinement) -> None:
    """Go behind the walls, as far as this kernel has them; there is no way back."""
    programs = _programs()
    if entry.account is not None:
        os.umask(0o022)
        show(programs)
        os.setgroups([])
        os.setresgid(entry.account, entry.account, entry.account)
        os.setresuid(entry.account, entry.account, entry.account)
    os.umask(0o077)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "PR_SET_NO_NEW_PRIVS is refused")
    version = min(landlock.abi(), entry.newest_abi)
    if version:
        _rules(entry, programs, version).enter()
    if calls.are_filtered():
        calls.refuse(shared_memory=entry.shared_memory, chmod_is_ignored=entry.chmod_is_ignored)


def _rules(entry: Confinement, programs: list[Path], version: int) -> landlock.Ruleset:
    uses = ("bind",) if entry.connect is None else ("bind", "connect")
    rules = landlock.Ruleset(version, ports=uses)
    rules.read([*programs, *map(Path, _SYSTEM), *(Path("/etc") / name for name in (*_ETC, *_MORE_ETC))])
    rules.read(map(Path, entry.read))
    rules.write([Path(entry.folder), *(Path("/dev") / name for name in _DEVICES)])
    rules.bind(entry.bind)
    rules.connect(entry.connect or ())
    return rules


def _programs() -> list[Path]:
    """Return the folders of Python, of its packages and ours, and of our data; other programs are in the system's."""
    found = {sys.prefix, sys.base_prefix, sys.exec_prefix, *(path for path in sys.path if path)}
    return sorted({*data_folders(), *(Path(path) for path in found if Path(path).is_absolute())})


if __name__ == "__main__":
    main()
