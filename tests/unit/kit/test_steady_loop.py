"""Limits do not pass while the process stands still, and pass otherwise."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from marketday.kit.steady_loop import STANDSTILL_SECONDS, SteadyLoop

STOOD_SECONDS = 3 * STANDSTILL_SECONDS


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
        loop.call_later(0.01, time.sleep, STOOD_SECONDS)
        async with asyncio.timeout(STOOD_SECONDS / 2):
            return await loop.sock_recv(near, 100)

    assert run(ask()) == b"answer"


def test_without_an_answer_the_limit_passes(ends: tuple[socket.socket, ...]) -> None:
    async def ask() -> None:
        async with asyncio.timeout(0.05):
            await asyncio.get_running_loop().sock_recv(ends[0], 100)

    with pytest.raises(TimeoutError):
        run(ask())


def test_time_goes_on_while_nothing_stands_still() -> None:
    async def pass_time() -> float:
        loop = asyncio.get_running_loop()
        loop.call_later(0.01, time.sleep, STOOD_SECONDS)
        await asyncio.sleep(0.1)
        before = loop.time()
        await asyncio.sleep(0.2)
        return loop.time() - before

    assert run(pass_time()) >= 0.2


STOPPED = """
import asyncio, os, signal, sys
from marketday.kit.steady_loop import SteadyLoop

async def ask():
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with asyncio.timeout(1):
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGSTOP)
        print((await reader.readline()).decode())

asyncio.Runner(loop_factory=SteadyLoop).run(ask())
"""


def test_a_process_that_was_stopped_reads_what_came_meanwhile() -> None:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", STOPPED], **pipes) as asking:  # type: ignore[call-overload]
        os.waitid(os.P_PID, asking.pid, os.WSTOPPED)
        asking.stdin.write("answer\n")
        asking.stdin.flush()
        time.sleep(1 + 2 * STANDSTILL_SECONDS)  # the limit passes on the clock
        asking.send_signal(signal.SIGCONT)
        assert asking.communicate()[0] == "answer\n\n"
