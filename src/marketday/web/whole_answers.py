"""Sends the head and the body of an answer at once, so that a process that is killed sends all of it or nothing.

nginx passes a request on to another process as long as it has got nothing of an answer. The server itself writes head
and body one after the other.
"""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.auto import AutoHTTPProtocol


class _Gathering:
    """A transport that sends what is written in one round of the loop with one call."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._written: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Send `data` in the next round."""
        if data:
            if not self._written:
                self._loop.call_soon(self._send)
            self._written.append(data)

    def close(self) -> None:
        """Send what was written, then close."""
        self._send()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def _send(self) -> None:
        written, self._written = self._written, []
        if written:
            self._transport.write(b"".join(written))


class WholeAnswers(AutoHTTPProtocol):  # type: ignore[misc,valid-type] # it is chosen when uvicorn is loaded
    """The server's protocol for HTTP, on such a transport."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin a connection."""
        gathering = _Gathering(cast("asyncio.Transport", transport), asyncio.get_running_loop())
        super().connection_made(cast("asyncio.Transport", gathering))
