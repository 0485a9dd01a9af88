"""A stopped process has lost no limit when it runs again."""

import os
import signal
import subprocess
import sys
import time

from marketday.kit.steady_loop import STOPPED_SECONDS

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
        time.sleep(1 + 2 * STOPPED_SECONDS)  # the limit passes on the clock
        asking.send_signal(signal.SIGCONT)
        assert asking.communicate()[0] == "answer\n\n"
