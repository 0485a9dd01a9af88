"""Bringing a drop's end forward: whoever is being served is served, nobody new is, and the orders come home."""

from datetime import datetime
from uuid import UUID

from marketday.environments.errors import EnvironmentBusy
from marketday.environments.hand_over import drop_facts, publish
from marketday.environments.model import Environment
from marketday.environments.ports import EnvironmentStore, Provisioner
from marketday.environments.reaching import drop_connection, move_drop, translated


async def close_drop(
    store: EnvironmentStore, provisioner: Provisioner, environment_id: UUID, now: datetime
) -> Environment:
    """Close an opened environment's drop at `now`, first for shoppers and then on record; repeating it is safe.

    Raises:
        EnvironmentBusy: another hand is doing a step of it; try again.
        RecordsUnavailable, RoomUnavailable: a server does not answer; try again.
        NotBuilt: it has no servers.

    """
    async with store.lock(environment_id) as mine:
        environment = await store.get(environment_id)
        if not mine:
            raise EnvironmentBusy(f"environment {environment_id} is in the middle of a step; try again in a moment")
        if environment.schedule.closes_at <= now and environment.schedule.destroy_at <= now:
            return environment
        closing = environment.closing_at(now)
        if environment.schedule.closes_at > now:
            access = await provisioner.access(environment)
            facts = drop_facts(closing.definition, closing.schedule)
            with translated():
                async with drop_connection(access) as drop:
                    await move_drop(drop, facts)
            await publish(access, facts, bytes.fromhex(environment.outputs["commitment"]))
        return await store.save(closing, None)
