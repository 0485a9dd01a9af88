"""A market day played by the command itself, in a home of its own that every account can reach."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from marketday.testing.folders import folder_for_servers

LONGEST_DAY_SECONDS = 200


@dataclass(frozen=True)
class Ground:
    """Where one test plays its day."""

    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def report(self) -> Path:
        return self.folder / "report.html"

    @asynccontextmanager
    async def marketday(self, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
        """Run the command; it and all that it started is ended, whatever the test does."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "marketday.apps.command",
            *arguments,
            cwd=self.folder,
            env={**os.environ, "MARKETDAY_HOME": str(self.home), "NO_COLOR": "1"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.terminate()
                await asyncio.wait_for(process.communicate(), 120)

    async def play(self, *arguments: str) -> tuple[int, str]:
        """Run the command to its end; return its status and what it printed."""
        async with self.marketday(*arguments) as process:
            return await finished(process)


async def finished(process: asyncio.subprocess.Process) -> tuple[int, str]:
    out, _ = await asyncio.wait_for(process.communicate(), LONGEST_DAY_SECONDS)
    return process.returncode or 0, out.decode()


@asynccontextmanager
async def ground_of_its_own() -> AsyncIterator[Ground]:
    with folder_for_servers() as folder:
        place = Ground(folder)
        try:
            yield place
        finally:
            if place.home.exists():
                await place.play("down")
