"""Terraform on this machine: a detached process for each run, which continues when the starting process has ended."""

import asyncio
import os
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import psutil

from marketday.environments.ports import NotYet
from marketday.provisioners.terraform import script
from marketday.provisioners.terraform.errors import HostUnavailable, RunLost
from marketday.provisioners.terraform.model import Run, RunOutcome, Stack
from marketday.provisioners.terraform.ports import Begun
from marketday.provisioners.terraform.script import EXIT, LOG, OUTPUTS, PLAN, SCRIPT, Source

_STARTED_WITHIN_SECONDS = 30


class ThisMachine:
    """A `TerraformHost` on this machine. Implements `terraform.ports.TerraformHost`."""

    def __init__(self, work: Path, source: Source, surroundings: Mapping[str, str] | None = None) -> None:
        """Keep runs in `work`; Terraform gets the environment variables of this process, and `surroundings`."""
        self._work = work.absolute()
        self._source = source
        self._surroundings = dict(surroundings or {})

    async def begin(self, run: Run) -> Begun | NotYet:
        """Start the script of `run`; if it was started before, the new process sees that and ends at once.

        Raises:
            HostUnavailable: its folder cannot be written, or no process started.

        """
        try:
            process = await asyncio.to_thread(self._start, run)
        except (OSError, subprocess.SubprocessError) as error:
            raise HostUnavailable(f"{self._work}: {error}") from error
        return Begun(f"process {process}")

    async def outcome(self, run: Run) -> RunOutcome | NotYet:
        """Read what `run` left, or say how far it is; raises RunLost when its process ended without a result."""
        return await asyncio.to_thread(self._look, run)

    async def release(self, environment_id: UUID, stack: Stack | None = None) -> None:
        """Do nothing: only logs and plans are kept here, and they stay."""

    async def gone(self, run: Run) -> bool:
        """Return False: a person works on this machine too, and its locks may be theirs."""
        del run
        return False

    def _start(self, run: Run) -> int:
        folder = self._work / script.folder(run)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (folder / "started").exists():
            for name, content in script.files(run, self._source).items():
                (folder / name).write_text(content, "utf-8")
            command = ["/bin/sh", "-c", script.start_command(str(folder / SCRIPT))]
            subprocess.run(command, check=True, env={**os.environ, **self._surroundings})
        return _wait_for_process(folder)

    def _look(self, run: Run) -> RunOutcome | NotYet:
        folder = self._work / script.folder(run)
        ended = _read(folder / EXIT)  # read first: the script writes it last
        alive = _is_alive(folder)
        log = _read(folder / LOG)
        if not ended and not alive:
            ended = _read(folder / EXIT)  # it may have ended in between
        if ended:
            plan, shown = _read(folder / PLAN), _read(folder / OUTPUTS)
            return script.outcome(int(ended), log, str(folder / LOG), plan, shown)
        if alive:
            return script.progress(log)
        raise RunLost(f"run {run.id} has no process and no exit code; its log is {folder / LOG}")


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8", errors="replace")
    except FileNotFoundError:
        return ""


def _wait_for_process(folder: Path) -> int:
    deadline = time.monotonic() + _STARTED_WITHIN_SECONDS
    while not _process_of(folder) and time.monotonic() < deadline:
        time.sleep(0.01)
    if not _process_of(folder):
        raise HostUnavailable(f"the script in {folder} did not start within {_STARTED_WITHIN_SECONDS} seconds")
    return _process_of(folder)


def _process_of(folder: Path) -> int:
    return int(_read(folder / "pid").strip() or 0)


def _is_alive(folder: Path) -> bool:
    """Whether the run's script runs; another process may have its process id now."""
    try:
        process = psutil.Process(_process_of(folder))
        return process.status() != psutil.STATUS_ZOMBIE and str(folder / SCRIPT) in process.cmdline()
    except psutil.Error:
        return False
