"""Controllers to be killed, one after another, of one process that forks them."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

PROGRAM = Path(__file__).with_name("killed_controller.py")


class Controllers:
    """Runs controllers of one kind with the same settings; what they say of errors goes to stderr."""

    def __init__(self, process, kind, settings):
        self._process, self._kind, self._settings = process, kind, settings

    async def run(self, environment_id, step="", moment="", *, seconds=60):
        """Run one until it dies at `moment` of `step`, or to the end of the day; return its exit code."""
        line = json.dumps([self._kind, self._settings, str(environment_id), step, moment])
        self._process.stdin.write(f"{line}\n".encode())
        return int(await asyncio.wait_for(self._process.stdout.readline(), seconds))


@asynccontextmanager
async def controllers(kind, settings) -> AsyncIterator[Controllers]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(PROGRAM)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield Controllers(process, kind, settings)
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # with a controller that is not at its end
        await process.wait()
