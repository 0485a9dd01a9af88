"""The Terraform provisioner: an environment is the stack `event`, and also the stack `link` in hand-back windows."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from ipaddress import IPv4Network
from itertools import takewhile
from typing import TYPE_CHECKING, Any
from uuid import UUID

from marketday.environments.errors import NoReceipt, NotBuilt
from marketday.environments.model import Environment, Step, log_of
from marketday.environments.ports import Access, EnvironmentStore, Health, NotYet
from marketday.kit.errors import MarketdayError
from marketday.provisioners.sweep.model import Leftover
from marketday.provisioners.terraform.errors import PlanRemoves, RunFailed
from marketday.provisioners.terraform.facts import StackFacts
from marketday.provisioners.terraform.held import Holders
from marketday.provisioners.terraform.model import Action, Run, RunState, Stack, counts, environment_name
from marketday.provisioners.terraform.places import Neighbour, choose_place
from marketday.provisioners.terraform.ports import Sweep
from marketday.provisioners.terraform.running import StackRunner
from marketday.provisioners.terraform.variables import choose_network, event_variables, link_variables

if TYPE_CHECKING:
    from marketday.handback.receipt import ReceiptVerifier
    from marketday.provisioners.terraform.surroundings import AwsSurroundings

LINK_LIFE = timedelta(hours=23)  # at most a day is allowed, and Terraform checks it a little later than we do
# After a destroy that failed, and twice as long after each further one: each attempt needs its own build host.
_CLOSE_AGAIN, _CLOSE_AT_LEAST, _MOST_DOUBLINGS = timedelta(minutes=10), timedelta(hours=1), 3
_LOOK_AGAIN_SECONDS = 1.0
_REPLICATION = {  # the fields of the hand-back's Replication, and the outputs of the stack `link` that they come from
    "task_arn": "replication_task_arn",
    "source_secret_arn": "source_secret_arn",
    "target_secret_arn": "target_secret_arn",
}


class TerraformProvisioner:
    """Makes environments with Terraform. Implements `environments.ports.Provisioner`.

    No call waits for Terraform: it begins or continues a run, and returns `NotYet` until the run has ended.
    Only `plan`, which a person calls, waits.
    """

    def __init__(
        self,
        facts: StackFacts,
        runner: StackRunner,
        environments: EnvironmentStore,
        receipts: "ReceiptVerifier",
        sweep: Sweep,
        surroundings: "AwsSurroundings",
        staging_of: Callable[[Environment], str],
    ) -> None:
        """Build from `facts` with `runner`; `staging_of` returns the name of the schema that a drop is copied into.

        `receipts` verifies receipts, `sweep` finds what is left, `environments` lists environments that have networks.
        """
        self._facts = facts
        self._runner = runner
        self._environments = environments
        self._receipts = receipts
        self._sweep = sweep
        self._holders = Holders(sweep, runner.runs)
        self._surroundings = surroundings
        self._staging_of = staging_of

    async def plan(self, environment: Environment) -> Sequence[str]:
        """Wait for Terraform's plan, and return what `apply` would do to which resource; the plan is kept.

        Raises:
            TerraformError: the plan cannot be made.

        """
        variables = await self._event_variables(environment)
        run: Run | NotYet = NotYet("asked")
        try:
            while isinstance(run, NotYet):
                run = await self._runner.planned(environment.id, Stack.EVENT, variables, environment.commit)
                await asyncio.sleep(_LOOK_AGAIN_SECONDS if isinstance(run, NotYet) else 0)
        finally:
            await self._runner.host.release(environment.id, Stack.EVENT)
        return [*run.changes, f"{_counted(run)}; the plan is kept as run {run.id}, its log is {run.log}"]

    async def apply(self, environment: Environment) -> Mapping[str, str] | NotYet:
        """Plan and apply the stack `event`; once it is applied, return its addresses.

        Raises:
            PlanRemoves: the environment has opened, and the plan would remove something.
            TerraformError: a run failed, or its host is unavailable.

        """
        variables = await self._event_variables(environment)

        def guard(plan: Run) -> None:
            removed = [change for change in plan.changes if counts([change])["remove"]]
            if environment.opened and removed:
                raise PlanRemoves(
                    f"environment {environment.id} has opened; the plan would do {', '.join(removed)}", log=plan.log
                )

        run = await self._runner.applied(environment.id, Stack.EVENT, variables, guard, environment.commit)
        if isinstance(run, NotYet):
            return run
        return {"public_url": str(run.outputs.get("public_url", "")), log_of(Step.PROVISION): run.log}

    async def open_link(self, environment: Environment) -> NotYet | None:
        """Apply the stack `link`; None if it is applied. Its commit is always the site's own.

        Raises:
            NotBuilt: the stack `event` does not exist.
            TerraformError: a run failed, or its host is unavailable.

        """
        event = {**await self._outputs(environment.id), **await self._network(environment.id)}
        until = await self._link_until(environment.id)
        variables = link_variables(environment, self._facts, event, self._staging_of(environment), until)
        run = await self._runner.applied(environment.id, Stack.LINK, variables, lambda _: None)
        return run if isinstance(run, NotYet) else None

    async def close_link(self, environment: Environment) -> None:
        """Begin to destroy the stack `link`; `keep_up` continues until it is destroyed; `destroy` waits for that."""
        await self._close(environment.id)

    async def keep_up(self, environment: Environment) -> Sequence[str]:
        """Continue to close a link until it is closed, and close one that a failed step left open for a day.

        AWS itself repairs the rest: ECS, RDS and ElastiCache replace what fails.
        """
        latest = await self._runner.runs.latest(environment.id, Stack.LINK)
        if latest is not None and await self._closes(latest):
            await self._close(environment.id)
        return []

    async def health(self, environment: Environment) -> Sequence[Health]:
        """Return the health of each part; empty if nothing is built."""
        try:
            outputs = await self._outputs(environment.id)
        except NotBuilt:
            return []
        return await self._surroundings.health(outputs)

    async def access(self, environment: Environment) -> Access:
        """Return how to reach the servers; raises NotBuilt."""
        outputs = await self._outputs(environment.id)
        access = await self._surroundings.access(outputs)
        link = await self._runner.runs.latest(environment.id, Stack.LINK)
        if link is None or link.action is not Action.APPLY or link.state is not RunState.DONE:
            return access
        return replace(access, replication={name: str(link.outputs[output]) for name, output in _REPLICATION.items()})

    async def destroy(self, environment: Environment, receipt: str) -> NotYet | None:
        """Destroy `link` and `event`, given a genuine receipt, and release the host; None if all is destroyed.

        Raises:
            NoReceipt: the receipt is not this environment's, or not genuine; nothing is touched.
            TerraformError: a run failed, or its host is unavailable.

        """
        try:
            self._receipts.check(receipt, environment.id)
        except MarketdayError as error:
            raise NoReceipt(str(error)) from error
        for stack in (Stack.LINK, Stack.EVENT):
            waiting = await self._destroyed(environment, stack)
            if waiting is not None:
                return waiting
        await self._runner.host.release(environment.id)
        await self._sweep.remove_late_logs(environment.id)
        return None

    async def leftovers(self, environment_id: UUID) -> Sequence[str]:
        """Return what still exists of an environment and blocks, found by tags and names; a record has the drop's slug.

        Things that do not block are noted in the record of the run that destroyed the environment.
        """
        latest = await self._runner.runs.latest(environment_id, Stack.EVENT)
        slug = str(latest.variables["drop"]) if latest is not None else None
        found = await self._sweep.leftovers(environment_id, slug)
        if latest is not None and latest.action is Action.DESTROY and latest.state is RunState.DONE:
            await self._note(latest, [each for each in found if not each.blocks])
        blocking = [each for each in found if each.blocks]
        return [str(each) for each in sorted(blocking, key=lambda each: not each.advice)]  # causes first

    async def _note(self, destroyed: Run, remaining: Sequence[Leftover]) -> None:
        """Record what is kept, and until when: by AWS for a while, and in the bucket of the stack `permanent`."""
        folder = f"s3://{self._facts.evidence_bucket}/drops/{environment_name(destroyed.environment_id)}/"
        still = f"; still there, blocks nothing: {'; '.join(map(str, remaining))}" if remaining else ""
        told = f"activity and logs are kept in {folder}{still}"
        if destroyed.detail != told:
            await self._runner.runs.save(destroyed.waiting(told))

    async def _event_variables(self, environment: Environment) -> dict[str, Any]:
        facts = self._facts.made_from(environment.commit) if environment.commit else self._facts
        given = await self._given(environment.id)
        if given is None:
            return event_variables(environment, facts, *await self._new_place(environment))
        return event_variables(environment, facts, IPv4Network(given["vpc_cidr"]), given["edge_place"])

    async def _new_place(self, environment: Environment) -> tuple[IPv4Network, int]:
        """Return a free network and a free place at the edge."""
        others = [one for one in await self._environments.living() if one.id != environment.id]
        stacks = [(one, await self._given(one.id)) for one in others]
        taken = [IPv4Network(given["vpc_cidr"]) for _, given in stacks if given is not None]
        network, place = choose_network(environment.id, self._facts, taken), 0
        if self._facts.edge_key_value_store_arn is not None:
            neighbours = [Neighbour(one, None if given is None else given["edge_place"]) for one, given in stacks]
            place = choose_place(environment, self._facts.hostname, neighbours)
        return network, place

    async def _given(self, environment_id: UUID) -> Mapping[str, Any] | None:
        """Return the variables that an environment's stack was given; None if it was never planned."""
        latest = await self._runner.runs.latest(environment_id, Stack.EVENT)
        return latest.variables if latest is not None else None

    async def _network(self, environment_id: UUID) -> dict[str, Any]:
        """Return the network that we gave to an environment: the mall routes into it, so no output decides it."""
        given = await self._given(environment_id)
        return {"vpc_cidr": given["vpc_cidr"]} if given else {}

    async def _outputs(self, environment_id: UUID) -> Mapping[str, Any]:
        for run in reversed(await self._runner.runs.of_environment(environment_id)):
            if run.stack is not Stack.EVENT or run.action is Action.PLAN:
                continue
            if run.action is Action.APPLY and run.state is RunState.DONE:
                return run.outputs
            break
        raise NotBuilt(f"the stack {Stack.EVENT} of environment {environment_id} does not exist")

    async def _destroyed(self, environment: Environment, stack: Stack) -> NotYet | None:
        try:
            waiting = await self._runner.destroyed(environment.id, stack)
        except RunFailed as error:
            return await self._holders.of(environment.id, stack, error)
        return await self._holders.explained(environment, waiting) if waiting is not None else None

    async def _close(self, environment_id: UUID) -> None:
        try:
            await self._runner.destroyed(environment_id, Stack.LINK)
        except RunFailed as error:  # the notice of the link has what is noted with the run
            await self._holders.of(environment_id, Stack.LINK, error)
            raise

    async def _closes(self, link: Run) -> bool:
        """Whether closing the link has to begin or continue, judged by the newest of its runs."""
        now = self._runner.clock.now()
        if link.action is not Action.DESTROY:
            return datetime.fromisoformat(link.variables["expires_at"]) <= now
        if link.ended_at is None:
            return True
        if link.state is not RunState.FAILED:
            return False
        links = [run for run in await self._runner.runs.of_environment(link.environment_id) if run.stack is Stack.LINK]
        failed = takewhile(lambda run: (run.action, run.state) == (Action.DESTROY, RunState.FAILED), reversed(links))
        doublings = min(len(list(failed)) - 1, _MOST_DOUBLINGS)
        return now - link.ended_at >= min(_CLOSE_AGAIN * (1 << doublings), _CLOSE_AT_LEAST)

    async def _link_until(self, environment_id: UUID) -> datetime:
        """Return until when the link may exist: the moment that it was opened with, or a new one if that has passed."""
        now = self._runner.clock.now().replace(microsecond=0)
        latest = await self._runner.runs.latest(environment_id, Stack.LINK)
        if latest is not None and latest.action is not Action.DESTROY and latest.state is not RunState.FAILED:
            until = datetime.fromisoformat(latest.variables["expires_at"])
            if until > now:
                return until
        return now + LINK_LIFE


def _counted(run: Run) -> str:
    counted = counts(run.changes)
    return f"{counted['add']} to add, {counted['change']} to change, {counted['remove']} to remove"
