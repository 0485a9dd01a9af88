"""What every service does for each request: id, size limit, checks of host and origin, metrics, safe headers."""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from time import perf_counter
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from marketday.kit.errors import MarketdayError
from marketday.telemetry.metrics import exposition
from marketday.web.cookies import without_escapes
from marketday.web.hot import HotEndpoint, HotEndpoints
from marketday.web.rules import LARGEST_BODY, MOST_IN_FLIGHT, QUIET, BodyTooLarge, Rules
from marketday.web.site import Fields, Site

_GONE_AWAY = 499  # nginx's status for a client that did not wait for the answer
# FastAPI looks at its telemetry in each request even if there is none.
NO_TELEMETRY: dict[str, Any] = {"telemetry": {"tracing": False, "metrics": False, "logs": False}}


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

    The server answers the endpoints in `hot` before the framework (web.protocol). This layer goes around all of the
    framework's own. While `most_in_flight` requests are being answered, others are refused with a Retry-After of one to
    three seconds, so that they do not all come back together. Its pages may show pictures of their own site, and from
    `pictures_from`.
    """
    policy = {
        "content-security-policy": content_policy(pictures_from=pictures_from),
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cache-control": "no-store",
    }
    rules = Rules(service, site, policy, most_in_flight=most_in_flight)
    build = app.build_middleware_stack
    app.build_middleware_stack = lambda: _Around(build(), rules)  # type: ignore[method-assign] # what FastAPI overrides
    app.state.hot = HotEndpoints(hot, rules)

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
    """One ASGI layer instead of five, because each costs time."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self.app = app
        self.rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["headers"] = without_escapes(scope["headers"])
        rules, headers, path = self.rules, Fields(scope["headers"]), scope["path"]
        request_id = scope["request_id"] = rules.request_id(headers)
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
        rules.answering += 1
        try:
            refusal = rules.refusal(scope["method"], path, headers)
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
            rules.answering -= 1
            structlog.contextvars.unbind_contextvars("request_id")
            if path not in QUIET:
                route = getattr(scope.get("route"), "path", "unknown")
                rules.measure(route, int(status or _GONE_AWAY), perf_counter() - begun)

    def _place(self, scope: Scope, headers: Fields) -> None:
        """Write the site into the ASGI scope, and its public scheme and host, from which links to it are made."""
        site = scope["site"] = self.rules.site
        scope["scheme"] = site.scheme
        if headers.get("host") != site.authority and site.is_named_by(headers):
            MutableHeaders(scope=scope)["host"] = site.authority

    def _stamped(self, headers: Iterable[tuple[bytes, bytes]], request_id: str) -> list[tuple[bytes, bytes]]:
        """Return the headers of an answer with its request's id, and with those that every answer has by default."""
        own = [each for each in headers if each[0] != b"x-request-id"]
        return own + self.rules.stamps({name for name, _ in own}, request_id)


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
