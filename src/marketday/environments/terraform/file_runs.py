"""Runs of Terraform as JSON files, for Terraform on this machine: `<folder>/<environment>/<run>.json`."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from marketday.environments.terraform.errors import OutdatedRun
from marketday.environments.terraform.model import Run, Stack
from marketday.environments.terraform.records import from_json, to_json


class FileRuns:
    """A `RunStore` in a folder. Who holds the environment's lock is alone with its files."""

    def __init__(self, folder: Path) -> None:
        """Keep the files under `folder`."""
        self._folder = folder

    async def latest(self, environment_id: UUID, stack: Stack) -> Run | None:
        """Return the newest run of an environment's stack."""
        of_stack = [run for run in await self.of_environment(environment_id) if run.stack is stack]
        return of_stack[-1] if of_stack else None

    async def of_environment(self, environment_id: UUID) -> Sequence[Run]:
        """Return all runs of an environment, oldest first."""
        files = sorted((self._folder / str(environment_id)).glob("*.json"))
        return [await asyncio.to_thread(_read, file) for file in files]

    async def save(self, run: Run) -> Run:
        """Record `run` over the version that it was read with; raises OutdatedRun."""
        return await asyncio.to_thread(self._save, run)

    def _save(self, run: Run) -> Run:
        file = self._folder / str(run.environment_id) / f"{run.id}.json"
        kept = _read(file).version if file.exists() else 0
        if kept != run.version:
            raise OutdatedRun(f"run {run.id} is at {kept}, no longer at {run.version}")
        saved = replace(run, version=run.version + 1)
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = file.with_suffix(".new")
        fresh.write_text(json.dumps(to_json(saved), ensure_ascii=False, indent=1) + "\n", "utf-8")
        fresh.replace(file)
        return saved


def _read(file: Path) -> Run:
    return from_json(json.loads(file.read_text("utf-8")))
