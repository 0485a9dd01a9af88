"""The targets that the crowd may visit: only this machine."""

import ipaddress
from urllib.parse import urlsplit

from marketday.crowd.errors import NotLoopback


def is_loopback(host: str) -> bool:
    """Return whether `host` is a loopback address or a name under `localhost` (RFC 6761, section 6.3)."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def loopback_address(host: str) -> str:
    """Return the address of `host` without DNS: its own, or 127.0.0.1 for a name under `localhost`.

    Raises:
        NotLoopback: it is another machine.

    """
    if not is_loopback(host):
        raise NotLoopback(f"{host[:200]!r} is another machine")
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return "127.0.0.1"


def check_target(url: str) -> str:
    """Return `url` without a slash at its end.

    Raises:
        NotLoopback: it is not an http(s) URL, or its host is not this machine.

    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise NotLoopback(f"{url[:200]!r} is not a target; expected a URL such as http://event.localhost:8080")
    if not is_loopback(parts.hostname):
        raise NotLoopback(
            f"{url[:200]!r} is another machine; expected localhost, a name under .localhost, or a loopback address"
        )
    return url.rstrip("/")


def address_of(number: int) -> str:
    """Return the client address of person `number` of the crowd.

    The addresses are in 198.18.0.0/15, which is reserved for load tests (RFC 2544). So an edge that limits each
    address sees many people and not one machine.
    """
    return str(ipaddress.ip_address("198.18.0.1") + number % (2**17 - 2))
