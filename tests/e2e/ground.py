"""A market day played by the command itself, in a home of its own that every account can reach."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from marketday.crowd.report.checks import CHECKS
from marketday.provisioners.local.processes import PLANE_VARIABLE, PROCESS_VARIABLE
from marketday.testing.folders import folder_for_servers, readable_by_others

LONGEST_DAY_SECONDS = 400  # on a machine that has much else to do


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


def marked(home: Path) -> list[tuple[psutil.Process, str, str]]:
    """Return the processes of this home's planes, with their plane and name."""
    found = []
    for process in psutil.process_iter():
        try:
            environment = process.environ()
            plane, name = environment.get(PLANE_VARIABLE), environment.get(PROCESS_VARIABLE)
            if plane and name and _belongs(process, home):
                found.append((process, plane, name))
        except psutil.Error:
            continue
    return found


def _belongs(process: psutil.Process, home: Path) -> bool:
    words = [*process.cmdline(), process.cwd()]
    return any(str(home) in word for word in words)


def orders_told(home: Path) -> int:
    journals = home.glob("crowd/crowd-*.jsonl")
    return sum(journal.read_text("utf-8").count('"action":"order"') for journal in journals)


def assert_a_good_day(status: int, out: str, ground: Ground) -> None:
    assert status == 0, out
    assert len(re.findall(r"^✓  ", out, re.MULTILINE)) == len(CHECKS), out
    assert "✗" not in out
    assert "<svg" in ground.report.read_text("utf-8")
    assert marked(ground.home) == []
    assert list(ground.home.glob("environments/*")) == []
    assert readable_by_others(ground.home) == []
    assert ground.report.stat().st_mode & 0o077 == 0
