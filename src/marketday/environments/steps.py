"""What each step of the lifecycle does with the ports. Every step can be repeated."""

from datetime import datetime

from marketday.environments.errors import LeftBehind, NoReceipt, NotBuilt
from marketday.environments.model import Environment, Step
from marketday.environments.ports import Access, Done, Drain, HandBack, HandOver, NotYet, Provisioner, Smoke
from marketday.kit.text import counted

_LINKED = frozenset({Step.HAND_OVER, Step.SMOKE, Step.WINDOW, Step.DRAIN, Step.HAND_BACK})
_CLOSING = frozenset({Step.SMOKE, Step.WINDOW, Step.HAND_BACK})  # the steps after these need no link for a while


class Steps:
    """Does the steps, with one adapter for each port."""

    def __init__(
        self, provisioner: Provisioner, hand_over: HandOver, smoke: Smoke, drain: Drain, hand_back: HandBack
    ) -> None:
        """Use these adapters."""
        self._provisioner = provisioner
        self._hand_over = hand_over
        self._smoke = smoke
        self._drain = drain
        self._hand_back = hand_back

    async def do(self, step: Step, environment: Environment, now: datetime) -> Done | NotYet:
        """Do `step`, or return what it waits for. The link to the databases is open while a step needs it.

        Raises:
            Exception: any failure; the cause of a Permanent one does not end by itself.

        """
        if _needs_link(step, environment):
            waiting = await self._provisioner.open_link(environment)
            if waiting is not None:
                return waiting
        result = await self._do(step, environment, now)
        if step in _CLOSING and isinstance(result, Done):
            await self._provisioner.close_link(environment)
        return result

    async def _do(self, step: Step, environment: Environment, now: datetime) -> Done | NotYet:  # noqa: PLR0911 - one case for each step
        match step:
            case Step.PROVISION:
                outputs = await self._provisioner.apply(environment)
                return outputs if isinstance(outputs, NotYet) else Done(outputs.get("public_url", ""), outputs)
            case Step.HAND_OVER:
                return await self._hand_over.hand_over(environment, await self._provisioner.access(environment))
            case Step.SMOKE:
                return await self._walk_and_publish(environment, await self._provisioner.access(environment))
            case Step.OPEN:
                # The room opens by its own clock, without a controller; this only records that it opened.
                return Done("the waiting room is open")
            case Step.WINDOW:
                return await self._hand_back.window(environment, await self._provisioner.access(environment))
            case Step.DRAIN:
                return await self._close_and_drain(environment, await self._provisioner.access(environment), now)
            case Step.HAND_BACK:
                return await self._hand_back_or_give_up(environment, now)
            case Step.DESTROY:
                return await self._destroy(environment)

    async def _walk_and_publish(self, environment: Environment, access: Access) -> Done:
        """Publish the room after the smoke test. Then it opens by its own clock: only a no-go before this stops it."""
        walked = await self._smoke.walk(environment, access)
        await self._hand_over.publish(environment, access)
        return walked

    async def _close_and_drain(self, environment: Environment, access: Access, now: datetime) -> Done | NotYet:
        """Close the drop first if an operator has asked for it before its time, which the caller has to record."""
        if environment.to_close and now < environment.schedule.closes_at:
            await self._drain.close(environment.closing_at(now), access)
            return NotYet("the drop is closed before its time", closed_at=now)
        return await self._drain.drain(environment, access)

    async def receipt(self, environment: Environment) -> str | None:
        """Return the environment's receipt, if there is one."""
        return await self._hand_back.receipt(environment.id)

    async def _hand_back_or_give_up(self, environment: Environment, now: datetime) -> Done | NotYet:
        if environment.opened:
            return await self._hand_back.hand_back(environment, await self._provisioner.access(environment))
        access = await self._access_if_any(environment)
        may_stand = access is not None or now >= environment.schedule.room_opens_at
        must_look = Step.HAND_OVER in environment.done and may_stand
        # A published room opens by its own clock. So first the store stops selling, then the room stops admitting
        # people, and only then the units are returned: even with kills and retries no unit is sold twice.
        await self._hand_back.close_drop(environment, access, must_look=must_look)
        if access is not None and must_look:
            await self._hand_over.close_room(environment, access, now)
        return await self._hand_back.never_opened(environment, access, must_look=must_look)

    async def _access_if_any(self, environment: Environment) -> Access | None:
        try:
            return await self._provisioner.access(environment)
        except NotBuilt:
            return None

    async def _destroy(self, environment: Environment) -> Done | NotYet:
        receipt = await self._hand_back.receipt(environment.id)
        if receipt is None:
            raise NoReceipt(f"environment {environment.id} has no receipt; expected one from its hand-back")
        waiting = await self._provisioner.destroy(environment, receipt)
        if waiting is not None:
            return waiting
        left = await self._provisioner.leftovers(environment.id)
        if left:
            listed = "".join(f"\n- {each}" for each in left)
            raise LeftBehind(f"{counted(len(left), 'thing')} left after destroying, expected none:{listed}")
        return Done("nothing is left")


def _needs_link(step: Step, environment: Environment) -> bool:
    """Whether `step` needs the databases. Without lent units there is nothing to sell, so giving up needs no link."""
    if step is Step.HAND_BACK and Step.HAND_OVER not in environment.done:
        return False
    return step in _LINKED and Step.PROVISION in environment.done
