"""The lifecycle's function: a schedule calls it, and it advances one environment until the next step has to wait."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from marketday.environments.errors import UnknownEnvironment
from marketday.environments.model import Outcome
from marketday.environments.redaction import redacted
from marketday.environments.service import EnvironmentService, Progress
from marketday.kit.clock import Clock
from marketday.lambdas.errors import InvalidEvent

# No step begins after this time. A step takes seconds; one that hangs is killed with the function and repeated later.
BEGINS_WITHIN = timedelta(seconds=30)
_LONGEST_SHOWN = 200
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Wake:
    """The reason for the call: `name` is the schedule's moment, such as `build` or `tick`."""

    environment_id: UUID
    name: str


def read_wake(event: Any) -> Wake:
    """Read a schedule's input, `{"environment": "<id>", "wake": "<name>"}`; raises InvalidEvent."""
    environment, name = (event.get(key) if isinstance(event, Mapping) else None for key in ("environment", "wake"))
    try:
        environment_id = UUID(environment)
    except (ValueError, TypeError, AttributeError):
        raise InvalidEvent(
            f'{_shown(event)} has no environment; expected {{"environment": "<its id>", "wake": "tick"}}'
        ) from None
    if not isinstance(name, str) or not name:
        raise InvalidEvent(f'wake is {_shown(name)}; expected the name of a moment, such as "build" or "tick"')
    return Wake(environment_id, name)


async def keep_on(service: EnvironmentService, wake: Wake, clock: Clock) -> dict[str, Any]:
    """Restart what should run, then do steps until one has to wait; return what was done, in JSON types.

    If this takes too long for one call, or is killed, the call of the next minute continues it.

    Raises:
        RecordsUnavailable: the records cannot be reached.
        UnknownEnvironment: the records do not have it, so they are not whole: its schedules stay, and raise the alarm.

    """
    began, done = clock.now(), _Done(wake)
    try:
        await _keep_up(service, done)
        while clock.now() - began < BEGINS_WITHIN:
            progress = await service.advance(wake.environment_id)
            done.note(progress)
            if progress.outcome is not Outcome.DONE:
                break
    except UnknownEnvironment as error:
        _log.error("environment_unknown", environment=str(wake.environment_id), wake=wake.name, detail=error.detail)
        raise
    _log.info("lifecycle_called", **done.as_json())
    return done.as_json()


class _Done:
    """The result of one call."""

    def __init__(self, wake: Wake) -> None:
        self.wake = wake
        self.state = ""
        self.revived: list[str] = []
        self.steps: list[dict[str, str]] = []
        self.waits = ""
        self.until = ""

    def note(self, progress: Progress) -> None:
        self.state = progress.environment.state
        detail = redacted(progress.detail)
        if progress.step is not None and progress.outcome is not None:
            self.steps.append({"step": progress.step, "outcome": progress.outcome, "detail": detail})
        else:
            self.waits = detail
        self.until = progress.until.isoformat() if progress.until else ""

    def as_json(self) -> dict[str, Any]:
        return {
            "environment": str(self.wake.environment_id),
            "wake": self.wake.name,
            "state": self.state,
            "revived": self.revived,
            "steps": self.steps,
            "waits": self.waits,
            "until": self.until,
        }


async def _keep_up(service: EnvironmentService, done: _Done) -> None:
    """Restart what should run; if that fails, the steps are done anyway."""
    try:
        done.revived = await service.keep_up(done.wake.environment_id)
    except UnknownEnvironment:
        raise
    except Exception as error:  # noqa: BLE001 - after any error the next call tries again
        _log.warning("keeping_up_failed", environment=str(done.wake.environment_id), exc_info=error)


def _shown(value: Any) -> str:
    return redacted(repr(value))[:_LONGEST_SHOWN]
