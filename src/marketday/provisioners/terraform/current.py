"""A provisioner that reads its facts again: the stacks `permanent` and `prod` may change while a controller runs.

If the facts cannot be read, the step that needs them fails, and people are notified of that.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from marketday.environments.model import Environment
from marketday.environments.ports import Access, Health, NotYet, Provisioner
from marketday.kit.clock import Clock

READ_AGAIN = timedelta(minutes=1)


class CurrentProvisioner:
    """A `Provisioner` that is made when it is needed, and made again after a minute."""

    def __init__(self, make: Callable[[], Awaitable[Provisioner]], clock: Clock) -> None:
        """Work with what `make` returns; if `make` raises an error, each call raises it."""
        self._make = make
        self._clock = clock
        self._made: tuple[Provisioner, datetime] | None = None

    async def plan(self, environment: Environment) -> Sequence[str]:
        """Return what `apply` would make."""
        return await (await self._current()).plan(environment)

    async def apply(self, environment: Environment) -> Mapping[str, str] | NotYet:
        """Make all of it run."""
        return await (await self._current()).apply(environment)

    async def open_link(self, environment: Environment) -> NotYet | None:
        """Open the path to the environment's databases."""
        return await (await self._current()).open_link(environment)

    async def close_link(self, environment: Environment) -> None:
        """Begin to close the path to the databases."""
        await (await self._current()).close_link(environment)

    async def keep_up(self, environment: Environment) -> Sequence[str]:
        """Start again what should run and does not."""
        return await (await self._current()).keep_up(environment)

    async def health(self, environment: Environment) -> Sequence[Health]:
        """Return the health of each part."""
        return await (await self._current()).health(environment)

    async def access(self, environment: Environment) -> Access:
        """Return how to reach the servers."""
        return await (await self._current()).access(environment)

    async def destroy(self, environment: Environment, receipt: str) -> NotYet | None:
        """Remove everything, given a genuine receipt."""
        return await (await self._current()).destroy(environment, receipt)

    async def leftovers(self, environment_id: UUID) -> Sequence[str]:
        """Return what still exists."""
        return await (await self._current()).leftovers(environment_id)

    async def _current(self) -> Provisioner:
        now = self._clock.now()
        if self._made is None or now >= self._made[1] + READ_AGAIN:
            self._made = await self._make(), now
        return self._made[0]
