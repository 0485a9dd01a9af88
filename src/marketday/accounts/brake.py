"""How often signing in and up may be tried: what is counted for an attempt, and up to where (pure).

A count begins with its first attempt and ends `WINDOW_SECONDS` later, however many are refused meanwhile.
"""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_network

from marketday.kit.addresses import read_address

WINDOW_SECONDS = 15 * 60
FAILURES_OF_ACCOUNT = 10  # at one account, from everywhere, but for browsers that signed in to it before
FAILURES_OF_BROWSER = 10  # of one such browser
FAILURES_OF_NETWORK = 20  # from one IPv4 address or IPv6 /64, at all accounts
FAILURES_OF_SITE = 500  # from one IPv6 /48: what a provider gives to one customer
SIGN_UPS_OF_NETWORK = 50  # whatever comes of them: a refusal tells that an address is taken
SIGN_UPS_OF_SITE = 500


@dataclass(frozen=True, slots=True)
class Count:
    """One of the things that an attempt is counted for."""

    of: str
    most: int
    cleared: bool  # by a success: else that takes back its own attempt alone


def sign_in_counts(email: str, address: str, browser: str | None) -> tuple[Count, ...]:
    """Return what one sign-in counts for; `email` in its canonical form, `browser` if the account knows it."""
    if browser is not None:
        return (Count(f"browser {browser}", FAILURES_OF_BROWSER, cleared=True),)
    return (
        Count(f"account {email}", FAILURES_OF_ACCOUNT, cleared=True),
        *_by_network("sign-in", address, FAILURES_OF_NETWORK, FAILURES_OF_SITE),
    )


def sign_up_counts(address: str) -> tuple[Count, ...]:
    """Return what one sign-up counts for."""
    return _by_network("sign-up", address, SIGN_UPS_OF_NETWORK, SIGN_UPS_OF_SITE)


def network_of(address: str, prefix: int = 64) -> str:
    """Return the network whose members are taken for one: an IPv4 address itself, of an IPv6 address its prefix."""
    found = read_address(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((found, prefix), strict=False))
    return "unknown" if found is None else str(found)


def _by_network(what: str, address: str, of_network: int, of_site: int) -> tuple[Count, ...]:
    network, site = network_of(address), network_of(address, 48)
    counts = (Count(f"{what} {network}", of_network, cleared=False),)
    return counts if site == network else (*counts, Count(f"{what} {site}", of_site, cleared=False))
