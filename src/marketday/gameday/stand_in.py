"""Stand-ins of game days: for Slack's incoming webhook, and for the load balancer before the mall."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
_SECONDS = 120.0  # after which a silent connection ends


@dataclass(slots=True)
class StandInForSlack:
    """It can be silent, as a server that is overloaded, and answer again.

    `asked` counts calls, `messages` has the texts of those that were answered.
    """

    silent: bool = True
    asked: int = 0
    messages: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def listening(self, port: int) -> AsyncIterator[None]:
        """Listen while the context lasts."""
        server = await asyncio.start_server(self._meet, "127.0.0.1", port)
        try:
            yield
        finally:
            server.close()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked += 1
        try:
            with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, ValueError):
                async with asyncio.timeout(_SECONDS):
                    await self._answer(reader, writer)
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = next((line.partition(":")[2] for line in head.splitlines() if line.startswith("content-length:")), "0")
        body = await reader.readexactly(int(length))
        if self.silent:
            await reader.read()  # until the client gives up
            return
        self.messages.append(str(json.loads(body).get("text", "")))
        writer.write(_ANSWER)
        await writer.drain()


@asynccontextmanager
async def named(url: str, port: int) -> AsyncIterator[str]:
    """Let a client that has only an address reach the server of `url`, which wants its name; yield the address."""
    host = url.partition("://")[2].encode()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                head = await reader.readuntil(b"\r\n\r\n")
                lines = [
                    b"Host: " + host if line.lower().startswith(b"host:") else line for line in head.split(b"\r\n")
                ]
                far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
                far_writer.write(b"\r\n".join(lines))
                while answer := await far_reader.read(65536):
                    writer.write(answer)
                far_writer.close()
        finally:
            writer.close()

    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
