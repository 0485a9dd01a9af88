"""Limits for sign-in and sign-up attempts: what is counted for each attempt, and the limits (pure).

A count begins with its first attempt and ends `WINDOW_SECONDS` later; refused attempts do not extend it.
"""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_network

from marketday.kit.addresses import read_address

WINDOW_SECONDS = 15 * 60
FAILURES_OF_ACCOUNT = 10  # for one account, from all addresses, except from browsers that signed in to it before
FAILURES_OF_BROWSER = 10  # from one such browser
FAILURES_OF_NETWORK = 20  # from one IPv4 address or IPv6 /64, for all accounts
FAILURES_OF_SITE = 500  # from one IPv6 /48, the network that a provider gives to one customer
SIGN_UPS_OF_NETWORK = 50  # successful or not, because a refusal reveals that an address has an account
SIGN_UPS_OF_SITE = 500


@dataclass(frozen=True, slots=True)
class Count:
    """One counter that an attempt increases."""

    of: str
    most: int
    cleared: bool  # a success sets it to zero; otherwise a success only takes back its own attempt


def sign_in_counts(email: str, address: str, browser: str | None) -> tuple[Count, ...]:
    """Return the counters of one sign-in; `email` in its canonical form, `browser` if it signed in before."""
    if browser is not None:
        return (Count(f"browser {browser}", FAILURES_OF_BROWSER, cleared=True),)
    return (
        Count(f"account {email}", FAILURES_OF_ACCOUNT, cleared=True),
        *_by_network("sign-in", address, FAILURES_OF_NETWORK, FAILURES_OF_SITE),
    )


def sign_up_counts(address: str) -> tuple[Count, ...]:
    """Return the counters of one sign-up."""
    return _by_network("sign-up", address, SIGN_UPS_OF_NETWORK, SIGN_UPS_OF_SITE)


def network_of(address: str, prefix: int = 64) -> str:
    """Return the network that counts as one client: an IPv4 address itself, the prefix of an IPv6 address."""
    found = read_address(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((found, prefix), strict=False))
    return "unknown" if found is None else str(found)


def _by_network(what: str, address: str, of_network: int, of_site: int) -> tuple[Count, ...]:
    network, site = network_of(address), network_of(address, 48)
    counts = (Count(f"{what} {network}", of_network, cleared=False),)
    return counts if site == network else (*counts, Count(f"{what} {site}", of_site, cleared=False))
