"""Ends an environment whose servers are lost for good: the money goes back to shoppers, and the units to the mall."""

from typing import Protocol
from uuid import UUID

from marketday.environments.errors import CannotWriteOff, EnvironmentBusy
from marketday.environments.model import Environment, Outcome, State, Step, StepRecord
from marketday.environments.ports import Done, EnvironmentStore, Provisioner
from marketday.kit.clock import Clock

_CREDENTIAL = "payment key of "  # the gateway's, which outlives the servers


class WriteOff(Protocol):
    """What gives money and units back."""

    async def write_off(self, environment: Environment, by: str) -> Done:
        """Give all of it back, and write the receipt; repeating it changes nothing."""
        ...


class WritingOff:
    """Writes environments off."""

    def __init__(self, store: EnvironmentStore, provisioner: Provisioner, hand_back: WriteOff, clock: Clock) -> None:
        """Use these adapters."""
        self._store = store
        self._provisioner = provisioner
        self._hand_back = hand_back
        self._clock = clock

    async def write_off(self, environment_id: UUID, by: str) -> Environment:
        """Write an environment off of which nothing is left; the controller then removes what is on record of it.

        Every payment of its own key is released or refunded. An order that somebody was told of is gone: only the
        lost servers knew it. `by` names who decided this, for the receipt.

        Raises:
            CannotWriteOff: something of it still exists, it was never built, or it has a receipt.
            EnvironmentBusy: another process is doing a step of it.
            HandBackError: the gateway does not answer; try again.

        """
        async with self._store.lock(environment_id) as mine:
            environment = await self._store.get(environment_id)
            if not mine:
                raise EnvironmentBusy(f"environment {environment_id} is in the middle of a step; try again in a moment")
            await self._refuse(environment)
            done = await self._hand_back.write_off(environment, by)
            now = self._clock.now()
            record = StepRecord(Step.HAND_BACK, Outcome.DONE, done.detail, now)
            return await self._store.save(environment.written_off(done.outputs, now), record)

    async def _refuse(self, environment: Environment) -> None:
        name = f"environment {environment.id}"
        if Step.HAND_BACK in environment.done or environment.state in {State.DESTROYING, State.DESTROYED}:
            raise CannotWriteOff(f"{name} is {environment.state} and has its receipt; expected one without")
        if Step.PROVISION not in environment.done:
            raise CannotWriteOff(f"{name} was never built; `marketday env destroy {environment.id}` ends it")
        left = await self._provisioner.leftovers(environment.id)
        if standing := [each for each in left if not each.startswith(_CREDENTIAL)]:
            raise CannotWriteOff(
                f"{name} still has {standing[0]}; expected nothing of it: as long as its database may come back, "
                "it has to be handed back"
            )
