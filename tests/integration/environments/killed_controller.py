"""Controllers that kill themselves at one moment of one step: as a program it forks one for each line of its input.

A line is a list: "files" or "servers", settings, environment, step, moment; the answer is the controller's exit code.
Forked, a controller has the code read already: to read it takes longer than most of them live.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from uuid import UUID

from marketday.apps.local_lifecycle import ProdSide, open_lifecycle
from marketday.environments.log import LogNotifier
from marketday.environments.model import Outcome, State, Step
from marketday.environments.postgres.store import PostgresEnvironments
from marketday.environments.service import EnvironmentService
from marketday.kit.clock import SystemClock
from marketday.kit.database import create_pool
from marketday.provisioners.local.home import open_home
from marketday.testing.clock import FakeClock
from marketday.testing.environments import FilePlane


def die():
    os.kill(os.getpid(), signal.SIGKILL)


class DyingSteps:
    """The steps, and death between an effect and its record."""

    def __init__(self, steps, fatal):
        self._steps, self._fatal = steps, fatal

    async def do(self, step, environment, now):
        result = await self._steps.do(step, environment, now)
        if self._fatal == (step, "effect"):
            die()
        return result

    async def receipt(self, environment):
        return await self._steps.receipt(environment)


class DyingStore(PostgresEnvironments):
    """The records, and death right after one of them."""

    def __init__(self, pool, fatal):
        super().__init__(pool)
        self._fatal = fatal

    async def save(self, environment, record):
        saved = await super().save(environment, record)
        if record is not None and self._fatal == (record.step, record.outcome):
            die()
        return saved


async def on_files(settings, environment_id, fatal):
    """Play a plane of files to its end, all its moments being past."""
    pool = await create_pool(settings["database_url"], max_size=4)
    store = DyingStore(pool, fatal)
    environment = await store.get(environment_id)
    clock = FakeClock(max(environment.schedule.destroy_at, SystemClock().now()))
    plane = FilePlane(Path(settings["folder"]))
    service = EnvironmentService(store, plane, DyingSteps(plane.steps(), fatal), LogNotifier(), clock)
    await to_the_end(service, store, environment_id)
    await pool.close()


async def on_servers(settings, environment_id, fatal):
    """Play a plane of real servers to its end."""
    prod = ProdSide(
        home=open_home(Path(settings["home"])),
        database_url=settings["database_url"],
        public_url="http://mall.localhost",
        signing_key_file=Path(settings["signing_key_file"]),
        media_folder=Path(settings["home"]),
        gateway_url=settings["gateway_url"],
        gateway_key=settings["gateway_key"],
    )
    async with open_lifecycle(prod) as lifecycle:
        steps = DyingSteps(lifecycle.service._steps, fatal)
        service = EnvironmentService(lifecycle.store, lifecycle.provisioner, steps, LogNotifier(), SystemClock())
        await to_the_end(service, lifecycle.store, environment_id)


async def to_the_end(service, store, environment_id):
    while (environment := await store.get(environment_id)).state is not State.DESTROYED:
        if environment.state is State.FAILED:
            sys.exit(environment.failure)
        progress = await service.advance(environment_id)
        if progress.outcome is not Outcome.DONE:
            await asyncio.sleep(0.2)


PLAYS = {"files": on_files, "servers": on_servers}


def play(kind, settings, environment_id, step, moment):
    """Be the controller of one line."""
    when = moment if moment == "effect" else Outcome(moment) if moment else None
    asyncio.run(PLAYS[kind](settings, UUID(environment_id), (Step(step) if step else None, when)))


if __name__ == "__main__":
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os.dup2(2, 1)  # what it logs is no answer
            play(*json.loads(line))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()
