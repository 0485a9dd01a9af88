"""The lifecycle of an environment: which step comes next, and what changes after each outcome. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self
from uuid import UUID

from marketday.drops.definition import DropDefinition
from marketday.drops.schedule import Schedule

MOST_ATTEMPTS = 8  # with the pauses below, about a minute and a half; then a person has to help
_LONGEST_PAUSE_SECONDS = 30
DRAIN_GRACE_SECONDS = 150  # units may be offered for a minute more, a worker may restart, a gateway may answer late
WINDOW_TAKES = timedelta(minutes=30)  # if a link is made for it; later sales are copied after closing
MAKING_PATIENCE = timedelta(hours=1)  # a Multi-AZ database takes about 20 minutes to build, and to remove
# What an environment is made from, if it is not the site's own commit: it is recorded with the request.
COMMIT, BRANCH = "commit", "branch"
CLOSE_ASKED = "close_asked"  # the output with who asked to close the drop early, where another process has to do it
RELEASED_EARLY = "released_early"  # the output with what an operator released early, for the receipt
RESTORED = "restored"  # the output with each restore of the drop's database, which `marketday restore` records
LONGEST_EXTENSION = timedelta(hours=24)  # after the planned end; more needs a signed permit


class State(StrEnum):
    """The state of an environment."""

    REQUESTED = "requested"
    PROVISIONING = "provisioning"
    READY = "ready"
    OPEN = "open"
    DRAINING = "draining"
    HANDING_BACK = "handing_back"
    VERIFIED = "verified"
    DESTROYING = "destroying"
    DESTROYED = "destroyed"
    FAILED = "failed"


class Step(StrEnum):
    """The steps of an environment, in this order, each once; only the window is repeated every hour."""

    PROVISION = "provision"
    HAND_OVER = "hand_over"
    SMOKE = "smoke"
    OPEN = "open"
    WINDOW = "window"
    DRAIN = "drain"
    HAND_BACK = "hand_back"
    DESTROY = "destroy"


_WAY = tuple(step for step in Step if step is not Step.WINDOW)


class Outcome(StrEnum):
    """The result of a step."""

    STARTED = "started"
    DONE = "done"
    FAILED = "failed"


STATE_DURING = {
    Step.PROVISION: State.PROVISIONING,
    Step.HAND_OVER: State.PROVISIONING,
    Step.SMOKE: State.PROVISIONING,
    Step.OPEN: State.READY,
    Step.WINDOW: State.OPEN,
    Step.DRAIN: State.DRAINING,
    Step.HAND_BACK: State.HANDING_BACK,
    Step.DESTROY: State.DESTROYING,
}
STATE_AFTER = STATE_DURING | {  # a window has none: the drop stays open
    Step.SMOKE: State.READY,
    Step.OPEN: State.OPEN,
    Step.HAND_BACK: State.VERIFIED,
    Step.DESTROY: State.DESTROYED,
}


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One line of an environment's diary."""

    step: Step
    outcome: Outcome
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment as recorded. `outputs` are addresses from the provisioner and what it is made from; no secrets."""

    id: UUID
    drop_slug: str
    state: State
    definition: DropDefinition
    schedule: Schedule
    outputs: Mapping[str, str] = field(default_factory=dict)
    failed_step: Step | None = None
    failure: str = ""
    failed_at: datetime | None = None
    windows: int = 0  # ended hand-back windows since the drop opened, whether done or failed
    told: frozenset[str] = frozenset()  # the keys of notices that were sent and of decisions, so that each comes once
    version: int = 1
    done: frozenset[Step] = frozenset()
    last: StepRecord | None = None
    failures: int = 0  # the number of failures of the next step since a person retried it

    @property
    def opened(self) -> bool:
        """Whether shoppers may have been let in: after that, only a real hand-back gives a receipt."""
        return Step.OPEN in self.done

    @property
    def standing(self) -> bool:
        """Whether its servers should run."""
        return Step.PROVISION in self.done and self.state not in (State.DESTROYING, State.DESTROYED)

    def beginning(self, step: Step) -> Self:
        """Return this environment with `step` under way; a new window replaces a failed one."""
        if step is Step.WINDOW:
            return replace(self, state=State.OPEN)
        return replace(self, state=STATE_DURING[step], failed_step=None, failure="", failed_at=None)

    def having_done(self, step: Step, outputs: Mapping[str, str], at: datetime) -> Self:
        """Return this environment with `step` done at `at`."""
        if step is Step.WINDOW:
            return self._having_brought(at)
        return replace(
            self,
            state=STATE_AFTER[step],
            outputs={**self.outputs, **outputs},
            done=self.done | {step},
            failures=0,
        )

    def at_last_attempt(self) -> Self:
        """Return this environment at its last attempt of a step that was begun and did not end in time."""
        return self.having_told([self._last_attempt])

    @property
    def had_last_attempt(self) -> bool:
        """Whether the last attempt of the step under way was made already."""
        return self._last_attempt in self.told

    @property
    def _last_attempt(self) -> str:
        """The key with which the last attempt is recorded; a step's line keeps its moment over all attempts."""
        return "" if self.last is None else f"last-attempt:{self.last.step}:{self.last.at.isoformat()}"

    def having_stumbled(self) -> Self:
        """Return this environment after a failure whose cause may end by itself."""
        return replace(self, failures=self.failures + 1)

    def having_failed(self, step: Step, reason: str, at: datetime, log: str = "") -> Self:
        """Return this environment stopped at `step` until a person retries it; a failed window stops nothing.

        `log` is where the step's whole output is kept, if anywhere.
        """
        outputs = {name: value for name, value in self.outputs.items() if name != log_of(step)}
        if log:
            outputs[log_of(step)] = log
        failed = replace(self, failed_step=step, failure=reason, failed_at=at, outputs=outputs)
        if step is Step.WINDOW:
            return replace(failed, state=State.OPEN, windows=len(self.schedule.windows_until(at)), failures=0)
        return replace(failed, state=State.FAILED, failures=self.failures + 1)

    def _having_brought(self, at: datetime) -> Self:
        brought = len(self.schedule.windows_until(at))
        return replace(
            self, state=State.OPEN, windows=brought, failures=0, failed_step=None, failure="", failed_at=None
        )

    def having_told(self, keys: Iterable[str]) -> Self:
        """Return this environment after the notices `keys` were sent."""
        return replace(self, told=self.told | frozenset(keys))

    def living_until(self, moment: datetime) -> Self:
        """Return this environment with its destruction moved to `moment`."""
        return replace(self, schedule=replace(self.schedule, destroy_at=moment))

    @property
    def commit(self) -> str:
        """The commit that it is built from, 40 hex digits; empty if it is the site's own."""
        return self.outputs.get(COMMIT, "")

    @property
    def to_close(self) -> bool:
        """Whether somebody has asked to close the drop early."""
        return CLOSE_ASKED in self.outputs

    def closing_at(self, moment: datetime) -> Self:
        """Return this environment with its drop closed early, at `moment`, and its own end moved accordingly.

        If the drop would open later, its opening is moved to just before `moment`, so that nobody sees it open.
        """
        opens_at = min(self.schedule.opens_at, moment - timedelta(milliseconds=1))
        schedule = replace(
            self.schedule,
            build_at=min(self.schedule.build_at, opens_at),
            room_opens_at=min(self.schedule.room_opens_at, opens_at),
            opens_at=opens_at,
            closes_at=min(self.schedule.closes_at, moment),
            destroy_at=min(self.schedule.destroy_at, moment),
        )
        moments = {"opens_at": schedule.opens_at, "closes_at": schedule.closes_at}
        return replace(self, schedule=schedule, definition=self.definition.model_copy(update=moments))

    def written_off(self, outputs: Mapping[str, str], now: datetime) -> Self:
        """Return this environment with its receipt, although nobody could hand it back; it is destroyed next."""
        return self.closing_at(now).retried().having_done(Step.HAND_BACK, outputs, now)

    def going_on(self) -> Self:
        """Return this environment, no longer given up but on its day again: somebody bought or reserved something."""
        state = State.READY if Step.SMOKE in self.done else State.PROVISIONING
        return replace(self, state=state, failures=0)

    def retried(self) -> Self:
        """Return this failed environment, ready to do the failed step again."""
        state = STATE_DURING[self.failed_step] if self.failed_step else self.state
        return replace(self, state=state, failed_step=None, failure="", failed_at=None, failures=0)


@dataclass(frozen=True, slots=True)
class LinkClosing:
    """The progress of closing an environment's link to the databases."""

    closed: bool
    failure: str  # why the last attempt failed; empty if the link is closed, or its closing is under way
    at: datetime  # the moment of the last attempt
    until: datetime  # when the link has to be closed
    log: str = ""  # where the whole log is


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before `until`; if that is None, until a person acts."""

    until: datetime | None
    reason: str


def log_of(step: str) -> str:
    """Return the name of the output with the place of a step's whole log."""
    return f"log_{step}"


def requested(
    environment_id: UUID, definition: DropDefinition, schedule: Schedule, source: Mapping[str, str] | None = None
) -> Environment:
    """Return a new environment for a drop; `source` has the commit and the branch, if it has its own."""
    return Environment(
        id=environment_id,
        drop_slug=definition.slug,
        state=State.REQUESTED,
        definition=definition,
        schedule=schedule,
        outputs=dict(source or {}),
    )


def next_step(environment: Environment, now: datetime) -> Step | Wait:
    """Return what to do at `now`: the next step, or a wait."""
    if environment.state is State.DESTROYED:
        return Wait(None, "destroyed")
    if environment.state is State.FAILED and _never_opens(environment, now):
        return Step.HAND_BACK
    if environment.state is State.FAILED:
        return Wait(None, f"failed at {environment.failed_step}: {environment.failure}")
    step = Step.WINDOW if _window_is_due(environment, now) else following(environment)
    earliest, reason = _earliest(environment, step)
    if now >= earliest:
        return step
    coming = environment.schedule.windows_until(environment.schedule.closes_at - WINDOW_TAKES)
    if step is Step.DRAIN and coming and coming[-1] > now:
        return Wait(next(window for window in coming if window > now), f"{Step.WINDOW} is not due yet")
    return Wait(earliest, reason)


def _never_opens(environment: Environment, now: datetime) -> bool:
    """Whether a failed environment has reached its end without opening: it is given up, as `env destroy` would.

    It gets a receipt of the kind `never-opened` first, or none, and then it stays.
    """
    before_opening = environment.failed_step in (Step.PROVISION, Step.HAND_OVER, Step.SMOKE)
    return before_opening and not environment.opened and now >= environment.schedule.destroy_at


def _window_is_due(environment: Environment, now: datetime) -> bool:
    """Whether a window is due: there is time for it before closing, or it is under way.

    A window that is not finished leaves a link that the last hand-back cannot use.
    """
    if following(environment) is not Step.DRAIN or environment.state is State.DRAINING:
        return False
    if environment.windows >= len(environment.schedule.windows_until(now)):
        return False
    last = environment.last
    under_way = (
        last is not None and last.step is Step.WINDOW and (last.outcome is Outcome.STARTED or environment.failures > 0)
    )
    return under_way or (not environment.to_close and now + WINDOW_TAKES <= environment.schedule.closes_at)


def following(environment: Environment) -> Step:
    """Return the first step that is not done; some are left out if an environment is given up before it opened."""
    if Step.HAND_BACK in environment.done:
        return Step.DESTROY
    if environment.state is State.HANDING_BACK:
        return Step.HAND_BACK
    return next(step for step in _WAY if step not in environment.done)


def deadline(environment: Environment, step: Step) -> datetime:
    """Return when `step` has to be done: steps of building before the room opens, steps of closing before the end."""
    schedule = environment.schedule
    if step in (Step.PROVISION, Step.HAND_OVER, Step.SMOKE, Step.OPEN):
        return schedule.room_opens_at
    if step is Step.WINDOW:
        return schedule.closes_at
    if step is Step.DRAIN:
        return schedule.closes_at + timedelta(seconds=environment.definition.hold_seconds + DRAIN_GRACE_SECONDS)
    return max(schedule.destroy_at, deadline(environment, Step.DRAIN))


def patience(environment: Environment, step: Step) -> timedelta:
    """Return how long a waiting step may take from its start, even if it began late."""
    if step in (Step.DRAIN, Step.WINDOW):
        return timedelta(seconds=environment.definition.hold_seconds + DRAIN_GRACE_SECONDS)
    return MAKING_PATIENCE


def longest_life(environment: Environment) -> datetime:
    """Return the latest end without a signed permit: a day after the planned end."""
    return environment.definition.schedule().destroy_at + LONGEST_EXTENSION


def gives_up(environment: Environment) -> bool:
    """Whether the next failure of the step is the last one, after which a person has to retry it."""
    return environment.failures + 1 >= MOST_ATTEMPTS


def _earliest(environment: Environment, step: Step) -> tuple[datetime, str]:
    schedule = environment.schedule
    planned = {
        Step.PROVISION: schedule.build_at,
        Step.OPEN: schedule.room_opens_at,
        Step.DRAIN: schedule.room_opens_at if environment.to_close else schedule.closes_at,
        Step.DESTROY: schedule.destroy_at,
    }
    under_way = environment.state is State.DESTROYING
    earliest = schedule.build_at if under_way else planned.get(step, schedule.build_at)
    last = environment.last
    if last is not None and not environment.opened and following(environment) in (Step.HAND_BACK, Step.DESTROY):
        earliest = last.at  # somebody has given it up, perhaps through a process that could only record this wish
    if environment.failures and last is not None and last.outcome is Outcome.FAILED:
        pause = timedelta(seconds=min(2 ** (environment.failures - 1), _LONGEST_PAUSE_SECONDS))
        if last.at + pause > earliest:
            return last.at + pause, f"{step} is tried again: {last.detail}"
    return earliest, f"{step} is not due yet"
