"""Environments and their diaries in the mall's PostgreSQL."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg

from marketday.drops.definition import DropDefinition
from marketday.drops.schedule import Schedule
from marketday.environments.errors import (
    DropHasEnvironment,
    OutdatedEnvironment,
    UnknownEnvironment,
)
from marketday.environments.model import Environment, Outcome, State, Step, StepRecord
from marketday.environments.plane.reaching import translated
from marketday.kit.database import Pool, load_queries

_LOCKS = 1701733234  # no other advisory lock has this number
_SQL = load_queries(__package__)


class PostgresEnvironments:
    """An `EnvironmentStore` on the mall database."""

    def __init__(self, pool: Pool) -> None:
        """Use `pool`; a small one is enough, because locks do not use its connections."""
        self._pool = pool

    async def add(self, environment: Environment) -> None:
        """Record a new environment; raises DropHasEnvironment."""
        definition, schedule = environment.definition.to_json(), environment.schedule.to_json()
        with translated():
            try:
                await self._pool.execute(
                    _SQL["add"], environment.id, environment.drop_slug, environment.state, definition, schedule
                )
            except asyncpg.UniqueViolationError:
                raise DropHasEnvironment(
                    f"drop {environment.drop_slug!r} has an environment that is not destroyed; expected none"
                ) from None

    async def get(self, environment_id: UUID) -> Environment:
        """Return an environment; raises UnknownEnvironment."""
        with translated():
            row = await self._pool.fetchrow(_SQL["get"], environment_id)
        if row is None:
            raise UnknownEnvironment(f"no environment {environment_id}; `marketday env status` lists them")
        return _environment(row)

    async def living(self) -> Sequence[Environment]:
        """Return all that are not destroyed, oldest first."""
        return await self._list(living_only=True)

    async def all(self) -> Sequence[Environment]:
        """Return all, oldest first."""
        return await self._list(living_only=False)

    async def _list(self, *, living_only: bool) -> Sequence[Environment]:
        with translated():
            return [_environment(row) for row in await self._pool.fetch(_SQL["list"], living_only)]

    async def save(self, environment: Environment, record: StepRecord | None) -> Environment:
        """Write an environment and a line of its diary in one transaction; raises OutdatedEnvironment."""
        with translated():
            async with self._pool.acquire() as connection, connection.transaction():
                version = await connection.fetchval(
                    _SQL["save"],
                    environment.id,
                    environment.version,
                    environment.state,
                    dict(environment.outputs),
                    environment.failed_step,
                    environment.failure or None,
                    environment.failures,
                    environment.failed_at,
                    environment.windows,
                    sorted(environment.told),
                    environment.definition.to_json(),
                    environment.schedule.to_json(),
                )
                if version is None:
                    seen = f"version {environment.version}"
                    raise OutdatedEnvironment(f"environment {environment.id} is no longer at {seen}")
                if record is not None:
                    await _record(connection, environment.id, record)
        return await self.get(environment.id)

    async def steps(self, environment_id: UUID) -> Sequence[StepRecord]:
        """Return the diary, oldest line first."""
        with translated():
            rows = await self._pool.fetch(_SQL["steps"], environment_id)
        return [StepRecord(Step(row["step"]), Outcome(row["outcome"]), row["detail"], row["at"]) for row in rows]

    @asynccontextmanager
    async def lock(self, environment_id: UUID) -> AsyncIterator[bool]:
        """Hold an environment with an advisory lock outside the pool; False if another process holds it."""
        async with AsyncExitStack() as stack:
            with translated():
                mine = await stack.enter_async_context(self._pool.locks.hold(_LOCKS, str(environment_id)))
            yield mine


async def _record(connection: Any, environment_id: UUID, record: StepRecord) -> None:
    if record.outcome is Outcome.STARTED and await connection.fetchval(
        _SQL["continue_step"], environment_id, record.step, record.detail
    ):
        return
    await connection.execute(_SQL["record_step"], environment_id, record.step, record.outcome, record.detail, record.at)


def _environment(row: Any) -> Environment:
    last = None
    if row["last_step"] is not None:
        last = StepRecord(Step(row["last_step"]), Outcome(row["last_outcome"]), row["last_detail"], row["last_at"])
    return Environment(
        id=row["id"],
        drop_slug=row["drop_slug"],
        state=State(row["state"]),
        definition=DropDefinition.from_json(row["definition"]),
        schedule=Schedule.from_json(row["schedule"]),
        outputs=row["outputs"],
        failed_step=Step(row["failed_step"]) if row["failed_step"] else None,
        failure=row["failure"] or "",
        failed_at=row["failed_at"],
        windows=row["windows"],
        told=frozenset(row["told"]),
        version=row["version"],
        done=frozenset(Step(step) for step in row["done"]),
        last=last,
        failures=row["failures"],
    )
