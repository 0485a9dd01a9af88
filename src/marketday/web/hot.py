"""Endpoints that a burst calls thousands of times, answered before the framework's router.

A hot endpoint answers only the usual request. An unusual one (an unreadable body, an option, a cookie to set) it
leaves to the framework's route of the same path, which does the same and explains every mistake. So there are two ways
to an answer and one set of rules, and OpenAPI describes the framework's route.
"""

import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from marketday.kit.errors import MarketdayError

JSON = b"application/json"
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class HotAnswer:
    """A status, a body, and headers beside its type and length."""

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()


Handler = Callable[[Request, bytes], Awaitable[HotAnswer | None]]


class HotEndpoint:
    """A method, a path such as `/v1/drops/{drop}/now`, and what answers it; None means: ask the framework."""

    def __init__(self, method: str, path: str, handler: Handler) -> None:
        """Prepare the pattern of `path`, whose parts in braces become the request's `path_params`."""
        self.method = method
        self.path = path
        self.answer = handler
        self.pattern = re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)))


def json_answer(status: int, document: Mapping[str, Any]) -> HotAnswer:
    """Return `document` as the framework would write it."""
    return HotAnswer(status, _write(document).encode())


def read_json(request: Request, body: bytes, *members: str) -> dict[str, Any] | None:
    """Return the JSON object in `body` if it has exactly these `members`, None if the framework has to look at it."""
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        return None
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) and document.keys() == set(members) else None


class HotEndpoints:
    """The ASGI layer, around the framework's own."""

    def __init__(self, app: ASGIApp, endpoints: Sequence[HotEndpoint]) -> None:
        """Try `endpoints` in their order, and then `app`."""
        self.framework = app
        self.endpoints = tuple(endpoints)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http":
            for endpoint in self.endpoints:
                if endpoint.method == scope["method"] and (found := endpoint.pattern.fullmatch(scope["path"])):
                    await self._answer(endpoint, found.groupdict(), scope, receive, send)
                    return
        await self.framework(scope, receive, send)

    async def _answer(
        self, endpoint: HotEndpoint, params: dict[str, str], scope: Scope, receive: Receive, send: Send
    ) -> None:
        body = await _whole(receive)
        if body is None:  # the client has gone away
            return
        scope["path_params"] = params
        scope["route"] = endpoint  # the metrics read its path
        try:
            answer = await endpoint.answer(Request(scope), body)
        except MarketdayError as error:
            await _refuse(MarketdayError, error, scope, receive, send)
            return
        except Exception as error:
            await _refuse(Exception, error, scope, receive, send)
            raise
        if answer is None:
            await self.framework(scope, _again(body, receive), send)
            return
        headers = [
            (b"content-length", str(len(answer.body)).encode()),
            (b"content-type", JSON),
            *answer.headers,
        ]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})


async def _refuse(kind: type[Exception], error: Exception, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer as the framework would."""
    answer = await scope["app"].exception_handlers[kind](Request(scope), error)
    await answer(scope, receive, send)


async def _whole(receive: Receive) -> bytes | None:
    """Return the body of a request, None if its client disconnected; its size is limited by the layer around."""
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body", False):
        message = await receive()
        body += message.get("body", b"")
    return None if message["type"] == "http.disconnect" else body


def _again(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives `body` first."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
