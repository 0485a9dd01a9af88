"""One keep-alive connection, with the smallest parser that reads our answers: a status line and Content-Length."""

import asyncio
from typing import Protocol, cast

NO_ANSWER = 0
_HEAD_ENDS = b"\r\n\r\n"


class Owner(Protocol):
    """Who uses the connection."""

    def opened(self, connection: "Connection") -> None:
        """Hear that a connection can be used."""

    def answered(self, connection: "Connection", status: int, body: bytes) -> None:
        """Hear that an answer is complete; the status is NO_ANSWER if the connection broke before."""

    def closed(self, connection: "Connection") -> None:
        """Hear that a connection ended."""


class Connection(asyncio.Protocol):
    """Sends one request at a time. The owner keeps on it what belongs to the request under way."""

    __slots__ = ("_last", "_owner", "_rest", "_transport", "begun", "busy", "due", "fields", "step")

    def __init__(self, owner: Owner) -> None:
        self.begun = 0.0
        self.due = 0.0
        self.step = 0
        self.fields: dict[bytes, bytes] = {}
        self.busy = False
        self._last = False  # the server closes after this answer
        self._owner = owner
        self._rest = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Tell the owner."""
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's is not derived from it
        self._owner.opened(self)

    def send(self, request: bytes) -> None:
        """Send a request."""
        assert self._transport is not None
        self.busy = True
        self._transport.write(request)

    def close(self) -> None:
        """Close it."""
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Tell the owner as soon as the answer is complete."""
        if self._rest:
            data = self._rest + data
        head = data.find(_HEAD_ENDS)
        if head < 0:
            self._rest = data
            return
        body = head + 4
        whole = body + _length(data, head)
        if len(data) < whole:
            self._rest = data
            return
        self._rest = b""
        self.busy = False
        if data.find(b"onnection: close", 0, head) >= 0:
            self._last = True
            self.close()
        self._owner.answered(self, int(data[9:12]), data[body:whole])

    @property
    def usable(self) -> bool:
        """Whether another request can be sent."""
        return not self._last

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Tell the owner."""
        self._last = True
        if self.busy:
            self.busy = False
            self._owner.answered(self, NO_ANSWER, b"")
        self._owner.closed(self)


def _length(data: bytes, head: int) -> int:
    """Return the length of the body; nginx writes the header's name in one way, our services in another."""
    at = data.find(b"Content-Length: ", 0, head)
    if at < 0:
        at = data.find(b"content-length: ", 0, head)
    if at < 0:
        if data[9:12] == b"204":
            return 0
        raise ValueError(f"an answer without Content-Length, which this client does not read: {data[:head]!r}")
    return int(data[at + 16 : data.find(b"\r", at)])
