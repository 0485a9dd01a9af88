"""Ends environments, all at the same time: one that cannot be ended does not stop the others."""

import asyncio
import os
import pwd
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from marketday.environments.errors import NoReceipt, RecordsUnavailable
from marketday.environments.model import DRAIN_GRACE_SECONDS, Environment, Outcome, State, Step
from marketday.environments.ports import Closing, EnvironmentStore
from marketday.environments.service import EnvironmentService
from marketday.kit.clock import Clock
from marketday.kit.errors import MarketdayError, Temporary
from marketday.kit.tasks import rest

Report = Callable[[str], None]

LOOK_EVERY_SECONDS = 0.5
TELL_EVERY_SECONDS = 10.0  # how often to report numbers that only count down
_LONGEST_SECONDS = 240.0  # in one state, in addition to the time that shoppers have to pay
_LONGEST_PAUSE_SECONDS = 30
_AT_ONCE = 4
_AT_REST_LATER = frozenset({State.OPEN, State.DRAINING})
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class NotEnded:
    """An environment that could not be ended, with the reason and the arguments of the next command."""

    environment: Environment
    reason: str
    go_on: str

    def __str__(self) -> str:
        return f"{self.environment.drop_slug} ({self.environment.id}) is {self.environment.state}: {self.reason}"


@dataclass(slots=True)
class _Way:
    """The progress of one environment: what was reported about it, and since when it has its state."""

    environment: Environment
    report: Report
    shown: tuple[State, str] | None = None
    told_at: float = 0.0
    since: float = field(default_factory=time.monotonic)
    trouble: str = ""

    def now_at(self, environment: Environment) -> None:
        """Use the record as it is now, and report a change."""
        if environment.state is not self.environment.state:
            self.since = time.monotonic()
        self.environment = environment
        waits = environment.last.detail if environment.last and environment.state is State.DRAINING else ""
        seen, passed = (environment.state, waits), time.monotonic() - self.told_at
        if seen == self.shown or (self.shown and self.shown[0] is seen[0] and passed < TELL_EVERY_SECONDS):
            return
        self.shown, self.told_at = seen, time.monotonic()
        self.report(f"{environment.drop_slug}: {environment.state}" + (f", {waits}" if waits else ""))


class Ending:
    """Closes opened environments, gives up those that never opened, and destroys all, each with its receipt."""

    def __init__(
        self,
        service: EnvironmentService,
        store: EnvironmentStore,
        closing: Closing,
        clock: Clock,
        *,
        look_every_seconds: float = LOOK_EVERY_SECONDS,
        longest_seconds: float = _LONGEST_SECONDS,
    ) -> None:
        """Use these adapters; look repeatedly, and give up if nothing has changed for `longest_seconds`."""
        self._service = service
        self._store = store
        self._closing = closing
        self._clock = clock
        self._look_every_seconds = look_every_seconds
        self._longest_seconds = longest_seconds
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def living(self) -> Sequence[Environment]:
        """Return all environments that are not destroyed, oldest first."""
        return await self._store.living()

    async def end_all(self, environments: Sequence[Environment], report: Report, release: str = "") -> list[NotEnded]:
        """End all of them; return those that could not be ended. See `end`."""
        ended = await asyncio.gather(*(self.end(each, report, release) for each in environments))
        return [standing for standing in ended if standing is not None]

    async def end(self, environment: Environment, report: Report, release: str = "") -> NotEnded | None:
        """End one environment; None if it is destroyed.

        Wait for what people hold, or release it at once if `release` is given, which names who asked for it.
        """
        way = _Way(environment, report)
        while True:
            try:
                await self._push(way, release)
                way.now_at(await self._store.get(environment.id))
            except RecordsUnavailable as error:
                way.trouble = str(error)
            except Exception as error:  # noqa: BLE001 - the others are ended in any case
                _log.info("not_ended", environment=str(environment.id), exc_info=error)
                return NotEnded(way.environment, _reason(error), f"env status {environment.id}")
            if way.environment.state is State.DESTROYED:
                return None
            if way.environment.state is State.FAILED:
                reason = f"{way.environment.failed_step} failed: {way.environment.failure}"
                return NotEnded(way.environment, reason, f"env retry {environment.id}")
            if time.monotonic() - way.since > self._patience(way.environment):
                reason = f"nothing has changed for {time.monotonic() - way.since:.0f} s. {way.trouble}".rstrip()
                return NotEnded(way.environment, reason, f"env status {environment.id}")
            await rest(self._pause(way.environment))

    async def _push(self, way: _Way, release: str) -> None:
        """Do the environment's next step, unless the mall's controller does it."""
        async with self._turns:
            try:
                await self._do(way.environment, release)
                way.trouble = ""
            except (Temporary, NoReceipt) as error:
                # A server is starting again, the controller is doing a step, or the drop has just opened: try again.
                way.trouble = str(error)

    async def _do(self, environment: Environment, release: str) -> None:
        if self._opened_unrecorded(environment):
            environment = (await self._service.advance(environment.id)).environment
        if not environment.opened:
            progress = await self._service.destroy(environment.id)
            if progress.outcome is Outcome.FAILED:  # people may be shopping already: then record that it opened
                await self._service.advance(environment.id)
            return
        if environment.state is State.FAILED:
            return
        environment = await self._closing.close(environment.id)
        if release and environment.state in _AT_REST_LATER:
            await self._closing.release_held(environment.id, release)
        await self._service.advance(environment.id)

    def _opened_unrecorded(self, environment: Environment) -> bool:
        """Whether the room has opened by its own clock, which is not recorded yet."""
        if environment.opened or environment.state is State.FAILED or Step.SMOKE not in environment.done:
            return False
        return self._clock.now() >= environment.schedule.room_opens_at

    def _patience(self, environment: Environment) -> float:
        if environment.state not in _AT_REST_LATER:
            return self._longest_seconds
        return self._longest_seconds + environment.definition.hold_seconds + DRAIN_GRACE_SECONDS

    def _pause(self, environment: Environment) -> float:
        """Return how long to wait before the next look: longer after each failure of a step, as in the lifecycle."""
        if not environment.failures:
            return self._look_every_seconds
        return self._look_every_seconds * min(2.0**environment.failures, 2.0 * _LONGEST_PAUSE_SECONDS)


def operator() -> str:
    """Return who runs the command, for the record: the account and the machine."""
    try:
        account = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:  # the account has a number and no name
        account = str(os.geteuid())
    return f"{account} on {socket.gethostname()}"


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, MarketdayError) else f"{type(error).__name__}: {error}"
