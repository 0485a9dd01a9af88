"""Closes a drop early: nobody else is let in; people inside may finish, or their reservations are released at once."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from marketday.environments.errors import EnvironmentBusy
from marketday.environments.facts import drop_facts
from marketday.environments.model import RELEASED_EARLY, Environment
from marketday.environments.plane.hand_over import publish_facts
from marketday.environments.plane.reaching import (
    drop_connection,
    move_drop,
    release_portion,
    released_since,
    time_of,
    translated,
)
from marketday.environments.ports import Access, EnvironmentStore, Provisioner, Released
from marketday.kit.clock import Clock

_MOST_PORTIONS = 2_000


class PlaneClosing:
    """Closes drops on their environments' servers and in the records. Implements `environments.ports.Closing`."""

    def __init__(self, store: EnvironmentStore, provisioner: Provisioner, clock: Clock) -> None:
        """Reach environments with `provisioner`, and record in `store` what was done."""
        self._store = store
        self._provisioner = provisioner
        self._clock = clock

    async def close(self, environment_id: UUID) -> Environment:
        """Close an opened environment's drop now, first for shoppers and then in the records; repeating it is safe.

        Raises:
            EnvironmentBusy: another process is doing a step of it; try again.
            RecordsUnavailable, RoomUnavailable: a server does not answer; try again.
            NotBuilt: the environment has no servers.

        """
        now = self._clock.now()
        async with self._store.lock(environment_id) as mine:
            environment = await self._held(environment_id, mine=mine)
            if environment.schedule.closes_at <= now and environment.schedule.destroy_at <= now:
                return environment
            closing = environment.closing_at(now)
            if environment.schedule.closes_at > now:
                await close_for_shoppers(closing, await self._provisioner.access(environment))
            return await self._store.save(closing, None)

    async def release_held(self, environment_id: UUID, by: str) -> Released:
        """Release the held, unpaid reservations of a closed drop; record for the receipt who did it.

        A payment under way is settled as usual. A repeated call releases what was held since; the result counts all
        releases since the first call. Raises the same errors as `close`.
        """
        async with self._store.lock(environment_id) as mine:
            environment = await self._held(environment_id, mine=mine)
            access = await self._provisioner.access(environment)
            with translated():
                async with drop_connection(access) as drop:
                    environment, since = await self._intend(environment, drop, by)
                    last: UUID | None = UUID(int=0)
                    for _ in range(_MOST_PORTIONS):  # a limit, in case that database gives wrong answers
                        if last is not None:
                            last = await release_portion(drop, environment.drop_slug, last)
                    released = Released(*await released_since(drop, environment.drop_slug, since))
            told = {**_early(environment), "reservations": released.reservations, "units": released.units}
            if told != _early(environment):
                await self._store.save(_noting(environment, told), None)
            return released

    async def _held(self, environment_id: UUID, *, mine: bool) -> Environment:
        environment = await self._store.get(environment_id)
        if not mine:
            raise EnvironmentBusy(f"environment {environment_id} is in the middle of a step; try again in a moment")
        return environment

    async def _intend(self, environment: Environment, drop: Any, by: str) -> tuple[Environment, datetime]:
        """Record the release and its moment before doing it, so that the record is right even after a kill."""
        told = _early(environment)
        if not told:
            told = {"at": (await time_of(drop)).isoformat(), "by": by, "reservations": 0, "units": 0}
            environment = await self._store.save(_noting(environment, told), None)
        return environment, datetime.fromisoformat(told["at"])


async def close_for_shoppers(environment: Environment, access: Access) -> None:
    """Move the closing of a drop, in its database and then in its room, to what the schedule says."""
    facts = drop_facts(environment.definition, environment.schedule)
    with translated():
        async with drop_connection(access) as drop:
            await move_drop(drop, facts)
    await publish_facts(access, facts, bytes.fromhex(environment.outputs["commitment"]))


def _early(environment: Environment) -> dict[str, Any]:
    return dict(json.loads(environment.outputs.get(RELEASED_EARLY, "{}")))


def _noting(environment: Environment, told: dict[str, Any]) -> Environment:
    return replace(environment, outputs={**environment.outputs, RELEASED_EARLY: json.dumps(told)})
