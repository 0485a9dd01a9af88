"""A stand-in for Slack's incoming webhook: it can be silent, as a server that is overloaded, and answer again."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
_SECONDS = 120.0  # after which a silent connection ends


@dataclass(slots=True)
class StandInForSlack:
    """`asked` counts calls, `messages` has the texts of those that were answered."""

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
