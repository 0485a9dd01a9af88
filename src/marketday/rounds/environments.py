"""The controller's rounds: they do the next step of every environment that exists, and keep its planes running."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import structlog

from marketday.environments.model import Outcome
from marketday.environments.ports import EnvironmentStore
from marketday.environments.service import EnvironmentService
from marketday.kit.errors import MarketdayError
from marketday.kit.tasks import rest

_log = structlog.get_logger()


class EnvironmentRounds:
    """Works on each environment separately, so that a slow step of one does not delay the others."""

    def __init__(
        self,
        store: EnvironmentStore,
        service: EnvironmentService,
        revive_planes: Callable[[], Awaitable[list[str]]],
        pause_seconds: float,
    ) -> None:
        """`revive_planes` restarts supervisors that have ended, and returns the names of their planes."""
        self._store = store
        self._service = service
        self._revive_planes = revive_planes
        self._pause_seconds = pause_seconds
        self._tasks: dict[UUID, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Loop until cancelled; if a database does not answer, the next round tries again."""
        try:
            while True:
                await self._round()
                await rest(self._pause_seconds)
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _round(self) -> None:
        for part in (self._revive, self._tend):
            try:
                await part()
            except MarketdayError as error:
                _log.warning("round_failed", problem=error.slug, detail=error.detail)
            except Exception:  # noqa: BLE001 - no error of a round ends the controller
                _log.exception("round_broke")

    async def _revive(self) -> None:
        for plane in await self._revive_planes():
            _log.warning("supervisor_revived", plane=plane)

    async def _tend(self) -> None:
        self._tasks = {key: task for key, task in self._tasks.items() if not task.done()}
        for environment in await self._store.living():
            if environment.id not in self._tasks:
                self._tasks[environment.id] = asyncio.create_task(tend(self._service, environment.id))


async def tend(service: EnvironmentService, environment_id: UUID) -> None:
    """Keep one environment up, and do its steps until the next one has to wait."""
    for work in (_keep_up, _advance):
        try:
            await work(service, environment_id)
        except MarketdayError as error:
            _log.warning("tending_failed", environment=str(environment_id), problem=error.slug, detail=error.detail)
        except Exception:  # noqa: BLE001 - an error of one environment does not stop the others
            _log.exception("tending_broke", environment=str(environment_id))


async def _keep_up(service: EnvironmentService, environment_id: UUID) -> None:
    for part in await service.keep_up(environment_id):
        _log.warning("part_revived", environment=str(environment_id), part=part)


async def _advance(service: EnvironmentService, environment_id: UUID) -> None:
    while (await service.advance(environment_id)).outcome is Outcome.DONE:
        pass
