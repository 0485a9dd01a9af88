"""Environments that are recorded elsewhere, and copied into the mall's PostgreSQL.

On AWS the run table is the record, because the Lambda reaches it without access to the mall's network. The copy is for
the mall's own tables (allocations, receipts), which refer to environments, and for the mall's pages and console.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import UUID

import asyncpg

from marketday.environments.errors import UnknownEnvironment
from marketday.environments.model import Environment, StepRecord
from marketday.environments.plane.reaching import translated
from marketday.environments.ports import EnvironmentStore
from marketday.kit.database import load_queries

_SQL = load_queries(__package__)


class MirroredEnvironments:
    """An `EnvironmentStore` that reads another one and copies each environment into the mall's database."""

    def __init__(self, truth: EnvironmentStore, mall: "asyncpg.Pool[Any]") -> None:
        """Read the record `truth`; copy it into the database `mall`."""
        self._truth = truth
        self._mall = mall
        self._mirrored: dict[UUID, int] = {}

    async def add(self, environment: Environment) -> None:
        """Record a new environment; raises DropHasEnvironment."""
        await self._truth.add(environment)
        await self.get(environment.id)

    async def get(self, environment_id: UUID) -> Environment:
        """Return an environment; raises UnknownEnvironment."""
        return await self._mirror(await self._truth.get(environment_id))

    async def living(self) -> Sequence[Environment]:
        """Return all that are not destroyed, oldest first."""
        living = await self._truth.living()
        await self._let_go({one.id for one in living})
        return [await self._mirror(one) for one in living]

    async def all(self) -> Sequence[Environment]:
        """Return all, oldest first."""
        return [await self._mirror(one) for one in await self._truth.all()]

    async def save(self, environment: Environment, record: StepRecord | None) -> Environment:
        """Write an environment and a line of its diary together; raises OutdatedEnvironment."""
        return await self._mirror(await self._truth.save(environment, record))

    async def steps(self, environment_id: UUID) -> Sequence[StepRecord]:
        """Return the diary, oldest first."""
        return await self._truth.steps(environment_id)

    @asynccontextmanager
    async def lock(self, environment_id: UUID) -> AsyncIterator[bool]:
        """Hold an environment for one step."""
        async with self._truth.lock(environment_id) as mine:
            yield mine

    async def _let_go(self, living: Collection[UUID]) -> None:
        """Copy environments that another process destroyed: otherwise the drop's next one would be refused here."""
        with translated():
            rows = await self._mall.fetch(_SQL["living"])
        for environment_id in (row["id"] for row in rows if row["id"] not in living):
            with suppress(UnknownEnvironment):  # only the mall's database has it
                await self.get(environment_id)

    async def _mirror(self, environment: Environment) -> Environment:
        if self._mirrored.get(environment.id) == environment.version:
            return environment
        diary = await self._truth.steps(environment.id)
        with translated():
            async with self._mall.acquire() as connection, connection.transaction():
                await connection.execute(_SQL["mirror"], *_row(environment))
                await connection.execute(_SQL["forget_steps"], environment.id)
                lines = [(environment.id, one.step, one.outcome, one.detail, one.at) for one in diary]
                await connection.executemany(_SQL["record_step"], lines)
        self._mirrored[environment.id] = environment.version
        return environment


def _row(environment: Environment) -> tuple[Any, ...]:
    return (
        environment.id,
        environment.drop_slug,
        environment.state,
        environment.definition.to_json(),
        environment.schedule.to_json(),
        dict(environment.outputs),
        environment.failed_step,
        environment.failure or None,
        environment.failures,
        environment.failed_at,
        environment.windows,
        sorted(environment.told),
        environment.version,
    )
