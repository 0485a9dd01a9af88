"""Guards against a PostgreSQL server that is not trusted: limits the memory and the time that its answers can take.

The driver trusts its server: it keeps a whole answer in memory, and hashes a password as many times as the server
demands, while nothing else can run. So each message is checked before the driver gets it.
"""

import asyncio
import re
from collections.abc import Callable
from typing import Any, cast

from asyncpg.protocol import Protocol

LARGEST_MESSAGE = 64 * 1024 * 1024  # bytes: a row with its pictures
LARGEST_ANSWER = 64 * 1024 * 1024  # bytes of one answer, except COPY, which is written as it arrives
MOST_ROUNDS = 100_000  # to hash a password; PostgreSQL demands 4096
_LARGEST_WORDS = 64 * 1024  # bytes of an error, which is written into a log, and of the messages of a login
_WORDS = (b"E", b"N", b"S", b"R")
_HEAD = 5  # bytes: the kind of a message, and its length, which counts itself but not the kind
_ROUNDS = re.compile(rb"(?:^|,)i=(\d+)")


class Overreach(Exception):
    """The server sends more than is allowed."""


class Frames:
    """Checks the messages of a server (PostgreSQL's protocol 3), in pieces of any size."""

    def __init__(self) -> None:
        """Start before the first message."""
        self._head = bytearray()
        self._kind = b""
        self._left = 0  # bytes of the body that are still to come
        self._answer = 0
        self._login = bytearray()

    def take(self, data: bytes) -> None:
        """Look at the next bytes.

        Raises:
            Overreach: the server sends more than is allowed.

        """
        at = 0
        while at < len(data):
            if self._left == 0:
                missing = _HEAD - len(self._head)
                self._head += data[at : at + missing]
                at += missing
                if len(self._head) == _HEAD:
                    self._begin()
                continue
            part = data[at : at + self._left] if self._kind == b"R" else b""
            step = min(self._left, len(data) - at)
            at, self._left = at + step, self._left - step
            if self._kind == b"R":
                self._follow_login(part)

    def _begin(self) -> None:
        self._kind, length = bytes(self._head[:1]), int.from_bytes(self._head[1:])
        self._head.clear()
        self._left = max(0, length - 4)
        if self._kind != b"d":
            self._answer += length
        largest = _LARGEST_WORDS if self._kind in _WORDS else LARGEST_MESSAGE
        if length > largest or self._answer > LARGEST_ANSWER:
            raise Overreach(f"a message of {length} bytes, {self._answer} in one answer")
        if self._kind in (b"Z", b"s"):  # ready for the next query, or for its next portion
            self._answer = 0

    def _follow_login(self, part: bytes) -> None:
        self._login += part
        rounds = max((int(number[:12]) for number in _ROUNDS.findall(self._login[4:])), default=0)
        if rounds > MOST_ROUNDS:
            raise Overreach(f"over {MOST_ROUNDS} rounds of a password's hash")
        if self._left == 0:
            self._login.clear()


class _Wall(asyncio.Protocol):
    """Checks all data before the driver's protocol gets it, and ends the connection if the server sends too much."""

    def __init__(self, inner: Any, transport: Any = None) -> None:
        self.inner = inner
        self._transport = transport
        self._frames = Frames()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self.inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        try:
            self._frames.take(data)
        except Overreach:
            self._transport.abort()
        else:
            self.inner.data_received(data)

    def eof_received(self) -> Any:
        return self.inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self.inner.connection_lost(exc)

    def pause_writing(self) -> None:
        self.inner.pause_writing()

    def resume_writing(self) -> None:
        self.inner.resume_writing()


class _Transport:
    """A transport that puts the driver's protocol behind a wall."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def set_protocol(self, protocol: Any) -> None:
        self.inner.set_protocol(_Wall(protocol, self.inner) if isinstance(protocol, Protocol) else protocol)


class _Loop:
    """The running event loop, which makes such connections."""

    def __init__(self, inner: asyncio.AbstractEventLoop) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def create_connection(self, factory: Callable[[], Any], *values: Any, **named: Any) -> Any:
        return _unwrapped(await self._inner.create_connection(_walled(factory), *values, **named))

    async def create_unix_connection(self, factory: Callable[[], Any], *values: Any, **named: Any) -> Any:
        return _unwrapped(await self._inner.create_unix_connection(_walled(factory), *values, **named))

    async def start_tls(self, transport: Any, *values: Any, **named: Any) -> Any:
        return _Transport(await self._inner.start_tls(transport.inner, *values, **named))


def guarded_loop() -> asyncio.AbstractEventLoop:
    """Return the running loop for a driver's connection to a server that is not trusted."""
    return cast(asyncio.AbstractEventLoop, _Loop(asyncio.get_running_loop()))


def _walled(factory: Callable[[], Any]) -> Callable[[], Any]:
    def make() -> Any:
        made = factory()
        return _Wall(made) if isinstance(made, Protocol) else made

    return make


def _unwrapped(made: tuple[Any, Any]) -> tuple[Any, Any]:
    transport, protocol = made
    return _Transport(transport), protocol.inner if isinstance(protocol, _Wall) else protocol
