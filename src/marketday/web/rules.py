"""The rules of a service for every request, and the headers of every answer."""

import re
from collections.abc import Collection, Mapping
from functools import cache
from random import choice

from marketday.kit.errors import Kind, MarketdayError, Permanent, Temporary
from marketday.kit.ids import new_id
from marketday.telemetry.metrics import IN_FLIGHT, REQUEST_SECONDS
from marketday.web.site import Fields, Site

# Requests that a process answers at the same time: a thousand who join at once and some more. Beyond it a request is
# refused at once, because it would only be late.
MOST_IN_FLIGHT = 2000
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
LARGEST_BODY = 64 * 1024  # bytes; the largest normal request is a product description
# Requests of machines: not measured, and allowed with any host name, because load balancers use the IP address.
QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_LATER_SECONDS = (1, 2, 3)


class MalformedPath(Permanent):
    """The path is not one of a page or an API."""

    kind = Kind.INVALID
    slug = "bad-request"


class BodyTooLarge(Permanent):
    """The body is too large."""

    kind = Kind.TOO_LARGE
    slug = "body-too-large"


class CrossSiteRequest(Permanent):
    """The form was sent from another site."""

    kind = Kind.FORBIDDEN
    slug = "cross-site-request"


class UnknownHost(Permanent):
    """There is no site with this name here."""

    kind = Kind.MISDIRECTED
    slug = "unknown-host"


class Overloaded(Temporary):
    """More people ask than can be answered at the same time."""

    slug = "overloaded"


class Rules:
    """The rules of one service. `answering` is the number of requests that are being answered now."""

    def __init__(
        self, service: str, site: Site, policy: Mapping[str, str], *, most_in_flight: int = MOST_IN_FLIGHT
    ) -> None:
        """Write `policy`, headers by name in lower case, into each answer that has none of that name."""
        self.site = site
        self.answering = 0
        self._most = most_in_flight
        self._stamps = {name.encode(): value.encode() for name, value in policy.items()}
        IN_FLIGHT.labels(service).set_function(lambda: self.answering)
        self._seconds = cache(lambda route, status: REQUEST_SECONDS.labels(service, route, status))

    @staticmethod
    def request_id(headers: Mapping[str, str]) -> str:
        """Return the id that a request brings if it looks like one, otherwise a new one."""
        given = headers.get("x-request-id", "")
        return given if _REQUEST_ID.fullmatch(given) else str(new_id())

    def refusal(self, method: str, path: str, headers: Fields) -> MarketdayError | None:
        """Return why a request that counts in `answering` is not answered, None if it is."""
        if _CONTROL.search(path):  # in the framework's patterns `$` also matches before a line feed
            return MalformedPath(f"{path[:80]!r}; expected no control character")
        if self.answering > self._most and path not in QUIET:
            return Overloaded(retry_after=choice(_LATER_SECONDS))  # noqa: S311 - only spreads the requests
        if path not in QUIET and not self.site.is_named_by(headers):
            return UnknownHost(f"{headers.get('host', 'no host name')[:120]!r}; expected {self.site.origin}")
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > LARGEST_BODY:
            return BodyTooLarge(f"{length[:20]} bytes; expected at most {LARGEST_BODY}")
        if not self.site.takes(method, path, headers):
            origin = headers.get("origin", "a page that does not name its origin")[:120]
            return CrossSiteRequest(f"sent from {origin}; expected a page of {self.site.expected_origin(path)}")
        return None

    def stamps(self, names: Collection[bytes], request_id: str) -> list[tuple[bytes, bytes]]:
        """Return the headers to add to an answer that has headers called `names`."""
        added = [each for each in self._stamps.items() if each[0] not in names]
        added.append((b"x-request-id", request_id.encode("ascii")))
        return added

    def measure(self, route: str, status: int, seconds: float) -> None:
        """Count an answer of the route with the path `route`."""
        self._seconds(route, status).observe(seconds)
