"""The controller: moves every environment through its day until it is destroyed, and keeps supervisors running."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Literal

import structlog
from fastapi import FastAPI
from pydantic import Field, SecretStr, field_validator

from marketday.apps.local_lifecycle import Lifecycle, ProdSide, open_lifecycle
from marketday.apps.serving import serve
from marketday.kit.extras import NotInstalled, extra
from marketday.kit.logging import configure
from marketday.kit.settings import ServiceSettings, settings_or_end
from marketday.provisioners.local.callers import read_callers
from marketday.provisioners.local.home import open_home
from marketday.provisioners.local.mall_plane import revive
from marketday.provisioners.local.secrets import PlaneSecrets
from marketday.rounds.environments import EnvironmentRounds
from marketday.web.console.planes import LocalPlanes, as_json
from marketday.web.problems import install_problems
from marketday.web.requests import install_requests
from marketday.web.site import site_of

PAUSE_SECONDS = {"local": 1.0, "terraform": 15.0}
_log = structlog.get_logger()


class Settings(ServiceSettings):
    """The controller's settings, from environment variables."""

    database_url: SecretStr = Field(description="The mall's database.")
    public_url: str = Field(description="The mall's address; the issuer of identities and receipts.")
    signing_key_file: Path = Field(description="The mall's private key: RSA or Ed25519, as a JWK.")
    gateway_url: str = Field(description="The payment gateway's address.")
    gateway_key: SecretStr = Field(description="The payment gateway's bearer key.")
    home: Path = Field(description="The folder with all planes.")
    provisioner: Literal["local", "terraform"] = Field(
        default="local",
        description="Where environments are made: here, or on AWS, which also needs the settings of `aws`.",
    )
    media_folder: Path | None = Field(
        default=None, description="Folder of product pictures; by default the mall plane's."
    )
    pause_seconds: float | None = Field(
        default=None,
        gt=0,
        description="Pause between two rounds; by default 1 here and 15 on AWS, where reading the records costs money.",
    )

    @field_validator("provisioner")
    @classmethod
    def _is_installed(cls, value: str) -> str:
        if value == "terraform":
            try:
                with extra("aws"):
                    import_module("marketday.apps.aws_lifecycle")
            except NotInstalled as error:
                raise ValueError(error.detail) from None
        return value

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


def _opened(settings: Settings, prod: ProdSide) -> AbstractAsyncContextManager[Lifecycle]:
    if settings.provisioner == "terraform":
        from marketday.apps.aws import OnAws  # noqa: PLC0415 - on one machine nobody waits for AWS' libraries
        from marketday.apps.aws_desk import settings_of_environment  # noqa: PLC0415
        from marketday.apps.aws_lifecycle import open_aws_lifecycle  # noqa: PLC0415

        return open_aws_lifecycle(prod, OnAws(settings_of_environment()))
    return open_lifecycle(prod)


def create_app(settings: Settings) -> FastAPI:
    """Return the controller with its health endpoints; the rounds continue for as long as the app runs."""
    prod = settings.prod_side()
    local_planes = LocalPlanes(prod.home.root)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with _opened(settings, prod) as lifecycle:
            app.state.lifecycle = lifecycle
            pause_seconds = settings.pause_seconds or PAUSE_SECONDS[settings.provisioner]
            rounds = EnvironmentRounds(lifecycle.store, lifecycle.service, partial(revive, prod.home), pause_seconds)
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
    """Run until stopped."""
    settings = settings_or_end(Settings)
    configure("controller", settings.log_level, settings.log_format)
    serve(partial(create_app, settings), settings)


if __name__ == "__main__":
    main()
