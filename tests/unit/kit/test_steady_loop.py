"""Limits do not pass while the process cannot run, and pass otherwise."""

import asyncio
import socket
import time
from collections.abc import Iterator

import pytest

from marketday.kit import steady_loop
from marketday.kit.steady_loop import SteadyLoop

STOPPED_SECONDS = 0.1
HELD_SECONDS = 3 * STOPPED_SECONDS


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes this long counts as stopped, so that the tests need not wait for long."""
    monkeypatch.setattr(steady_loop, "STOPPED_SECONDS", STOPPED_SECONDS)


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    near, far = socket.socketpair()
    near.setblocking(False)
    with near, far:
        yield near, far


def run(work: object) -> object:
    with asyncio.Runner(loop_factory=SteadyLoop) as runner:
        return runner.run(work)  # type: ignore[arg-type]


def test_an_answer_that_came_while_a_callback_held_the_process_is_read(ends: tuple[socket.socket, ...]) -> None:
    near, far = ends

    async def ask() -> bytes:
        loop = asyncio.get_running_loop()
        loop.call_later(0.01, far.sendall, b"answer")
        loop.call_later(0.01, time.sleep, HELD_SECONDS)
        async with asyncio.timeout(HELD_SECONDS / 2):
            return await loop.sock_recv(near, 100)

    assert run(ask()) == b"answer"


def test_without_an_answer_the_limit_passes(ends: tuple[socket.socket, ...]) -> None:
    async def ask() -> None:
        async with asyncio.timeout(0.05):
            await asyncio.get_running_loop().sock_recv(ends[0], 100)

    with pytest.raises(TimeoutError):
        run(ask())


def test_time_that_was_not_counted_is_gone_and_the_rest_counts() -> None:
    async def pass_time() -> float:
        loop = asyncio.get_running_loop()
        loop.call_later(0.01, time.sleep, HELD_SECONDS)
        await asyncio.sleep(0.1)
        before = loop.time()
        await asyncio.sleep(0.2)
        return loop.time() - before

    assert run(pass_time()) >= 0.2
