"""The crowd's connections: only to this machine, and shared by all people of one worker process."""

import asyncio
import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from marketday.crowd.client import Call
from marketday.crowd.errors import NotLoopback
from marketday.crowd.journal import Journal
from marketday.crowd.targets import loopback_address
from marketday.kit.http import HttpServer, request_bytes

ANSWER_SECONDS = 20.0
CONNECTIONS = 400  # to each server


class Wire:
    """The connections of one worker process; with `key` the edges trust each person's own address."""

    def __init__(self, journal: Journal, key: str = "") -> None:
        """Prepare the connections; leaving the context closes them."""
        self.journal = journal
        self.key = key
        self.public_content, self.public_body = b"", dict[str, Any]()  # the last answer to a public call
        self._servers: dict[str, HttpServer] = {}

    async def __aenter__(self) -> Self:
        """Return itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        for server in self._servers.values():
            server.close()

    async def send(self, call: Call, headers: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes, str]:
        """Return status, headers, content and, if there was no answer (status 0), the reason."""
        scheme, _, rest = call.url.partition("://")
        authority, _, path = rest.partition("/")
        request = _request(call, authority, path, headers)
        try:
            server = self._server(f"{scheme}://{authority}")
            async with asyncio.timeout(ANSWER_SECONDS):
                received = await server.ask(request)
        except (TimeoutError, OSError, NotLoopback) as error:
            return 0, {}, b"", type(error).__name__
        return received.status, received.headers, received.content, ""

    def _server(self, origin: str) -> HttpServer:
        server = self._servers.get(origin)
        if server is None:
            server = self._servers[origin] = _server_at(origin)
        return server


def _server_at(origin: str) -> HttpServer:
    parts = urlsplit(origin)
    host = parts.hostname or ""
    if parts.scheme == "https":
        return HttpServer(loopback_address(host), parts.port or 443, host, CONNECTIONS)
    return HttpServer(loopback_address(host), parts.port or 80, None, CONNECTIONS)


def _request(call: Call, authority: str, path: str, headers: Mapping[str, str]) -> bytes:
    content = call.raw if call.raw is not None else b"" if call.body is None else json.dumps(call.body).encode()
    return request_bytes(call.method, f"/{path}", {"Host": authority, **headers}, content)
