"""The controller: moves every living environment through its day, and keeps planes watched over."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Literal
from uuid import UUID

import structlog
from fastapi import FastAPI
from pydantic import Field, SecretStr

from marketday.apps.lifecycle import Lifecycle, ProdSide, open_lifecycle
from marketday.apps.serving import serve
from marketday.environments.local.callers import read_callers
from marketday.environments.local.home import open_home
from marketday.environments.local.mall_plane import revive
from marketday.environments.local.secrets import PlaneSecrets
from marketday.environments.model import Outcome
from marketday.environments.service import EnvironmentService
from marketday.kit.errors import MarketdayError
from marketday.kit.logging import configure
from marketday.kit.settings import ServiceSettings, settings_or_end
from marketday.kit.tasks import rest
from marketday.web.console.planes import LocalPlanes, as_json
from marketday.web.problems import install_problems
from marketday.web.requests import install_requests
from marketday.web.site import site_of

PAUSE_SECONDS = {"local": 1.0, "terraform": 15.0}
_log = structlog.get_logger()


class Settings(ServiceSettings):
    """What the controller reads from its environment."""

    database_url: SecretStr = Field(description="The mall's database.")
    public_url: str = Field(description="The mall's address; the issuer of identities and receipts.")
    signing_key_file: Path = Field(description="The mall's private Ed25519 key, as a JWK.")
    gateway_url: str = Field(description="The payment gateway's address.")
    gateway_key: SecretStr = Field(description="The payment gateway's bearer key.")
    home: Path = Field(description="The folder under which all planes lie.")
    provisioner: Literal["local", "terraform"] = Field(
        default="local", description="How environments are made: here, or on AWS, with the settings of `aws` besides."
    )
    media_folder: Path | None = Field(default=None, description="Product pictures; none: the mall plane's own.")
    pause_seconds: float | None = Field(
        default=None,
        gt=0,
        description="Pause between two rounds; none: 1 here, and 15 on AWS, where reading the records costs money.",
    )

    def prod_side(self) -> ProdSide:
        """Return what the lifecycle needs to know of the mall."""
        home = open_home(self.home)
        return ProdSide(
            home=home,
            database_url=self.database_url.get_secret_value(),
            public_url=self.public_url,
            signing_key_file=self.signing_key_file,
            media_folder=self.media_folder or home.mall.path / "media",
            gateway_url=self.gateway_url,
            gateway_key=self.gateway_key.get_secret_value(),
            callers=read_callers(PlaneSecrets(home.mall.path / "secrets")),
        )


class Rounds:
    """Looks after every environment by itself, so that a slow step of one keeps no other waiting."""

    def __init__(
        self, lifecycle: Lifecycle, revive_planes: Callable[[], Awaitable[list[str]]], *, pause_seconds: float = 1.0
    ) -> None:
        """`revive_planes` brings back dead supervisors, and returns whose they were."""
        self._lifecycle = lifecycle
        self._revive_planes = revive_planes
        self._pause_seconds = pause_seconds
        self._tasks: dict[UUID, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Go round until cancelled; a database that is away is asked again."""
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
            except Exception:  # noqa: BLE001 - the controller outlives whatever one round meets
                _log.exception("round_broke")

    async def _revive(self) -> None:
        for plane in await self._revive_planes():
            _log.warning("supervisor_revived", plane=plane)

    async def _tend(self) -> None:
        self._tasks = {key: task for key, task in self._tasks.items() if not task.done()}
        for environment in await self._lifecycle.store.living():
            if environment.id not in self._tasks:
                self._tasks[environment.id] = asyncio.create_task(tend(self._lifecycle.service, environment.id))


async def tend(service: EnvironmentService, environment_id: UUID) -> None:
    """Keep one environment up, and do its steps until the next one has to wait."""
    for work in (_keep_up, _advance):
        try:
            await work(service, environment_id)
        except MarketdayError as error:
            _log.warning("tending_failed", environment=str(environment_id), problem=error.slug, detail=error.detail)
        except Exception:  # noqa: BLE001 - one environment's trouble is not the others'
            _log.exception("tending_broke", environment=str(environment_id))


async def _keep_up(service: EnvironmentService, environment_id: UUID) -> None:
    for part in await service.keep_up(environment_id):
        _log.warning("part_revived", environment=str(environment_id), part=part)


async def _advance(service: EnvironmentService, environment_id: UUID) -> None:
    while (await service.advance(environment_id)).outcome is Outcome.DONE:
        pass


def _opened(settings: Settings, prod: ProdSide) -> AbstractAsyncContextManager[Lifecycle]:
    if settings.provisioner == "terraform":
        from marketday.apps.aws import OnAws  # noqa: PLC0415 - on one machine nobody waits for AWS' libraries
        from marketday.apps.aws_desk import settings_of_environment  # noqa: PLC0415
        from marketday.apps.aws_prod import open_aws_lifecycle  # noqa: PLC0415

        return open_aws_lifecycle(prod, OnAws(settings_of_environment()))
    return open_lifecycle(prod)


def create_app(settings: Settings) -> FastAPI:
    """Return the controller with its health endpoints; the rounds go on as long as the app does."""
    prod = settings.prod_side()
    local_planes = LocalPlanes(prod.home.root)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with _opened(settings, prod) as lifecycle:
            app.state.lifecycle = lifecycle
            pause_seconds = settings.pause_seconds or PAUSE_SECONDS[settings.provisioner]
            rounds = Rounds(lifecycle, partial(revive, prod.home), pause_seconds=pause_seconds)
            task = asyncio.create_task(rounds.run())
            try:
                yield
            finally:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    app = FastAPI(title="Marketday controller", lifespan=lifespan, openapi_url=None)
    install_problems(app)
    install_requests(app, "controller", site_of(settings))

    @app.get("/readyz")
    async def readyz() -> dict[str, object]:
        living = await app.state.lifecycle.store.living()
        return {"status": "ready", "environments": {str(one.id): one.state for one in living}}

    @app.get("/planes")
    def planes() -> list[dict[str, object]]:
        return as_json(local_planes.all())

    return app


def main() -> None:
    """Go round until told to stop."""
    settings = settings_or_end(Settings)
    configure("controller", settings.log_level, settings.log_format)
    serve(partial(create_app, settings), settings)


if __name__ == "__main__":
    main()
