"""Apply or destroy a stack with runs of Terraform, one part at each call. Repeating it is safe."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import structlog

from marketday.environments.ports import NotYet
from marketday.kit.clock import Clock
from marketday.kit.ids import new_id
from marketday.provisioners.terraform.errors import (
    NoHostStays,
    PlanOutdated,
    RunFailed,
    RunLost,
    StateLocked,
    TerraformError,
)
from marketday.provisioners.terraform.model import (
    Action,
    Exit,
    Run,
    RunOutcome,
    RunState,
    Stack,
    applied_last,
    failed_plans,
    holder,
    is_lost_commit,
    is_unsettled,
    locked_by,
    reason,
)
from marketday.provisioners.terraform.ports import Adoption, RunStore, Starting, StateLocks, TerraformHost

_log = structlog.get_logger()
_PLANS_BEFORE_THE_END = 2
Guard = Callable[[Run], None]  # looks at a plan before it is applied, and raises when it must not be


class StackRunner:
    """Plans and applies stacks on one host, from one commit; destroys each with the commit that it was made with."""

    def __init__(
        self,
        runs: RunStore,
        host: TerraformHost,
        commit: str,
        clock: Clock,
        *,
        locks: StateLocks | None = None,
        adoption: Adoption | None = None,
    ) -> None:
        """Record runs in `runs`; they run on `host`.

        Without `locks` no lock of a lost run is broken; without `adoption` nothing that it left is taken over.
        """
        self.runs = runs
        self.host = host
        self.clock = clock
        self._commit = commit
        self._locks = locks
        self._adoption = adoption

    async def planned(
        self, environment_id: UUID, stack: Stack, variables: Mapping[str, Any], commit: str = ""
    ) -> Run | NotYet:
        """Return a run that has planned the stack with `variables`; its plan is kept on the host.

        It is of `commit`, or of the one that is built with now.

        Raises:
            TerraformError: the run failed, or its host is unavailable.

        """
        latest = await self._latest(environment_id, stack)
        if isinstance(latest, NotYet):
            return latest
        if latest is not None and latest.state is RunState.FAILED and (waiting := await self._locked(latest)):
            return waiting
        asked = replace(self._new(environment_id, stack, Action.PLAN, variables), commit=commit or self._commit)
        if latest is None or latest.state is RunState.FAILED or not latest.does(asked.action, variables, asked.commit):
            return await self._begin(asked)
        return latest

    async def applied(
        self, environment_id: UUID, stack: Stack, variables: Mapping[str, Any], guard: Guard, commit: str = ""
    ) -> Run | NotYet:
        """Return a run that has applied the stack with `variables`: first it is planned, then that plan is applied.

        It is of `commit`, or of the one that is built with now.

        Raises:
            PlanOutdated: the state has changed since the plan; the next call makes a new one.
            TerraformError: the run failed, or its host is unavailable.

        """
        latest = await self._latest(environment_id, stack)
        if isinstance(latest, NotYet):
            return latest
        commit = commit or self._commit
        if latest is not None and latest.state is RunState.DONE and latest.does(Action.APPLY, variables, commit):
            return latest
        plan = await self.planned(environment_id, stack, variables, commit)
        if isinstance(plan, NotYet):
            return plan
        adopting = await self._adopted(plan)
        if adopting is not None:
            return adopting
        guard(plan)
        asked = self._new(environment_id, stack, Action.APPLY, variables, plan.id)
        return await self._begin(replace(asked, commit=commit))

    async def destroyed(self, environment_id: UUID, stack: Stack) -> NotYet | None:
        """Remove everything in the stack's state; None if it is removed, or was never applied.

        Raises:
            TerraformError: the run failed, or its host is unavailable.

        """
        try:
            return await self._destroy(environment_id, stack)
        except RunFailed:
            made = applied_last(await self._of_stack(environment_id, stack))
            if made is None or made.commit == self._commit or not await self._is_lost(made):
                raise
            return NotYet(f"commit {made.commit} cannot be cloned: the stack is destroyed with {self._commit}")

    async def _destroy(self, environment_id: UUID, stack: Stack) -> NotYet | None:
        latest = await self._latest(environment_id, stack, to_end_only=True)
        if isinstance(latest, NotYet):
            return latest
        made = applied_last(await self._of_stack(environment_id, stack))
        if latest is None or made is None or (latest.action is Action.DESTROY and latest.state is RunState.DONE):
            return None
        if latest.state is RunState.FAILED and (waiting := await self._locked(latest)):
            return waiting
        # With the commit that the stack was made with: a later one may need variables that were never given.
        if await self._is_lost(made):
            made = replace(made, commit=self._commit)  # better than a stack that can never be removed
        adopting = await self._adopted_before_the_end(made)
        if adopting is not None:
            return adopting
        asked = replace(self._new(environment_id, stack, Action.DESTROY, made.variables), commit=made.commit)
        newest = await self.runs.latest(environment_id, stack)
        if newest is not None and newest.action is Action.PLAN and newest.state is RunState.DONE:
            asked = replace(asked, imports=newest.imports)
        ended = await self._begin(asked)
        return ended if isinstance(ended, NotYet) else None

    async def _latest(self, environment_id: UUID, stack: Stack, *, to_end_only: bool = False) -> Run | NotYet | None:
        """Return the newest run if it has ended; a run that is under way is continued first.

        With `to_end_only` a failed build is not an error: what it made is removed next.
        """
        latest = await self.runs.latest(environment_id, stack)
        if latest is None or latest.over:
            return latest
        try:
            return await self._drive(latest)
        except TerraformError:
            ended = await self.runs.latest(environment_id, stack)
            if not to_end_only or latest.action is Action.DESTROY or ended is None or not ended.over:
                raise
            return ended

    async def _adopted(self, plan: Run) -> NotYet | None:
        """Take over what lost runs made and `plan` would make again, with another plan; None if there is nothing more.

        What such a thing is in may be new as well, so that this can need a few plans.
        """
        if self._adoption is None or not is_unsettled(await self._of_stack(plan.environment_id, plan.stack)):
            return None
        found = await self._adoption.of(plan)
        if isinstance(found, NotYet):
            return found
        fresh = {address: name for address, name in found.items() if address not in plan.imports}
        if not fresh:
            return None
        _log.warning("things_adopted", environment=str(plan.environment_id), things=fresh)
        asked = self._new(plan.environment_id, plan.stack, Action.PLAN, plan.variables)
        began = await self._begin(replace(asked, commit=plan.commit, imports={**plan.imports, **fresh}))
        return began if isinstance(began, NotYet) else NotYet(f"{len(fresh)} things of a lost run are taken over")

    async def _adopted_before_the_end(self, made: Run) -> NotYet | None:
        """Take over what lost runs made, so that it is destroyed as well; None if there is nothing more, or no plan.

        If the stack cannot be planned any more, it is destroyed as its state knows it, and the sweep finds the rest.
        """
        runs = await self._of_stack(made.environment_id, made.stack)
        if self._adoption is None or not is_unsettled(runs) or failed_plans(runs) >= _PLANS_BEFORE_THE_END:
            return None
        plan = await self.planned(made.environment_id, made.stack, made.variables, made.commit)
        return plan if isinstance(plan, NotYet) else await self._adopted(plan)

    async def _locked(self, failed: Run) -> NotYet | None:
        """Break the lock that a failed run left, once its machine is gone; None if this stops nothing.

        Anybody else's lock stays: then Terraform says whose it is, and a person decides.
        """
        lock = await self._locks.held(failed) if self._locks is not None else None
        if self._locks is None or lock is None:
            return None
        left_by = holder(lock, await self._of_stack(failed.environment_id, failed.stack))
        if left_by is None:
            return None
        if not await self.host.gone(left_by):
            await self._release(left_by)  # the first attempt may have failed, and nobody else ends it for four hours
            return NotYet(f"lock {lock.id} is broken when {left_by.host} is terminated, on which run {left_by.id} was")
        await self._locks.remove(failed, lock)
        _log.warning("lock_broken", lock=lock.id, who=lock.who, run=str(left_by.id), host=left_by.host)
        return None

    async def _is_lost(self, made: Run) -> bool:
        return is_lost_commit(await self._of_stack(made.environment_id, made.stack), made.commit)

    async def _of_stack(self, environment_id: UUID, stack: Stack) -> list[Run]:
        return [run for run in await self.runs.of_environment(environment_id) if run.stack is stack]

    def _new(
        self,
        environment_id: UUID,
        stack: Stack,
        action: Action,
        variables: Mapping[str, Any],
        plan_of: UUID | None = None,
    ) -> Run:
        return Run(new_id(), environment_id, stack, action, self._commit, variables, self.clock.now(), plan_of)

    async def _begin(self, run: Run) -> Run | NotYet:
        """Record a run before it starts, so that another process finds it if this one is killed."""
        return await self._drive(await self.runs.save(run))

    async def _drive(self, run: Run) -> Run | NotYet:
        if run.state is RunState.ASKED:
            try:
                begun = await self.host.begin(run)
            except NoHostStays as error:  # a retry is another run, with a count of its own
                nowhere = RunOutcome(Exit.LOST, f"Error: {error.detail}", "")
                await self.runs.save(run.ended(nowhere, self.clock.now()))
                raise
            if isinstance(begun, NotYet):
                return await self._wait(run, begun)
            run = await self.runs.save(run.begun(begun.host, begun.who))
            _log.info("run_begun", run=str(run.id), of=run.stack, action=run.action, host=run.host)
        try:
            outcome = await self.host.outcome(run)
        except RunLost as error:
            lost = RunOutcome(Exit.LOST, f"Error: {error.detail}", run.log)
            await self._release_after(await self.runs.save(run.ended(lost, self.clock.now())))
            raise
        if isinstance(outcome, NotYet):
            return await self._wait(run, outcome)
        ended = await self.runs.save(run.ended(outcome, self.clock.now()))
        await self._release_after(ended)
        _log.info("run_ended", run=str(run.id), state=ended.state, detail=ended.detail, log=ended.log)
        if ended.state is RunState.FAILED:
            raise self._failure(ended, outcome)
        return ended

    async def _release_after(self, run: Run) -> None:
        """Release the stack's host, unless the plan that it keeps is applied next; another stack's may be at work."""
        if run.action is not Action.PLAN or run.state is not RunState.DONE:
            await self._release(run)

    async def _release(self, run: Run) -> None:
        try:
            await self.host.release(run.environment_id, run.stack)
        except TerraformError as error:  # the host ends by itself in a few hours, and is released when all is destroyed
            _log.warning("host_not_released", run=str(run.id), detail=error.detail)

    async def _wait(self, run: Run, waiting: NotYet) -> NotYet:
        host = waiting.host if isinstance(waiting, Starting) else ""
        waits = run.waiting(waiting.reason)
        waits = waits.starting(host, self.clock.now()) if host else waits
        if waits != run:
            await self.runs.save(waits)
        return waiting

    def _failure(self, run: Run, outcome: RunOutcome) -> Exception:
        where = f"the log is {run.log}"
        lock = locked_by(outcome.log)
        if lock:
            freed = f" When nobody works with it: {self._locks.by_hand(run, lock)}" if self._locks is not None else ""
            return StateLocked(f"lock {lock}; {reason(outcome)}; {where}.{freed}", log=run.log)
        if outcome.exit_code == Exit.OUTDATED:
            return PlanOutdated(f"{reason(outcome)}; {where}", log=run.log)
        return RunFailed(f"{reason(outcome)}; {where}", log=run.log)
