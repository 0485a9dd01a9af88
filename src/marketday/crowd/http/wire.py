"""The crowd's connections: only to this machine, and shared by all people of one worker process."""

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from marketday.crowd.client import Call
from marketday.crowd.errors import NotLoopback
from marketday.crowd.http.connection import CrowdConnection, Received
from marketday.crowd.journal import Journal
from marketday.crowd.targets import loopback_address

ANSWER_SECONDS = 20.0
CONNECTIONS = 400  # to each server


@dataclass(slots=True)
class _Server:
    """A server of this machine, and the connections to it that nobody uses now. A slow one does not delay others."""

    address: str
    port: int
    tls: tuple[ssl.SSLContext, str] | None  # with the name that its certificate must have
    idle: list[CrowdConnection] = field(default_factory=list)
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CONNECTIONS))


class Wire:
    """The connections of one worker process; with `key` the edges trust each person's own address."""

    def __init__(self, journal: Journal, key: str = "") -> None:
        """Prepare the connections; leaving the context closes them."""
        self.journal = journal
        self.key = key
        self.public_content, self.public_body = b"", dict[str, Any]()  # the last answer to a public call
        self._servers: dict[str, _Server] = {}

    async def __aenter__(self) -> Self:
        """Return itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        for server in self._servers.values():
            for connection in server.idle:
                connection.close()

    async def send(self, call: Call, headers: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes, str]:
        """Return status, headers, content and, if there was no answer (status 0), the reason."""
        scheme, _, rest = call.url.partition("://")
        authority, _, path = rest.partition("/")
        request = _request(call, authority, path, headers)
        try:
            server = self._server(f"{scheme}://{authority}")
            async with asyncio.timeout(ANSWER_SECONDS), server.turns:
                received = await self._exchange(server, request)
        except (TimeoutError, OSError, NotLoopback) as error:
            return 0, {}, b"", type(error).__name__
        return received.status, received.headers, received.content, ""

    async def _exchange(self, server: _Server, request: bytes) -> Received:
        """Send a request on a connection that is open already, otherwise on a new one.

        A server may close an idle connection at any moment. If it does so before it answers, the request is sent again
        on another connection, as browsers do: each write of the crowd can be repeated.
        """
        while server.idle:
            connection = server.idle.pop()
            try:
                return await self._ask(server, connection, request)
            except ConnectionAbortedError:
                continue
        return await self._ask(server, await CrowdConnection.connect(server.address, server.port, server.tls), request)

    async def _ask(self, server: _Server, connection: CrowdConnection, request: bytes) -> Received:
        received = await connection.ask(request)
        if connection.is_open:
            server.idle.append(connection)
        return received

    def _server(self, origin: str) -> _Server:
        server = self._servers.get(origin)
        if server is None:
            server = self._servers[origin] = _server_at(origin)
        return server


def _server_at(origin: str) -> _Server:
    parts = urlsplit(origin)
    host = parts.hostname or ""
    if parts.scheme == "https":
        return _Server(loopback_address(host), parts.port or 443, (ssl.create_default_context(), host))
    return _Server(loopback_address(host), parts.port or 80, None)


def _request(call: Call, authority: str, path: str, headers: Mapping[str, str]) -> bytes:
    """Return the bytes of a request (RFC 9112).

    Raises:
        ValueError: an address or a header has a line break, which would begin another header or request.

    """
    lines = [f"{call.method} /{path} HTTP/1.1", f"Host: {authority}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    content = call.raw if call.raw is not None else b"" if call.body is None else json.dumps(call.body).encode()
    if content or call.method != "GET":
        lines.append(f"Content-Length: {len(content)}")
    head = "\r\n".join(lines)
    if head.count("\n") != len(lines) - 1:
        raise ValueError(f"{call.method} {call.url!r} or one of its headers has a line break")
    return f"{head}\r\n\r\n".encode("latin-1") + content
