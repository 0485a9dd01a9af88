"""Endpoints that a burst calls thousands of times, answered by the server's protocol, before the framework.

A hot endpoint answers only the usual request. An unusual one (an unreadable body, an option, a cookie to set) is left
to the framework's route of the same path, which does the same and explains every mistake. So there are two ways to an
answer and one set of rules, and OpenAPI describes the framework's route.
"""

import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import structlog
from pydantic_core import to_json
from starlette.requests import Request

from marketday.kit.errors import MarketdayError
from marketday.web.problems import PROBLEM, Refusal, crash_of, refusal_of
from marketday.web.rules import LARGEST_BODY, Rules
from marketday.web.site import Fields

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class HotAnswer:
    """A status, a body, headers beside its length, and its type."""

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()
    media_type: bytes = JSON.encode()


class HotRequest(Request):
    """The framework's request, as far as hot endpoints need it: headers, cookies, parts of the path, and the body."""

    def __init__(self, endpoint: "HotEndpoint", path: str, path_params: dict[str, str], fields: Fields) -> None:
        """Keep what the protocol has read; `content`, the body, is set when it is complete."""
        super().__init__({"type": "http", "path": path, "path_params": path_params})
        self.endpoint = endpoint
        self.path = path
        self.content = b""
        self._fields = fields

    @property
    def headers(self) -> Fields:  # type: ignore[override] # a mapping too, and quicker
        """The header fields, whose names are in lower case."""
        return self._fields


Handler = Callable[[HotRequest], Awaitable[HotAnswer | None]]


class HotEndpoint:
    """A method, a path such as `/v1/drops/{drop}/now`, and what answers it; None means: ask the framework."""

    def __init__(self, method: str, path: str, handler: Handler) -> None:
        """Prepare the pattern of `path`, whose parts in braces become the request's `path_params`."""
        self.method = method
        self.path = path
        self.answer = handler
        self.pattern = re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/%]+)", re.escape(path)))


def json_answer(status: int, document: Mapping[str, Any]) -> HotAnswer:
    """Return `document` as the framework would write it."""
    return HotAnswer(status, to_json(document))


def read_json(request: HotRequest, *members: str) -> dict[str, Any] | None:
    """Return the JSON object of the body if it has exactly these `members`, None if the framework has to look at it."""
    if request.headers.get("content-type", "").partition(";")[0] != JSON:
        return None
    try:
        document = json.loads(request.content)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) and document.keys() == set(members) else None


class HotEndpoints:
    """The hot endpoints of a service, with the rules that it has for every request."""

    def __init__(self, endpoints: Sequence[HotEndpoint], rules: Rules) -> None:
        """Look for an endpoint in the order of `endpoints`."""
        self.endpoints = tuple(endpoints)
        self.rules = rules

    def find(self, method: str, path: str, fields: Sequence[tuple[bytes, bytes]]) -> HotRequest | None:
        """Return the usual request of a hot endpoint, None if the framework has to answer.

        A repeated header field is unusual, and so is a body whose length is not told.
        """
        for endpoint in self.endpoints:
            if endpoint.method == method and (found := endpoint.pattern.fullmatch(path)):
                headers = Fields(fields)
                if headers.has_repeated or "transfer-encoding" in headers or "\\" in headers.get("cookie", ""):
                    return None
                if int(headers.get("content-length", "0")) > LARGEST_BODY:  # the server stops reading it
                    return None
                return HotRequest(endpoint, path, found.groupdict(), headers)
        return None

    async def answer(self, request: HotRequest) -> HotAnswer | None:
        """Return the answer with all its headers, None if the framework has to answer."""
        rules, endpoint, begun = self.rules, request.endpoint, perf_counter()
        request_id = rules.request_id(request.headers)
        structlog.contextvars.bind_contextvars(request_id=request_id)  # it ends with the task of this request
        rules.answering += 1
        try:
            refused = rules.refusal(endpoint.method, request.path, request.headers)
            answer = _problem(refusal_of(refused), request_id) if refused else await endpoint.answer(request)
        except MarketdayError as error:
            answer = _problem(refusal_of(error), request_id)
        except Exception as error:  # noqa: BLE001 - answered as the framework does
            answer = _problem(crash_of(error, request.path, request_id), request_id)
        finally:
            rules.answering -= 1
        if answer is None:
            return None
        rules.measure(endpoint.path, answer.status, perf_counter() - begun)
        own = (
            *answer.headers,
            (b"content-type", answer.media_type),
            (b"content-length", str(len(answer.body)).encode("ascii")),
        )
        stamps = rules.stamps([name for name, _ in answer.headers], request_id)
        return HotAnswer(answer.status, answer.body, (*own, *stamps))


def _problem(refusal: Refusal, request_id: str) -> HotAnswer:
    headers = tuple((name.encode("ascii"), value.encode("ascii")) for name, value in refusal.headers().items())
    return HotAnswer(refusal.status, to_json(refusal.document(request_id)), headers, PROBLEM.encode())
