"""Reads Internet addresses from headers and settings: each address has only one form."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


@lru_cache(maxsize=4096)  # the same proxies and clients come again and again
def read_address(text: str) -> Address | None:
    """Return the address in `text`, which may have a port and a zone; None if there is none.

    An IPv4 address that is written as an IPv6 one (`::ffff:192.0.2.1`) is the IPv4 address.
    """
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:  # IPv4 with a port
        host = host.partition(":")[0]
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def read_networks(text: str) -> tuple[Network, ...]:
    """Return the networks of a list such as `10.0.0.0/8, 192.0.2.1, fd00::/8`.

    Raises:
        ValueError: a part is neither an address nor a network; the message names it.

    """
    return tuple(_network(part.strip()) for part in text.split(",") if part.strip())


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError:
        expected = "an address such as 192.0.2.1, or a network such as 10.0.0.0/8 with only zeros after its prefix"
        raise ValueError(f"{text[:60]!r} is not an address or a network; expected {expected}") from None
