"""A service's public address, the origins that may send forms to it, and the proxies that it trusts."""

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from marketday.kit.addresses import Network, read_address, read_networks
from marketday.kit.settings import ServiceSettings

EDGE_HEADER = "marketday-edge"  # nginx sends its key in it (provisioners/local/edge/nginx.conf)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_OURS = ("same-origin", "none")  # Sec-Fetch-Site of a page of this origin, and of an address that a person typed
_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


class Fields(dict[str, str]):
    """The header fields of a request by name in lower case: the first value of each, for quick reading."""

    def __init__(self, raw: Sequence[tuple[bytes, bytes]]) -> None:
        """Decode the fields of an ASGI scope."""
        super().__init__([(name.decode("latin-1"), value.decode("latin-1")) for name, value in reversed(raw)])
        self._raw = raw

    @property
    def has_repeated(self) -> bool:
        """Whether a field comes more than once."""
        return len(self) != len(self._raw)

    def getlist(self, name: str) -> list[str]:
        """Return every value of the fields called `name`."""
        if not self.has_repeated:
            return [self[name]] if name in self else []
        wanted = name.encode("latin-1")
        return [value.decode("latin-1") for field, value in self._raw if field == wanted]


@dataclass(frozen=True, slots=True)
class Proxies:
    """The proxies that may name the client of a request: peers in `networks`, and those that send `key`."""

    networks: tuple[Network, ...] = ()
    key: str = field(default="", repr=False)

    def client_of(self, peer: str, headers: Headers | Fields) -> str:
        """Return the client's address: the last one in X-Forwarded-For that is not one of our proxies.

        If the peer is not one of our proxies, it is the client, and the headers are ignored.
        """
        client = read_address(peer)
        shown = headers.get(EDGE_HEADER, "")
        proven = bool(self.key) and hmac.compare_digest(shown.encode(), self.key.encode())
        if not proven and not self._has(client):
            return str(client or peer)
        for named in reversed(",".join(headers.getlist("x-forwarded-for")).split(",")):
            address = read_address(named)
            if address is None:  # not an address: our proxies write only addresses
                break
            client = address
            if not self._has(client):
                break
        return str(client or peer)

    def _has(self, address: object) -> bool:
        return any(address in network for network in self.networks if address is not None)


@dataclass(frozen=True, slots=True)
class Site:
    """A service's address, and the origins that may send to its paths."""

    public_url: str
    proxies: Proxies = Proxies()
    entrances: Mapping[str, str] = field(
        default_factory=dict
    )  # pattern of a path -> the only origin that may send there
    origin: str = field(init=False)  # as browsers write it in the header Origin
    scheme: str = field(init=False)
    authority: str = field(init=False)
    _authorities: set[str] = field(init=False, repr=False)
    _entrances: list[tuple[re.Pattern[str], str]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Parse the address once."""
        origin = origin_of(self.public_url)
        scheme, _, authority = origin.partition("://")
        object.__setattr__(self, "origin", f"{scheme}://{authority}")
        object.__setattr__(self, "scheme", scheme)
        object.__setattr__(self, "authority", authority)
        object.__setattr__(self, "_entrances", [(re.compile(path), origin) for path, origin in self.entrances.items()])
        object.__setattr__(self, "_authorities", {authority, f"{authority}:{_DEFAULT_PORTS.get(scheme)}"})

    def is_named_by(self, headers: Headers | Fields) -> bool:
        """Return whether the header Host names this site. There must be exactly one; other headers do not count."""
        hosts = headers.getlist("host")
        return len(hosts) == 1 and hosts[0].lower() in self._authorities

    def expected_origin(self, path: str) -> str:
        """Return the only origin that may write to `path`."""
        for pattern, origin in self._entrances:
            if pattern.fullmatch(path):
                return origin
        return self.origin

    def takes(self, method: str, path: str, headers: Headers | Fields) -> bool:
        """Return whether the origin of a request allows it to change something (OWASP's sheet on CSRF).

        Every current browser sends the origin of its page with such a request. A request without an origin is accepted
        only if no page could have made a browser send it: it is not a form, and has a JSON body, a token or no cookie.
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
    """Return the site of a service; without a public address it is its own host and port."""
    proxies = Proxies(read_networks(settings.trusted_proxies), settings.edge_key.get_secret_value())
    return Site(public_url or f"http://{settings.host}:{settings.port}", proxies, entrances or {})


def origin_of(url: str) -> str:
    """Return the origin of `url` as browsers write it: lower case, no default port; "" if it has none."""
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
