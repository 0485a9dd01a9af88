"""Moves an environment one step; every process may call it at any moment, and repeating it is safe."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from marketday.drops.definition import DropDefinition
from marketday.environments import checkpoints, model, notices
from marketday.environments.errors import (
    CannotExtend,
    DropIsOver,
    EnvironmentBusy,
    HasOpened,
    LifecycleError,
    NoPermit,
    NoReceipt,
    NothingToRetry,
    StepOverdue,
)
from marketday.environments.model import Environment, LinkClosing, Outcome, State, Step, StepRecord, Wait
from marketday.environments.ports import (
    Done,
    EnvironmentStore,
    LinkWatch,
    Notifier,
    NotYet,
    Outlook,
    Provisioner,
    WakeUps,
)
from marketday.environments.steps import Steps
from marketday.kit.clock import Clock
from marketday.kit.errors import MarketdayError, Permanent
from marketday.kit.ids import new_id
from marketday.kit.moments import to_text_of_seconds
from marketday.kit.printable import printable

# After this time we report the step as overdue: the process that should do it may have been killed.
OTHER_PROCESS_LATE = timedelta(minutes=10)
LAST_ATTEMPT = "begun before and not ended: it is tried once more"
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Progress:
    """What one call did. `step` and `outcome` are None if there was nothing to do before `until`."""

    environment: Environment
    step: Step | None
    outcome: Outcome | None  # STARTED means that the step waits; `detail` says what for
    detail: str
    until: datetime | None = None
    trouble: str = ""  # as in `NotYet`


class EnvironmentService:
    """The lifecycle of all environments."""

    def __init__(  # noqa: PLR0913 - a composition root names each
        self,
        store: EnvironmentStore,
        provisioner: Provisioner,
        steps: Steps,
        notifier: Notifier,
        clock: Clock,
        *,
        wake_ups: WakeUps | None = None,
        links: LinkWatch | None = None,
        outlook: Outlook | None = None,
        does: Collection[Step] = frozenset(Step),
        link_takes: timedelta = timedelta(),
    ) -> None:
        """Use these adapters; leave the steps that are not in `does` to another process.

        If no controller runs all the time, `wake_ups` calls `advance` at the moments of the day. If a link to the
        databases is made and removed, `links` finds out whether it closes; drain and window may wait `link_takes` for
        it, in addition to their wait for shoppers. An `outlook` looks days before the building what will be missing.
        """
        self._store = store
        self._provisioner = provisioner
        self._steps = steps
        self._notifier = notifier
        self._clock = clock
        self._wake_ups = wake_ups
        self._links = links
        self._outlook = outlook
        self._does = does
        self._link_takes = link_takes

    async def request(
        self, definition: DropDefinition, *, build_now: bool = False, source: Mapping[str, str] | None = None
    ) -> Environment:
        """Record that a drop needs an environment, made from `source`; it is built at its planned time, or at once.

        Raises:
            DropIsOver: the drop has closed.
            DropHasEnvironment: it has an environment that is not destroyed.

        """
        now, schedule = self._clock.now(), definition.schedule()
        if schedule.closes_at <= now:
            raise DropIsOver(f"it closed at {definition.local(schedule.closes_at)}; expected a later end")
        if build_now or schedule.build_at < now:
            schedule = schedule.built_at(min(now, schedule.room_opens_at))
        environment = model.requested(new_id(), definition, schedule, source)
        await self._store.add(environment)
        await self._set_wake_ups(environment)
        return await self._store.get(environment.id)

    async def advance(self, environment_id: UUID) -> Progress:
        """Do the next step of an environment if its time has come, and record the result.

        A failure is recorded, not raised. Raises UnknownEnvironment, and RecordsUnavailable if the records cannot be
        reached: then nothing is lost, and the next call continues.
        """
        async with self._store.lock(environment_id) as mine:
            environment = await self._store.get(environment_id)
            if not mine:
                return Progress(environment, None, None, "another process is doing a step")
            if environment.state is State.REQUESTED:
                await self._make_sure_of_wake_ups(environment)
                environment = await self._look_ahead(environment)
            return await self._notify(await self._decide(environment))

    async def retry(self, environment_id: UUID) -> Environment:
        """Try the failed step of an environment again, or the closing of a link that did not close.

        Raises:
            NothingToRetry: neither the environment nor the closing of its link has failed.
            EnvironmentBusy: another process is doing a step of it.
            LifecycleError: the closing of the link cannot be begun.

        """
        async with self._store.lock(environment_id) as mine:
            environment = await self._hold(environment_id, mine=mine)
            if environment.state is not State.FAILED or environment.failed_step is None:
                await self._set_wake_ups(environment)  # the process that should set them may have been killed
                closing = await self._closing_of(environment)
                if closing is not None and closing.failure:
                    await self._provisioner.close_link(environment)
                    return environment
                raise NothingToRetry(f"environment {environment_id} is {environment.state}; expected failed")
            again = StepRecord(environment.failed_step, Outcome.STARTED, "retried", self._clock.now())
            no_go = checkpoints.stops(environment, self._clock.now())
            decided = environment.having_told([checkpoints.stop_key(no_go)]) if no_go else environment
            retried = await self._store.save(decided.retried(), again)
            await self._set_wake_ups(retried)
            return retried

    async def extend(
        self, environment_id: UUID, until: datetime, permitted_until: datetime | None = None
    ) -> Environment:
        """Move an environment's destruction to `until`, an aware UTC datetime; repeating it changes nothing.

        Raises:
            CannotExtend: it is being destroyed, or `until` is not later than both now and the planned moment.
            NoPermit: `until` is more than a day after the planned end, and no permit allows it.
            EnvironmentBusy: another process is doing a step of it.

        """
        async with self._store.lock(environment_id) as mine:
            environment = await self._hold(environment_id, mine=mine)
            planned = environment.schedule.destroy_at
            if until == planned:
                await self._set_wake_ups(environment)  # an earlier call may have been interrupted before this
                return environment
            if environment.state in (State.DESTROYING, State.DESTROYED):
                raise CannotExtend(
                    f"environment {environment_id} is {environment.state}; expected one that is not being destroyed"
                )
            if until <= max(planned, self._clock.now()):
                expected = f"expected a moment after {environment.definition.local(max(planned, self._clock.now()))}"
                said = environment.definition.local(until)
                raise CannotExtend(f"{said} is too early; {expected}, or `marketday env destroy`")
            latest = max(filter(None, (model.longest_life(environment), permitted_until)))
            if until > latest:
                how = f"sign one: marketday env permit {environment_id} --until {to_text_of_seconds(until)}"
                raise NoPermit(
                    f"{environment.definition.local(until)} is after {environment.definition.local(latest)}; {how}"
                )
            extended = await self._store.save(environment.living_until(until), None)
            await self._set_wake_ups(extended)
            return extended

    async def destroy(self, environment_id: UUID) -> Progress:
        """Destroy now an environment that is handed back, or that never opened.

        Raises:
            NoReceipt: it has opened, and is not handed back.
            EnvironmentBusy: another process is doing a step of it.

        """
        async with self._store.lock(environment_id) as mine:
            environment = await self._hold(environment_id, mine=mine)
            if environment.state is State.DESTROYED:
                return Progress(environment, None, None, "destroyed")
            await self._refuse_without_receipt(environment)
            if Step.HAND_BACK not in environment.done and Step.HAND_BACK not in self._does:
                return await self._leave(environment, Step.HAND_BACK)
            if Step.HAND_BACK not in environment.done:
                progress = await self._perform(environment, Step.HAND_BACK)
                if progress.outcome is not Outcome.DONE:
                    return await self._notify(progress)
                environment = progress.environment
            return await self._notify(await self._perform(environment, Step.DESTROY))

    async def would_destroy(self, environment_id: UUID) -> list[str]:
        """Return what `destroy` would remove; change nothing. Raises NoReceipt, as `destroy` does."""
        await self._refuse_without_receipt(await self._store.get(environment_id))
        return list(await self._provisioner.leftovers(environment_id))

    async def keep_up(self, environment_id: UUID) -> list[str]:
        """Start the parts of an environment again that should run and do not; return their names."""
        async with self._store.lock(environment_id) as mine:
            environment = await self._store.get(environment_id)
            if not mine or not environment.standing:
                return []
            return list(await self._provisioner.keep_up(environment))

    async def _hold(self, environment_id: UUID, *, mine: bool) -> Environment:
        environment = await self._store.get(environment_id)
        if not mine:
            raise EnvironmentBusy(f"environment {environment_id} is in the middle of a step; try again in a moment")
        return environment

    async def _refuse_without_receipt(self, environment: Environment) -> None:
        if environment.opened and await self._steps.receipt(environment) is None:
            raise NoReceipt(
                f"environment {environment.id} has opened and is not handed back; expected a receipt. "
                f"It is {environment.state}; `marketday env status {environment.id}` shows what it waits for"
            )

    async def _decide(self, environment: Environment) -> Progress:
        now = self._clock.now()
        decision = model.next_step(environment, now)
        if isinstance(decision, Wait):
            return Progress(environment, None, None, decision.reason, decision.until)
        point = checkpoints.stops(environment, now)
        if point is not None:
            reason = f"no-go: {notices.no_go_reason(environment, point)}"
            stopped = environment.having_told([checkpoints.stop_key(point)])
            return await self._stop(stopped, decision, reason)
        if decision not in self._does:
            return await self._leave_undone(environment, decision, now)
        return await self._perform(environment, decision)

    async def _notify(self, progress: Progress) -> Progress:
        """Send the notices that are due, and record which ones arrived; the next step sends the others again.

        A destroyed environment keeps its wake-ups until all notices are sent, or it is too late.
        """
        environment, now = progress.environment, self._clock.now()
        due = notices.due(environment, now, await self._closing_of(environment), progress.trouble)
        arrived = [notice.key for notice in due if await self._notifier.notify(notice)]
        if arrived:
            environment = await self._store.save(environment.having_told(arrived), None)
        if environment.state is State.DESTROYED and (len(arrived) == len(due) or notices.too_late(environment, now)):
            await self._cancel_wake_ups(environment)
        return replace(progress, environment=environment)

    async def _closing_of(self, environment: Environment) -> LinkClosing | None:
        """Return the progress of closing the environment's link, if there is one."""
        if self._links is None or Step.PROVISION not in environment.done:
            return None
        return await self._links.closing(environment.id)

    async def _leave_undone(self, environment: Environment, step: Step, now: datetime) -> Progress:
        """Leave a due step to the process that does it; report it if that process is very late."""
        reason = f"{step} is done by another process"
        latest = self._latest_end(environment, step) + OTHER_PROCESS_LATE
        if now < latest:
            return Progress(environment, None, None, reason)
        overdue = StepOverdue(f"{reason}, which did not end it by {environment.definition.local(latest)}")
        return await self._stop(environment, step, _reason(overdue))

    async def _leave(self, environment: Environment, step: Step) -> Progress:
        """Record that `step` should be done now, and leave it to the process that does it."""
        reason = f"first another process has to do {step}"
        begun = await self._record(environment.beginning(step), step, Outcome.STARTED, reason)
        return Progress(begun, step, Outcome.STARTED, reason)

    async def _make_sure_of_wake_ups(self, environment: Environment) -> None:
        """Set the wake-ups again, in case the request was interrupted; a failure does not stop the next step."""
        try:
            await self._set_wake_ups(environment)
        except Exception as error:  # noqa: BLE001 - the next call tries again
            _log.warning("wake_ups_not_set", environment=str(environment.id), reason=_reason(error))

    async def _look_ahead(self, environment: Environment) -> Environment:
        """Notify people once of what will be missing; without an answer, or a notice that arrives, look again."""
        key = notices.look_due(environment, self._clock.now())
        if self._outlook is None or key is None:
            return environment
        try:
            missing = await self._outlook.lacks(environment.definition)
        except Exception as error:  # noqa: BLE001 - the next call looks again, and nothing waits for it
            _log.warning("not_looked_ahead", environment=str(environment.id), reason=_reason(error))
            return environment
        if missing and not await self._notifier.notify(notices.lacking(environment, key, missing)):
            return environment
        return await self._store.save(environment.having_told([key]), None)

    async def _set_wake_ups(self, environment: Environment) -> None:
        if self._wake_ups is not None:
            await self._wake_ups.set(environment)

    async def _cancel_wake_ups(self, environment: Environment) -> None:
        """Remove the wake-ups, after the end is recorded: if this fails, the next wake-up removes them."""
        try:
            if self._wake_ups is not None:
                await self._wake_ups.cancel(environment)
        except LifecycleError as error:
            _log.warning("wake_ups_left", environment=str(environment.id), problem=error.slug, detail=error.detail)

    async def _perform(self, environment: Environment, step: Step) -> Progress:
        late = self._begun_long_ago(environment, step)
        had_its_last = environment.had_last_attempt
        beginning = environment if late is None else environment.at_last_attempt()
        begun = await self._record(beginning.beginning(step), step, Outcome.STARTED, LAST_ATTEMPT if late else "")
        _log.info("step_started", environment=str(begun.id), step=step)
        try:
            _refuse_another_attempt(environment, late if had_its_last else None)
            result = await self._steps.do(step, begun, self._clock.now())
            if isinstance(result, NotYet):
                return await self._wait(begun, step, result)
        except HasOpened as error:
            going_on = await self._record(begun.going_on(), step, Outcome.FAILED, _reason(error))
            return Progress(going_on, step, Outcome.FAILED, _reason(error))
        except Exception as error:  # noqa: BLE001 - every error belongs in the diary
            return await self._fail(begun, step, error)
        return await self._finish(begun, step, result)

    def _begun_long_ago(self, environment: Environment, step: Step) -> datetime | None:
        """Return the deadline of a step that was begun, if it has passed."""
        last, latest = environment.last, self._latest_end(environment, step)
        begun = last is not None and (last.step, last.outcome) == (step, Outcome.STARTED)
        return latest if begun and self._clock.now() >= latest else None

    async def _finish(self, environment: Environment, step: Step, result: Done) -> Progress:
        having_done = environment.having_done(step, result.outputs, self._clock.now())
        done = await self._record(having_done, step, Outcome.DONE, result.detail)
        _log.info("step_done", environment=str(done.id), step=step, detail=result.detail)
        return Progress(done, step, Outcome.DONE, result.detail)

    async def _wait(self, begun: Environment, step: Step, result: NotYet) -> Progress:
        environment = begun if result.closed_at is None else begun.closing_at(result.closed_at)
        latest = self._latest_end(environment, step)
        if self._clock.now() >= latest:
            raise StepOverdue(f"{result.reason}; expected an end by {environment.definition.local(latest)}")
        waiting = await self._record(environment, step, Outcome.STARTED, result.reason)
        return Progress(waiting, step, Outcome.STARTED, result.reason, self._clock.now(), result.trouble)

    def _latest_end(self, environment: Environment, step: Step) -> datetime:
        """Return until when a step may wait: its deadline, or later if it began late."""
        latest = model.deadline(environment, step)
        if environment.last is not None:
            latest = max(latest, environment.last.at + model.patience(environment, step))
        return latest + self._link_takes if step in (Step.DRAIN, Step.WINDOW) else latest

    async def _fail(self, environment: Environment, step: Step, error: Exception) -> Progress:
        """Record a failure; after a permanent one, or the last attempt, stop the environment."""
        reason, final = _reason(error), isinstance(error, Permanent)
        _log.warning("step_failed", environment=str(environment.id), step=step, final=final, exc_info=error)
        if not final and not model.gives_up(environment):
            stumbled = await self._record(environment.having_stumbled(), step, Outcome.FAILED, reason)
            return Progress(stumbled, step, Outcome.FAILED, reason)
        log = str(error.extra.get("log", "")) if isinstance(error, MarketdayError) else ""
        return await self._stop(environment, step, reason, log)

    async def _stop(self, environment: Environment, step: Step, reason: str, log: str = "") -> Progress:
        if step is Step.WINDOW:
            await self._close_link_after_window(environment)
        having_failed = environment.having_failed(step, reason, self._clock.now(), log)
        failed = await self._record(having_failed, step, Outcome.FAILED, reason)
        return Progress(failed, step, Outcome.FAILED, reason)

    async def _close_link_after_window(self, environment: Environment) -> None:
        """Begin to close the link of a failed window: the next step that needs a link makes a complete one."""
        try:
            await self._provisioner.close_link(environment)
        except MarketdayError as error:
            _log.warning("link_left_open", environment=str(environment.id), problem=error.slug, detail=error.detail)

    async def _record(self, environment: Environment, step: Step, outcome: Outcome, detail: str) -> Environment:
        return await self._store.save(environment, StepRecord(step, outcome, detail, self._clock.now()))


def _refuse_another_attempt(environment: Environment, late: datetime | None) -> None:
    """Raise StepOverdue if the last attempt did not end either, by `late`: a killed process cannot report it."""
    if late is not None:
        raise StepOverdue(f"every attempt was interrupted; expected an end by {environment.definition.local(late)}")


def _reason(error: Exception) -> str:
    if isinstance(error, MarketdayError):
        return f"{error.title}: {error.detail}" if error.detail else error.title
    return f"{type(error).__name__}: {printable(error)}"
