"""One HTTP/1.1 connection to this machine, with one request at a time.

A general client costs more processor time for each request than the servers that the crowd visits. This one reads only
what a visit needs: the status, two headers and the content.
"""

import asyncio
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Self, cast

from httptools import HttpParserError, HttpResponseParser

_KEPT = {b"content-type": "Content-Type", b"retry-after": "Retry-After"}


@dataclass(slots=True)
class Received:
    """An answer: its status, the headers that a visit needs, and its content."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""


class CrowdConnection(asyncio.Protocol):
    """A connection that is kept open between requests."""

    def __init__(self) -> None:
        """Prepare; `connect` opens it."""
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Received] | None = None
        self._heard = False
        self._begin()

    @classmethod
    async def connect(cls, address: str, port: int, tls: tuple[SSLContext, str] | None) -> Self:
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

    async def ask(self, request: bytes) -> Received:
        """Send a request and wait for its answer. If this is interrupted, the connection is closed.

        Raises:
            ConnectionAbortedError: the server closed the connection before it answered.
            ConnectionResetError: the server closed the connection within its answer, or this is not an answer.

        """
        if self._transport is None or self._transport.is_closing():
            raise ConnectionAbortedError
        self._answer = asyncio.get_running_loop().create_future()
        self._heard = False
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
        self._parser = HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport; asyncio calls this."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Read a part of an answer; asyncio calls this."""
        self._heard = True
        try:
            self._parser.feed_data(data)
        except HttpParserError:
            self._fail(ConnectionResetError("this is not an answer of HTTP/1.1"))
            self.close()

    def connection_lost(self, error: Exception | None) -> None:
        """Tell the one who waits; asyncio calls this."""
        del error
        self._fail(ConnectionResetError("the answer ended too early") if self._heard else ConnectionAbortedError())

    def _fail(self, error: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header that a visit needs; the parser calls this."""
        kept = _KEPT.get(name.lower())
        if kept is not None:
            self._received.headers[kept] = value.decode("latin-1")

    def on_body(self, content: bytes) -> None:
        """Keep a part of the content; the parser calls this."""
        self._parts.append(content)

    def on_message_complete(self) -> None:
        """Hand the answer over; the parser calls this."""
        received, parser = self._received, self._parser
        received.status = parser.get_status_code()
        received.content = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        if not parser.should_keep_alive():
            self.close()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(received)
        self._received, self._parts = Received(), []
