"""What every service does for each request: id, size limit, checks of host and origin, metrics, safe headers."""

import re
from collections.abc import Iterable, Sequence
from functools import partial
from http import HTTPStatus
from random import choice
from time import perf_counter
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from marketday.kit.errors import Kind, MarketdayError, Permanent, Temporary
from marketday.kit.ids import new_id
from marketday.telemetry.metrics import IN_FLIGHT, REQUEST_SECONDS, exposition
from marketday.web.hot import HotEndpoint, HotEndpoints
from marketday.web.site import Fields, Site

# Requests that a process answers at the same time: a thousand who join at once and some more. Beyond it a request is
# refused at once, because it would only be late.
MOST_IN_FLIGHT = 2000
LARGEST_BODY = 64 * 1024  # bytes; the largest normal request is a product description
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_LATER_SECONDS = (1, 2, 3)
_GONE_AWAY = 499  # nginx's status for a client that did not wait for the answer
# FastAPI looks at its telemetry in each request even if there is none.
NO_TELEMETRY: dict[str, Any] = {"telemetry": {"tracing": False, "metrics": False, "logs": False}}
# Requests of machines: not measured, and allowed with any host name, because load balancers use the IP address.
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})


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


def install_requests(
    app: FastAPI,
    service: str,
    site: Site,
    *,
    hot: Sequence[HotEndpoint] = (),
    most_in_flight: int = MOST_IN_FLIGHT,
    pictures_from: str = "",
) -> None:
    """Put our own layer around `app`, and add `GET /healthz` and `GET /metrics`; call `install_problems` before.

    The endpoints in `hot` are answered before the framework. This layer goes around all of the framework's own. While
    `most_in_flight` requests are being answered, others are refused with a Retry-After of one to three seconds, so that
    they do not all come back together. Its pages may show pictures of their own site, and from `pictures_from`.
    """
    build = app.build_middleware_stack

    def wrapped() -> ASGIApp:
        policy = content_policy(pictures_from=pictures_from)
        return _Around(
            HotEndpoints(build(), hot), service=service, site=site, most_in_flight=most_in_flight, policy=policy
        )

    app.build_middleware_stack = wrapped  # type: ignore[method-assign] # what FastAPI itself overrides

    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> dict[str, str]:
        return {"status": "alive", "service": service}

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        body, content_type = exposition()
        return Response(body, media_type=content_type)


def content_policy(form_targets: Iterable[str] = (), *, pictures_from: str = "") -> str:
    """Return the Content-Security-Policy of a page.

    Its forms may be sent to its own site and to `form_targets`; its pictures may come from its own site and from
    `pictures_from`, such as "https:" if a catalogue's pictures and descriptions name other hosts.
    """
    targets = " ".join(("'self'", *form_targets))
    pictures = f"'self' {pictures_from}".strip()
    return (
        f"default-src 'self'; img-src {pictures}; style-src 'self'; script-src 'self'; "
        f"base-uri 'none'; frame-ancestors 'none'; form-action {targets}"
    )


class _Around:
    """One ASGI layer instead of five, because it runs on the hot path."""

    def __init__(self, app: ASGIApp, *, service: str, site: Site, most_in_flight: int, policy: str) -> None:
        self.app = app
        self.most_in_flight = most_in_flight
        self.answering = 0
        self.site = site
        self.in_flight = IN_FLIGHT.labels(service)
        self.seconds = partial(REQUEST_SECONDS.labels, service)
        self.stamps = {
            b"content-security-policy": policy.encode(),
            b"x-content-type-options": b"nosniff",
            b"referrer-policy": b"same-origin",
            b"cache-control": b"no-store",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers, path = Fields(scope["headers"]), scope["path"]
        given = headers.get("x-request-id", "")
        request_id = scope["request_id"] = given if _REQUEST_ID.fullmatch(given) else str(new_id())
        self._place(scope, headers)
        structlog.contextvars.bind_contextvars(request_id=request_id)
        status = 0

        async def reply(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = self._stamped(message.get("headers", ()), request_id)
            await send(message)

        begun = perf_counter()
        self.answering += 1
        self.in_flight.inc()
        try:
            refusal = self._refusal(scope, headers)
            if refusal is None:
                await self.app(scope, _limited(receive), reply)
            else:
                refuse = scope["app"].exception_handlers[MarketdayError]
                answer = await refuse(Request(scope), refusal)
                await answer(scope, receive, reply)
        except Exception:
            status = status or HTTPStatus.INTERNAL_SERVER_ERROR  # the status that the outer layer will send
            raise
        finally:
            self.answering -= 1
            self.in_flight.dec()
            structlog.contextvars.unbind_contextvars("request_id")
            if path not in _QUIET:
                route = getattr(scope.get("route"), "path", "unknown")
                self.seconds(route, int(status or _GONE_AWAY)).observe(perf_counter() - begun)

    def _place(self, scope: Scope, headers: Fields) -> None:
        """Write the site into the ASGI scope, and its public scheme and host, from which links to it are made."""
        scope["site"] = self.site
        scope["scheme"] = self.site.scheme
        if headers.get("host") != self.site.authority and self.site.is_named_by(headers):
            MutableHeaders(scope=scope)["host"] = self.site.authority

    def _refusal(self, scope: Scope, headers: Fields) -> MarketdayError | None:
        path = scope["path"]
        if self.answering > self.most_in_flight and path not in _QUIET:
            return Overloaded(retry_after=choice(_LATER_SECONDS))  # noqa: S311 - only spreads the requests
        if path not in _QUIET and not self.site.is_named_by(headers):
            return UnknownHost(f"{headers.get('host', 'no host name')[:120]!r}; expected {self.site.origin}")
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > LARGEST_BODY:
            return BodyTooLarge(f"{length[:20]} bytes; expected at most {LARGEST_BODY}")
        if not self.site.takes(scope["method"], path, headers):
            origin = headers.get("origin", "a page that does not name its origin")[:120]
            return CrossSiteRequest(f"sent from {origin}; expected a page of {self.site.expected_origin(path)}")
        return None

    def _stamped(self, headers: Iterable[tuple[bytes, bytes]], request_id: str) -> list[tuple[bytes, bytes]]:
        """Return the headers of an answer with its request's id, and with those that every answer has by default."""
        stamped = [each for each in headers if each[0] != b"x-request-id"]
        names = {name for name, _ in stamped}
        stamped.append((b"x-request-id", request_id.encode("ascii")))
        stamped.extend(each for each in self.stamps.items() if each[0] not in names)
        return stamped


def _limited(receive: Receive) -> Receive:
    """Count the bytes of a body without a length, and stop reading when it is too large."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > LARGEST_BODY:
            raise BodyTooLarge(f"more than {LARGEST_BODY} bytes; expected at most that")
        return message

    return counted
