"""An environment's wake-ups as schedules of EventBridge Scheduler, which invoke the lifecycle's function."""

import asyncio
import json
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from botocore.exceptions import BotoCoreError, ClientError

from marketday.environments.errors import LifecycleError
from marketday.environments.model import Environment
from marketday.environments.wake_ups import TICK, moments, ticking
from marketday.kit.clock import Clock
from marketday.kit.errors import Temporary
from marketday.provisioners.terraform.model import environment_name

TICK_NAME = "tick"
_AT_ONCE = 8
# The next wake-up comes a minute later anyway; a lost one goes to the dead-letter queue, which has an alarm.
_RETRIES = {"MaximumEventAgeInSeconds": 300, "MaximumRetryAttempts": 3}


class WakeUpsUnavailable(LifecycleError, Temporary):
    """The schedules of an environment cannot be read or written at the moment."""

    slug = "wake-ups-unavailable"


@dataclass(frozen=True, slots=True)
class Target:
    """The ARNs that schedules need: they invoke `function` as `role`; `dead_letters` gets undelivered invocations."""

    function: str
    role: str
    dead_letters: str


class EventSchedules:
    """`WakeUps` by a schedule for each moment, and one for the minutes in between; each removes itself afterwards."""

    def __init__(self, scheduler: Any, group: str, target: Target, clock: Clock) -> None:
        """Keep the schedules in `group`, which already exists; `scheduler` is boto3's client."""
        self._scheduler = scheduler
        self._group = group
        self._target = target
        self._clock = clock

    async def set(self, environment: Environment) -> None:
        """Make, change and remove schedules until they fit the environment as it is now.

        Raises:
            WakeUpsUnavailable: EventBridge Scheduler refused, or did not answer. A repeated call continues the work.

        """
        planned = self._planned(environment, self._clock.now())
        found = await self._names(environment.id)
        await _all([self._ensure(name, planned[name], there=name in found) for name in planned])
        await _all([self._remove(name) for name in found if name not in planned])

    async def cancel(self, environment: Environment) -> None:
        """Remove all schedules of the environment; raises WakeUpsUnavailable."""
        await self.forget(environment.id)

    async def forget(self, environment_id: UUID) -> None:
        """Remove all schedules with an environment's name, also those not on record; raises WakeUpsUnavailable."""
        while names := await self._names(environment_id):
            await _all([self._remove(name) for name in names])

    def _planned(self, environment: Environment, now: datetime) -> dict[str, dict[str, Any]]:
        zone, prefix = ZoneInfo(environment.definition.zone), _prefix(environment.id)
        planned = {
            f"{prefix}{name}": self._schedule(environment.id, name, _at(moment, zone))
            for name, moment in moments(environment).items()
            if moment > now
        }
        minutes = ticking(environment, now)
        rate: dict[str, Any] = {
            "ScheduleExpression": f"rate({TICK // timedelta(minutes=1)} minute)",
            "ScheduleExpressionTimezone": zone.key,
            "EndDate": minutes.end.replace(microsecond=0),
        }
        if minutes.start > now:  # AWS refuses a start in the past
            rate["StartDate"] = _whole_second(minutes.start)
        return planned | {f"{prefix}{TICK_NAME}": self._schedule(environment.id, TICK_NAME, rate)}

    def _schedule(self, environment_id: UUID, name: str, when: Mapping[str, Any]) -> dict[str, Any]:
        return {
            **when,
            "Description": f"Marketday: {name} of environment {environment_id}",
            "ActionAfterCompletion": "DELETE",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "State": "ENABLED",
            "Target": {
                "Arn": self._target.function,
                "RoleArn": self._target.role,
                "Input": json.dumps({"environment": str(environment_id), "wake": name}),
                "DeadLetterConfig": {"Arn": self._target.dead_letters},
                "RetryPolicy": _RETRIES,
            },
        }

    async def _ensure(self, name: str, schedule: dict[str, Any], *, there: bool) -> None:
        if there and await self._is(name, schedule):
            return
        for operation in ("update_schedule", "create_schedule") if there else ("create_schedule", "update_schedule"):
            try:
                await self._call(operation, Name=name, **schedule)
            except _Otherwise:  # another process was faster, or the schedule's moment has just passed
                continue
            return

    async def _is(self, name: str, schedule: dict[str, Any]) -> bool:
        try:
            kept = await self._call("get_schedule", Name=name)
        except _Otherwise:
            return False
        return all(kept.get(key) == schedule.get(key) for key in {*schedule, "StartDate", "EndDate"})

    async def _remove(self, name: str) -> None:
        try:
            await self._call("delete_schedule", Name=name)
        except _Otherwise:  # it is gone
            return

    async def _names(self, environment_id: UUID) -> Sequence[str]:
        names: list[str] = []
        more: dict[str, Any] = {}
        while True:
            answer = await self._call("list_schedules", NamePrefix=_prefix(environment_id), **more)
            names += [each["Name"] for each in answer["Schedules"]]
            if not answer.get("NextToken"):
                return names
            more = {"NextToken": answer["NextToken"]}

    async def _call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        call = partial(getattr(self._scheduler, operation), GroupName=self._group, **arguments)
        try:
            answer: dict[str, Any] = await asyncio.to_thread(call)
        except ClientError as error:
            told, name = error.response.get("Error", {}), arguments.get("Name", "")
            code = told.get("Code")
            if name and (code == "ConflictException" or _is_about(code, told.get("Message", ""), name)):
                raise _Otherwise from None
            raise WakeUpsUnavailable(f"group {self._group!r}: {error}") from error
        except BotoCoreError as error:
            raise WakeUpsUnavailable(f"group {self._group!r}: {error}") from error
        return answer


class _Otherwise(Exception):
    """A schedule exists although it should not, or does not although it should: another process changed it."""


def _is_about(code: str | None, words: str, name: str) -> bool:
    """Whether a schedule is missing, and not its group."""
    return code == "ResourceNotFoundException" and name in words


def _prefix(environment_id: UUID) -> str:
    return f"{environment_name(environment_id)}-"


def _at(moment: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """Return a moment as a local time, or in UTC if that local time comes twice because the clocks go back."""
    moment = _whole_second(moment)
    local = moment.astimezone(zone)
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        local, zone = moment.astimezone(UTC), ZoneInfo("UTC")
    return {"ScheduleExpression": f"at({local:%Y-%m-%dT%H:%M:%S})", "ScheduleExpressionTimezone": zone.key}


def _whole_second(moment: datetime) -> datetime:
    """Return the first whole second that is not before `moment`, so that nothing comes too early."""
    return moment if not moment.microsecond else moment.replace(microsecond=0) + timedelta(seconds=1)


async def _all(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Do all of it, a few at a time: AWS allows some tens of such calls a second. Raises the first failure."""
    few = asyncio.Semaphore(_AT_ONCE)

    async def one(each: Coroutine[Any, Any, None]) -> None:
        async with few:
            await each

    for came in await asyncio.gather(*(one(each) for each in work), return_exceptions=True):
        if came is not None:
            raise came
