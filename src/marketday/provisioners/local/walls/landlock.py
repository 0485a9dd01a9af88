"""Landlock: a process gives up all files and TCP ports except those it names, also for the processes that it starts.

See landlock(7). The kernel reports the version of its interface (ABI). A rule that needs a newer version is left out;
`standing.WallsHere` shows what is not protected then. A process behind this wall also cannot read the memory or the
environment of a process outside it, even with the same account.
"""

import ctypes
import os
import stat
import struct
from collections.abc import Iterable
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_VERSION_FLAG = 1
_RULE_PATH, _RULE_PORT = 1, 2
_NEWEST_ABI = 7  # we do not use what newer kernels add

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_FOLDER = (1 << bit for bit in range(4))
_REFER, _TRUNCATE, _IOCTL_DEVICE = 1 << 13, 1 << 14, 1 << 15
_FIRST_RIGHTS = (1 << 13) - 1
_MAKE_DEVICES = 1 << 6 | 1 << 11  # character and block devices: granted nowhere
_RIGHTS_SINCE = {2: _REFER, 3: _TRUNCATE, 5: _IOCTL_DEVICE}  # by the ABI that brought them
_READ = _EXECUTE | _READ_FILE | _READ_FOLDER
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEVICE

_ABI_OF_PORTS = 4
_BIND, _CONNECT = 1, 2
_ABI_OF_SCOPES = 6
_SCOPES = 1 | 2  # abstract Unix sockets, signals

_libc = ctypes.CDLL(None, use_errno=True)


def abi() -> int:
    """Return the version of this kernel's Landlock, at most the newest that we use; 0 if it has none."""
    found = _libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION_FLAG))
    return max(0, min(int(found), _NEWEST_ABI))


class Ruleset:
    """What a process may still do. Everything else ends with `enter`."""

    def __init__(self, version: int, *, ports: Iterable[str] = ("bind", "connect")) -> None:
        """Use the interface's `version`; `ports` names the uses of TCP ports to restrict, if that version can."""
        self._rights = _rights(version)
        wanted = (_BIND if "bind" in ports else 0) | (_CONNECT if "connect" in ports else 0)
        self._ports = wanted if version >= _ABI_OF_PORTS else 0
        attribute = struct.pack("=Q", self._rights)
        if version >= _ABI_OF_PORTS:
            attribute += struct.pack("=Q", self._ports)
        if version >= _ABI_OF_SCOPES:
            attribute += struct.pack("=Q", _SCOPES)
        self._descriptor = _call(_CREATE_RULESET, attribute, ctypes.c_size_t(len(attribute)), ctypes.c_uint32(0))

    def read(self, paths: Iterable[Path]) -> None:
        """Allow reading and running the files at or below `paths`; missing paths are skipped."""
        for path in paths:
            self._allow(path, _READ)

    def write(self, paths: Iterable[Path]) -> None:
        """Allow everything at or below `paths` except making devices; missing paths are skipped."""
        for path in paths:
            self._allow(path, self._rights & ~_MAKE_DEVICES)

    def bind(self, ports: Iterable[int]) -> None:
        """Allow listening on `ports`."""
        self._allow_ports(ports, _BIND)

    def connect(self, ports: Iterable[int]) -> None:
        """Allow connections to `ports`."""
        self._allow_ports(ports, _CONNECT)

    def enter(self) -> None:
        """Give up everything else, for this thread and all that it starts; needs PR_SET_NO_NEW_PRIVS."""
        _call(_RESTRICT_SELF, ctypes.c_int(self._descriptor), ctypes.c_uint32(0))
        os.close(self._descriptor)

    def _allow(self, path: Path, rights: int) -> None:
        try:
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except (FileNotFoundError, PermissionError):
            return
        try:
            if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
                rights &= _OF_FILES
            self._add(_RULE_PATH, struct.pack("=Qi", rights & self._rights, descriptor))
        finally:
            os.close(descriptor)

    def _allow_ports(self, ports: Iterable[int], use: int) -> None:
        for port in ports if self._ports & use else ():
            self._add(_RULE_PORT, struct.pack("=QQ", use, port))

    def _add(self, kind: int, rule: bytes) -> None:
        _call(_ADD_RULE, ctypes.c_int(self._descriptor), ctypes.c_int(kind), rule, ctypes.c_uint32(0))


def _rights(version: int) -> int:
    return _FIRST_RIGHTS | sum(right for since, right in _RIGHTS_SINCE.items() if since <= version)


def _call(number: int, *arguments: object) -> int:
    done = int(_libc.syscall(number, *arguments))
    if done < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"landlock: {os.strerror(error)}")
    return done
