"""Finds ports that nobody uses."""

import json
import os
import random
import socket
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from marketday.kit.private import write_whole
from marketday.kit.reading import UnreadableFile, read_json
from marketday.provisioners.local.errors import NoFreePort, NotOurs

# Below the range from which Linux takes the ports of outgoing connections (32768 and up), so that no such connection
# can take the port between our check and the start.
FIRST_PORT = 20_000
LAST_PORT = 31_999
_TRIES = 500
_MOST_RESERVED = 64  # ports of several planes: the first of them are in use long before
_reserved: deque[int] = deque()  # descriptors
_LARGEST_FILE = 64 * 1024


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Return whether nothing listens on `port`, by taking it for a moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Return `count` different ports on which nothing listens, and which none of our other processes has just chosen.

    Raises:
        NoFreePort: hundreds of ports were tried without success.

    """
    found: list[int] = []
    for _ in range(_TRIES):
        if len(found) == count:
            return found
        port = random.SystemRandom().randint(FIRST_PORT, LAST_PORT)
        if is_free(port) and _reserve(port):
            found.append(port)
    raise NoFreePort(f"{_TRIES} ports between {FIRST_PORT} and {LAST_PORT} were tried for {count} free ones")


def _reserve(port: int) -> bool:
    """Reserve `port` against others that choose now, until something listens on it; return whether this succeeded.

    Only one process at a time can have the name of an abstract socket, and loses it when it ends: see unix(7).
    """
    with socket.socket(socket.AF_UNIX) as name:
        try:
            name.bind(f"\0marketday-port-{port}")
        except OSError:
            return False
        if len(_reserved) == _MOST_RESERVED:
            os.close(_reserved.popleft())
        _reserved.append(name.detach())
    return True


def assigned_ports(file: Path, names: Iterable[str], *, keep: bool) -> dict[str, int]:
    """Return a port for each name, the same at every call: they are kept in `file`, and others are removed from it.

    Unless `keep` is set, because the plane runs, a port that something else has taken since then is replaced.
    """
    ports, names = read_ports(file), tuple(names)
    usable = {name: port for name, port in ports.items() if name in names and (keep or is_free(port))}
    missing = [name for name in names if name not in usable]
    found = free_ports(len(missing) + len(usable)) if missing else ()
    fresh = [port for port in found if port not in usable.values()]
    chosen = usable | dict(zip(missing, fresh, strict=False))
    if chosen != ports:
        write_whole(file, json.dumps(chosen, indent=2))
    return chosen


def read_ports(file: Path) -> dict[str, int]:
    """Return the ports kept in `file`; none if there is no file.

    Raises:
        NotOurs: the file's content is wrong.

    """
    if not file.exists():
        return {}
    try:
        ports = read_json(file, _LARGEST_FILE)
    except UnreadableFile as error:
        raise NotOurs(error.detail) from None
    if not isinstance(ports, dict) or not all(type(port) is int and 0 < port < 2**16 for port in ports.values()):
        raise NotOurs(f"{file} was changed or damaged; expected a port for each name")
    return ports


def port_of(url: str) -> int:
    """Return the port of an http or https URL, or the default port if it names none."""
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)
