"""A proxy between a client and a server, with the faults of a network: silence, slowness, resets, half-closed ends."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit, urlunsplit


class TcpProxy:
    """A TCP proxy. After `fall_silent` it accepts clients but sends them nothing, and ignores that they leave."""

    def __init__(self, url: str) -> None:
        """Connect clients with the server of `url`."""
        self._far = urlsplit(url)
        self._tasks: set[asyncio.Task[None]] = set()
        self._near: set[asyncio.StreamWriter] = set()  # towards clients
        self._ended: set[asyncio.StreamWriter] = set()
        self._port = 0
        self.connected = 0
        self.there = True  # whether what clients send arrives
        self.back = True  # whether what the server sends arrives
        self.last_words = b""  # after a client has sent these bytes, no answer arrives any more
        self.left_of_answer: int | None = None  # how many bytes of answers still arrive; None for all
        self.pause_seconds = 0.0  # how long to wait before anything is passed on

    def fall_silent(self) -> None:
        """Drop everything, in both directions."""
        self.there = self.back = False

    def reset(self) -> None:
        """Break all connections at once; new ones are served."""
        for writer in self._near:
            linger = struct.pack("ii", 1, 0)  # closing sends RST: see SO_LINGER in socket(7)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()

    def half_close(self) -> None:
        """End the server's side of all connections; what clients send on them is lost. New ones are served."""
        for writer in self._near - self._ended:
            self._ended.add(writer)
            writer.write_eof()

    def heal(self) -> None:
        """Pass everything on again; what was dropped stays lost."""
        self.there = self.back = True
        self.last_words, self.left_of_answer = b"", None

    @property
    def url(self) -> str:
        """The server's URL, but with the address of this proxy."""
        who, at, _ = self._far.netloc.rpartition("@")
        return urlunsplit(self._far._replace(netloc=f"{who}{at}127.0.0.1:{self._port}"))

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Accept connections while the context lasts."""
        server = await asyncio.start_server(self._meet, "127.0.0.1", 0)
        self._port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _meet(self, near_reader: asyncio.StreamReader, near_writer: asyncio.StreamWriter) -> None:
        self.connected += 1
        far_reader, far_writer = await asyncio.open_connection(self._far.hostname, self._far.port)
        self._near.add(near_writer)
        self._carry(near_reader, far_writer, there=True)
        self._carry(far_reader, near_writer, there=False)

    def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, there: bool) -> None:
        task = asyncio.create_task(self._carry_on(reader, writer, there=there))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, there: bool) -> None:
        try:
            with suppress(OSError):
                while sent := await reader.read(65536):
                    if self.pause_seconds:
                        await asyncio.sleep(self.pause_seconds)
                    arriving = self._going(sent) if there else self._coming(sent)
                    if arriving and not writer.transport.is_closing() and writer not in self._ended:
                        writer.write(arriving)
                        await writer.drain()
            while not (self.there if there else self.back):  # noqa: ASYNC110 - the end of the connection is dropped too
                await asyncio.sleep(0.05)
        finally:
            self._near.discard(writer)
            self._ended.discard(writer)
            writer.close()

    def _going(self, sent: bytes) -> bytes:
        if not self.there:
            return b""
        if self.last_words and self.last_words in sent:
            self.back = False
        return sent

    def _coming(self, sent: bytes) -> bytes:
        if not self.back:
            return b""
        if self.left_of_answer is not None:
            sent = sent[: self.left_of_answer]
            self.left_of_answer -= len(sent)
        return sent


@asynccontextmanager
async def wire_to(url: str) -> AsyncIterator[TcpProxy]:
    """Open a proxy to the server of `url`; at the end close it with all its connections."""
    wire = TcpProxy(url)
    async with wire.listening():
        yield wire
