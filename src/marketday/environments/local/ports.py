"""Finding ports that nobody uses."""

import random
import socket

from marketday.environments.local.errors import NoFreePort

# Below the range from which Linux takes the ports of outgoing connections (32768 and up), so that a
# connection made between the probe and the start cannot take the port away.
FIRST_PORT = 20_000
LAST_PORT = 31_999
_TRIES = 500


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Say whether nothing listens on `port`, by taking it for a moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Return `count` different ports on which nothing listens.

    Raises:
        NoFreePort: hundreds of ports were tried in vain.

    """
    found: list[int] = []
    for _ in range(_TRIES):
        if len(found) == count:
            return found
        port = random.SystemRandom().randint(FIRST_PORT, LAST_PORT)
        if port not in found and is_free(port):
            found.append(port)
    raise NoFreePort(f"{_TRIES} ports between {FIRST_PORT} and {LAST_PORT} were tried for {count} free ones")
