"""Environments and their diaries in DynamoDB: the run table. The Lambda and the mall's controller share it.

pk              sk           holds
environment     <id>         an environment as JSON, with its version
living          <slug>       the one living environment of a drop
steps#<id>      000001 ...   its diary
lock            <id>         who holds it, and until when: a lease; it expires 90 s after its holder was killed
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from marketday.drops.definition import DropDefinition
from marketday.drops.schedule import Schedule
from marketday.environments.dynamodb.table import Refused, Table
from marketday.environments.errors import (
    DropHasEnvironment,
    OutdatedEnvironment,
    RecordsUnavailable,
    UnknownEnvironment,
)
from marketday.environments.model import Environment, Outcome, State, Step, StepRecord
from marketday.kit.clock import Clock
from marketday.kit.ids import new_id

LEASE = timedelta(seconds=90)  # longer than a Lambda may run
_RENEWALS = 3  # times in each lease
_KEPT_LOCK = timedelta(days=1)  # then DynamoDB removes the lock of a killed holder
_log = structlog.get_logger()


class DynamoEnvironments:
    """An `EnvironmentStore` in the run table."""

    def __init__(self, table: Table, clock: Clock) -> None:
        """Use `table`; leases are measured by `clock`."""
        self._table = table
        self._clock = clock

    async def add(self, environment: Environment) -> None:
        """Record a new environment; raises DropHasEnvironment."""
        living = {"pk": "living", "sk": environment.drop_slug, "environment": str(environment.id)}
        try:
            await self._table.write(
                self._table.put(living, unless_there=True),
                self._table.put(_item(environment, version=1), unless_there=True),
            )
        except Refused:
            raise DropHasEnvironment(
                f"drop {environment.drop_slug!r} has an environment that is not destroyed; expected none"
            ) from None

    async def get(self, environment_id: UUID) -> Environment:
        """Return an environment; raises UnknownEnvironment."""
        item = await self._table.get("environment", str(environment_id))
        if item is None:
            raise UnknownEnvironment(f"no environment {environment_id}; `marketday env status` lists them")
        return _environment(item, await self.steps(environment_id))

    async def living(self) -> Sequence[Environment]:
        """Return all that are not destroyed, oldest first; destroyed ones, which may be many, are not read."""
        named = await self._table.query("living")
        ids = sorted(item["environment"] for item in named)
        found = [await self._table.get("environment", environment_id) for environment_id in ids]
        return await self._read(item for item in found if item is not None and item["state"] != State.DESTROYED)

    async def all(self) -> Sequence[Environment]:
        """Return all, oldest first: the order of their ids is the order of creation."""
        return await self._read(await self._table.query("environment"))

    async def _read(self, items: Iterable[Mapping[str, Any]]) -> Sequence[Environment]:
        return [_environment(item, await self.steps(UUID(item["sk"]))) for item in items]

    async def save(self, environment: Environment, record: StepRecord | None) -> Environment:
        """Write an environment and a line of its diary in one transaction; raises OutdatedEnvironment."""
        writes = [self._table.put(_item(environment, version=environment.version + 1), at_version=environment.version)]
        if record is not None:
            writes.append(await self._line(environment.id, record))
        if environment.state is State.DESTROYED and await self._is_the_living_one(environment):
            writes.append(self._table.delete("living", environment.drop_slug))
        try:
            await self._table.write(*writes)
        except Refused:
            raise OutdatedEnvironment(
                f"environment {environment.id} is no longer at version {environment.version}"
            ) from None
        return await self.get(environment.id)

    async def _is_the_living_one(self, environment: Environment) -> bool:
        """Whether the drop has no newer environment: a destroyed one is saved again after its last notices."""
        living = await self._table.get("living", environment.drop_slug)
        return living is not None and living["environment"] == str(environment.id)

    async def steps(self, environment_id: UUID) -> Sequence[StepRecord]:
        """Return the diary, oldest line first."""
        return [_record(item) for item in await self._table.query(f"steps#{environment_id}")]

    @asynccontextmanager
    async def lock(self, environment_id: UUID) -> AsyncIterator[bool]:
        """Hold an environment with a lease that is renewed while it is held; False if another process holds it.

        Raises:
            OutdatedEnvironment: the lease was lost, because this process stood still or the table was away for long.
                What was done inside is cancelled then: another process may be doing it.

        """
        owner = str(new_id())
        if not await self._lease(environment_id, owner):
            yield False
            return
        work = asyncio.timeout(None)
        try:
            async with work:
                renewal = asyncio.create_task(self._renew(environment_id, owner, work))
                try:
                    yield True
                finally:
                    renewal.cancel()
                    with suppress(asyncio.CancelledError):
                        await renewal
                    await self._let_go(environment_id, owner)
        except TimeoutError:
            if not work.expired():
                raise
            raise OutdatedEnvironment(f"the lease of environment {environment_id} was lost during a step") from None

    async def _line(self, environment_id: UUID, record: StepRecord) -> dict[str, Any]:
        pk = f"steps#{environment_id}"
        newest = await self._table.query(pk, newest=1)
        if newest and record.outcome is Outcome.STARTED:
            last = _record(newest[0])
            if last.step is record.step and last.outcome is Outcome.STARTED:  # one line for all attempts
                return self._table.put({**newest[0], "detail": record.detail})
        number = int(newest[0]["sk"]) + 1 if newest else 1
        line = {"step": record.step, "outcome": record.outcome, "detail": record.detail, "at": record.at.isoformat()}
        return self._table.put({"pk": pk, "sk": f"{number:06}", **line}, unless_there=True)

    async def _lease(self, environment_id: UUID, owner: str) -> bool:
        now = self._clock.now()
        item = {
            "pk": "lock",
            "sk": str(environment_id),
            "owner": owner,
            "until": (now + LEASE).isoformat(),
            "expires_epoch": int((now + _KEPT_LOCK).timestamp()),
        }
        try:
            await self._table.write(self._table.put(item, free_at=now.isoformat(), owner=owner))
        except Refused:
            return False
        return True

    async def _renew(self, environment_id: UUID, owner: str, work: asyncio.Timeout) -> None:
        now = asyncio.get_running_loop().time
        until = now() + LEASE.total_seconds()
        while True:
            await asyncio.sleep(LEASE.total_seconds() / _RENEWALS)
            begun = now()
            try:
                held = await self._lease(environment_id, owner)
                until = begun + LEASE.total_seconds()
            except RecordsUnavailable as error:
                _log.warning("environment_lock_not_renewed", environment=str(environment_id), detail=error.detail)
                held = begun < until  # until then nobody else can have it
            if not held:
                _log.warning("environment_lock_lost", environment=str(environment_id))
                work.reschedule(begun)
                return

    async def _let_go(self, environment_id: UUID, owner: str) -> None:
        try:
            await self._table.write(self._table.delete("lock", str(environment_id), owner=owner))
        except (Refused, RecordsUnavailable):
            _log.warning("environment_lock_lost", environment=str(environment_id))  # it expires by itself


def _item(environment: Environment, *, version: int) -> dict[str, Any]:
    body = {
        "state": environment.state,
        "definition": environment.definition.to_json(),
        "schedule": environment.schedule.to_json(),
        "outputs": dict(environment.outputs),
        "failed_step": environment.failed_step,
        "failure": environment.failure,
        "failed_at": environment.failed_at.isoformat() if environment.failed_at else None,
        "failures": environment.failures,
        "windows": environment.windows,
        "told": sorted(environment.told),
    }
    identity = {"pk": "environment", "sk": str(environment.id), "drop": environment.drop_slug, "version": version}
    return {**identity, "state": environment.state.value, "body": json.dumps(body, ensure_ascii=False)}


def _environment(item: Mapping[str, Any], diary: Sequence[StepRecord]) -> Environment:
    body = json.loads(item["body"])
    return Environment(
        id=UUID(item["sk"]),
        drop_slug=item["drop"],
        state=State(body["state"]),
        definition=DropDefinition.from_json(body["definition"]),
        schedule=Schedule.from_json(body["schedule"]),
        outputs=body["outputs"],
        failed_step=Step(body["failed_step"]) if body["failed_step"] else None,
        failure=body["failure"],
        failed_at=datetime.fromisoformat(body["failed_at"]) if body["failed_at"] else None,
        windows=body["windows"],
        told=frozenset(body["told"]),
        version=int(item["version"]),
        done=frozenset(record.step for record in diary if record.outcome is Outcome.DONE),
        last=diary[-1] if diary else None,
        failures=body["failures"],
    )


def _record(item: Mapping[str, Any]) -> StepRecord:
    at = datetime.fromisoformat(item["at"])
    return StepRecord(Step(item["step"]), Outcome(item["outcome"]), item["detail"], at)
