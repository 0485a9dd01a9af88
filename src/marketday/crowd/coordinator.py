"""Divides a crowd among worker processes, starts them, and waits for them."""

import asyncio
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from marketday.crowd.errors import WorkerEnded
from marketday.crowd.plan import Plan
from marketday.kit.private import private_folder, private_opener, write_whole

WORKER = "marketday.apps.crowd"  # the module that one process of the crowd runs


def share(plan: Plan, workers: int) -> list[Plan]:
    """Return a plan for each of `workers` processes, and another one for the mall's ordinary shoppers.

    People are distributed in turn, so that each process has early and late ones. Ordinary shoppers have their own
    process, so that the drop's crowd cannot slow them down.
    """
    plans: list[Plan] = []
    if plan.mall_visit is not None:
        plans.append(plan.model_copy(update={"drop_visit": None}))
    if plan.drop_visit is not None:
        visit = plan.drop_visit
        for worker in range(workers):
            dealt = {"people": visit.people[worker::workers], "intruders": visit.intruders[worker::workers]}
            part = visit.model_copy(update=dealt)
            plans.append(plan.model_copy(update={"drop_visit": part, "mall_visit": None}))
    return plans


@dataclass(slots=True)
class _Worker:
    name: str
    process: asyncio.subprocess.Process
    sent_home: bool = False


class Crowd:
    """The worker processes of one day. They end by themselves; `stop` ends them earlier."""

    def __init__(self, folder: Path) -> None:
        """Keep plans, journals and the workers' logs in `folder`."""
        self.folder = folder
        self._workers: list[_Worker] = []

    @property
    def journals(self) -> list[Path]:
        """The journals of all workers started so far."""
        return [self.folder / f"crowd-{number}.jsonl" for number in range(len(self._workers))]

    async def start(self, plans: Sequence[Plan]) -> Self:
        """Start one process for each plan."""
        private_folder(self.folder)
        for plan in plans:
            await self._start(plan)
        return self

    async def _start(self, plan: Plan) -> None:
        name = f"crowd-{len(self._workers)}"
        file = self.folder / f"{name}.json"
        named = plan.model_copy(update={"journal": self.folder / f"{name}.jsonl"})
        write_whole(file, named.model_dump_json())  # it contains session cookies
        open(named.journal, "ab", opener=private_opener).close()  # noqa: ASYNC230 - what people bought
        with open(self.folder / f"{name}.log", "ab", opener=private_opener) as log:  # noqa: ASYNC230
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                WORKER,
                str(file),
                stdout=log,
                stderr=log,
                stdin=asyncio.subprocess.DEVNULL,
                start_new_session=True,  # so that its weight counts (ADR 18); Ctrl-C ends it by `stop`
            )
        self._workers.append(_Worker(name, process))

    @property
    def pids(self) -> list[int]:
        """The process ids of all workers started so far, in the order of the plans."""
        return [worker.process.pid for worker in self._workers]

    @property
    def here(self) -> int:
        """The number of workers that still run."""
        return sum(1 for worker in self._workers if worker.process.returncode is None)

    async def wait(self) -> None:
        """Wait until all workers have ended.

        Raises:
            WorkerEnded: a worker failed; the detail names its log.

        """
        for worker in self._workers:
            status = await worker.process.wait()
            if status != 0 and not (worker.sent_home and status == -signal.SIGTERM):  # it was ending already
                raise WorkerEnded(f"{worker.name} ended with status {status}; see {self.folder / worker.name}.log")

    async def stop(self) -> None:
        """Stop the workers that still run, and wait for them."""
        for worker in self._workers:
            if worker.process.returncode is None:
                worker.sent_home = True
                worker.process.terminate()
        for worker in self._workers:
            await worker.process.wait()
