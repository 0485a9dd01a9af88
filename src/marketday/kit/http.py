"""A small client of one HTTP/1.1 server, for what is called thousands of times.

A general client costs more processor time for each request than the server that it asks. This one reads only what its
callers need: the status, two headers and the content.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Self, cast
from urllib.parse import urlsplit

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

_LARGEST_HEAD = 1024 * 1024  # bytes, with what comes of the content at the same time
_KEPT = {b"content-type": "Content-Type", b"retry-after": "Retry-After"}


@dataclass(slots=True)
class Received:
    """An answer: its status, the headers that are kept, and its content."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""


class HttpConnection(asyncio.Protocol):
    """A connection that is kept open between requests, of which there is one at a time."""

    def __init__(self) -> None:
        """Prepare; `connect` opens it."""
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Received] | None = None
        self._heard = False
        self._largest: int | None = None
        self._begin()

    @classmethod
    async def connect(cls, address: str, port: int, tls: tuple[ssl.SSLContext, str] | None) -> Self:
        """Open a connection; `tls` has the name that the server's certificate must have.

        Raises:
            OSError: nobody listens there.

        """
        context, name = tls or (None, None)
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(cls, address, port, ssl=context, server_hostname=name)
        return connection

    @property
    def is_open(self) -> bool:
        """Whether another request can be sent."""
        return self._transport is not None and not self._transport.is_closing()

    async def ask(self, request: bytes, largest: int | None = None) -> Received:
        """Send a request and wait for its answer. If this is interrupted, the connection is closed.

        Of a content with more than `largest` bytes only a little more than these is read.

        Raises:
            ConnectionAbortedError: the server closed the connection before it answered.
            ConnectionResetError: the server closed the connection within its answer, or this is not an answer.

        """
        if self._transport is None or self._transport.is_closing():
            raise ConnectionAbortedError
        self._answer = asyncio.get_running_loop().create_future()
        self._heard, self._largest = False, largest
        self._transport.write(request)
        try:
            return await self._answer
        except BaseException:
            self.close()
            raise
        finally:
            self._answer = None

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.abort()

    def _begin(self) -> None:
        self._received = Received()
        self._parts: list[bytes] = []
        self._head_size: int | None = 0  # bytes so far, None when the head is complete
        self._content_size = 0
        self._parser = HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport; asyncio calls this."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Read a part of an answer; asyncio calls this."""
        if self._answer is None or self._answer.done():  # it must not become the answer to the next request
            self.close()
            return
        self._heard = True
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            self._fail(ConnectionResetError("this is not an answer of HTTP/1.1"))
            self.close()
        if self._head_size is not None:
            self._head_size += len(data)
            if self._head_size > _LARGEST_HEAD:
                self._fail(ConnectionResetError("the head of the answer is too large"))
                self.close()

    def connection_lost(self, error: Exception | None) -> None:
        """Tell the one who waits; asyncio calls this."""
        del error
        self._fail(ConnectionResetError("the answer ended too early") if self._heard else ConnectionAbortedError())

    def _fail(self, error: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header that is needed; the parser calls this."""
        kept = _KEPT.get(name.lower())
        if kept is not None:
            self._received.headers[kept] = value.decode("latin-1")

    def on_body(self, content: bytes) -> None:
        """Keep this part of the answer's body until the answer is complete; the parser calls this."""
        self._parts.append(content)
        self._content_size += len(content)
        if self._largest is not None and self._content_size > self._largest:
            self._hand_over()
            self.close()

    def on_headers_complete(self) -> None:
        """Note that all headers are read, so that their size is not counted any more; the parser calls this."""
        self._head_size = None

    def on_message_complete(self) -> None:
        """Hand the answer over; the parser calls this."""
        if not self._parser.should_keep_alive():
            self.close()
        if self._parser.get_status_code() >= HTTPStatus.OK:  # below 200 the answer itself still follows
            self._hand_over()
        self._received, self._parts, self._head_size, self._content_size = Received(), [], 0, 0

    def _hand_over(self) -> None:
        self._received.status = self._parser.get_status_code()
        self._received.content = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        if self._answer is None or self._answer.done():  # a second answer
            self.close()
        else:
            self._answer.set_result(self._received)


class HttpServer:
    """A server, and the connections to it that are open and that nobody uses now."""

    def __init__(self, address: str, port: int, tls_name: str | None, connections: int) -> None:
        """Prepare; with `tls_name` the connections use TLS, and the server's certificate must have this name.

        At most `connections` requests are sent at the same time; others wait for their turn.
        """
        self._address = address
        self._port = port
        self._tls = None if tls_name is None else (ssl.create_default_context(), tls_name)
        self._idle: list[HttpConnection] = []
        self._turns = asyncio.Semaphore(connections)

    @classmethod
    def at(cls, url: str, connections: int) -> Self:
        """Return the server of a URL."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        secure = parts.scheme == "https"
        return cls(host, parts.port or (443 if secure else 80), host if secure else None, connections)

    async def ask(self, request: bytes, largest: int | None = None) -> Received:
        """Send a request on a connection that is open already, otherwise on a new one.

        A server may close an idle connection at any moment. If it does so before it answers, the request is sent again
        on another connection, as browsers do: so it must be one that can be repeated.

        Raises:
            OSError: there is no answer. The caller sets the time limit.

        """
        async with self._turns:
            while self._idle:
                try:
                    return await self._on(self._idle.pop(), request, largest)
                except ConnectionAbortedError:
                    continue
            return await self._on(await HttpConnection.connect(self._address, self._port, self._tls), request, largest)

    async def _on(self, connection: HttpConnection, request: bytes, largest: int | None) -> Received:
        received = await connection.ask(request, largest)
        if connection.is_open:
            self._idle.append(connection)
        return received

    def close(self) -> None:
        """Close the connections that nobody uses."""
        while self._idle:
            self._idle.pop().close()


def request_bytes(method: str, target: str, headers: Mapping[str, str], content: bytes = b"") -> bytes:
    """Return the bytes of a request (RFC 9112); `headers` must have the Host.

    Raises:
        ValueError: the target or a header has a line break, which would begin another header or request.

    """
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    if content or method != "GET":
        lines.append(f"Content-Length: {len(content)}")
    head = "\r\n".join(lines)
    if head.count("\n") != len(lines) - 1 or head.count("\r") != len(lines) - 1:
        raise ValueError(f"{method} {target!r} or one of its headers has a line break")
    return f"{head}\r\n\r\n".encode("latin-1") + content
