"""A controller that kills itself at one moment of one step: run by test_killed.py as a process of its own."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from uuid import UUID

from marketday.environments.log import LogNotifier
from marketday.environments.model import Outcome, State, Step
from marketday.environments.postgres import PostgresEnvironments
from marketday.environments.service import EnvironmentService
from marketday.kit.clock import SystemClock
from marketday.kit.database import create_pool
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
        if self._fatal == (record.step, record.outcome):
            die()
        return saved


async def main(url, folder, environment_id, fatal):
    pool = await create_pool(url, max_size=4)
    store = DyingStore(pool, fatal)
    environment = await store.get(environment_id)
    clock = FakeClock(max(environment.schedule.destroy_at, SystemClock().now()))
    plane = FilePlane(folder)
    service = EnvironmentService(store, plane, DyingSteps(plane.steps(), fatal), LogNotifier(), clock)
    while (await store.get(environment_id)).state is not State.DESTROYED:
        await service.advance(environment_id)
    await pool.close()


if __name__ == "__main__":
    moment = sys.argv[5]
    when = moment if moment == "effect" else Outcome(moment) if moment else None
    step = Step(sys.argv[4]) if sys.argv[4] else None
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), UUID(sys.argv[3]), (step, when)))
