"""A service's public address, the origins that may send forms to it, and the proxies that it believes."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from marketday.kit.addresses import Network, read_address, read_networks
from marketday.kit.settings import ServiceSettings

EDGE_HEADER = "marketday-edge"  # nginx proves itself by it (provisioners/local/edge/nginx.conf)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_OURS = ("same-origin", "none")  # Sec-Fetch-Site of a page of this very origin, and of the person's own doing
_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True, slots=True)
class Proxies:
    """Who may say for whom a request is: the peers in `networks`, and whoever shows `key`."""

    networks: tuple[Network, ...] = ()
    key: str = field(default="", repr=False)

    def client_of(self, peer: str, headers: Headers) -> str:
        """Return the address that a request comes from: the last one in X-Forwarded-For that is no proxy of ours.

        Whoever is no proxy is the client, whatever the headers say.
        """
        client = read_address(peer)
        shown = headers.get(EDGE_HEADER, "")
        proven = bool(self.key) and hmac.compare_digest(shown.encode(), self.key.encode())
        if not proven and not self._has(client):
            return str(client or peer)
        for named in reversed(",".join(headers.getlist("x-forwarded-for")).split(",")):
            address = read_address(named)
            if address is None:  # what the last proxy could not read, it would not have written
                break
            client = address
            if not self._has(client):
                break
        return str(client or peer)

    def _has(self, address: object) -> bool:
        return any(address in network for network in self.networks if address is not None)


@dataclass(frozen=True, slots=True)
class Site:
    """A service's address, and what it takes from where."""

    public_url: str
    proxies: Proxies = Proxies()
    entrances: Mapping[str, str] = field(
        default_factory=dict
    )  # pattern of a path -> the only origin that may send there
    scheme: str = field(init=False)
    authority: str = field(init=False)

    def __post_init__(self) -> None:
        """Take the address apart once."""
        origin = origin_of(self.public_url)
        scheme, _, authority = origin.partition("://")
        object.__setattr__(self, "scheme", scheme)
        object.__setattr__(self, "authority", authority)

    @property
    def origin(self) -> str:
        """How browsers write this site in the header Origin."""
        return f"{self.scheme}://{self.authority}"

    def is_named_by(self, headers: Headers) -> bool:
        """Say whether a request is for this site by its one header Host; no other header is asked."""
        hosts = [host.lower() for host in headers.getlist("host")]
        return hosts in ([self.authority], [f"{self.authority}:{_DEFAULT_PORTS.get(self.scheme)}"])

    def expected_origin(self, path: str) -> str:
        """Return the one origin that may write to `path`."""
        return next((origin for pattern, origin in self.entrances.items() if re.fullmatch(pattern, path)), self.origin)

    def takes(self, method: str, path: str, headers: Headers) -> bool:
        """Say whether a request may change something, as far as its origin goes (OWASP's sheet on CSRF).

        Every browser of today names its page's origin with such a request. What names none may be a program's, if
        no page could have made a browser send it: no form, and no cookie without a JSON body or a token.
        """
        if method in _READING:
            return True
        expected, origin, fetched = self.expected_origin(path), headers.get("origin"), headers.get("sec-fetch-site")
        if expected != self.origin:
            return origin == expected
        if origin is not None or fetched is not None:
            return origin in (None, expected) and fetched in (None, *_OURS)
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind in _FORM_TYPES:
            return False
        return "cookie" not in headers or "authorization" in headers or kind == "application/json"


def site_of(settings: ServiceSettings, public_url: str = "", *, entrances: Mapping[str, str] | None = None) -> Site:
    """Return the site of a service; one without a public address is reached by its own host and port alone."""
    proxies = Proxies(read_networks(settings.trusted_proxies), settings.edge_key.get_secret_value())
    return Site(public_url or f"http://{settings.host}:{settings.port}", proxies, entrances or {})


def origin_of(url: str) -> str:
    """Return the origin of `url` as browsers write it: lower case, no default port; "" where there is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    scheme, host = parts.scheme.lower(), parts.hostname
    if not scheme or not host or parts.username is not None:
        return ""
    host = f"[{host}]" if ":" in host else host
    return f"{scheme}://{host}" + ("" if port is None or port == _DEFAULT_PORTS.get(scheme) else f":{port}")
