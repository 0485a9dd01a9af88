"""The controller: moves every environment through its day until it is destroyed, and keeps supervisors running."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import structlog
from fastapi import FastAPI
from pydantic import Field, SecretStr, ValidationInfo, field_validator

from marketday.apps.local_lifecycle import Lifecycle, MallSide, ProdSide, open_lifecycle
from marketday.apps.serving import serve
from marketday.apps.signing import check_signing_key
from marketday.kit.extras import NotInstalled, extra
from marketday.kit.languages import StaffLanguage
from marketday.kit.logging import configure
from marketday.kit.settings import DatabaseUrl, ServiceSettings, WebUrl, end, settings_or_end
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

    database_url: DatabaseUrl = Field(description="The mall's database.")
    public_url: WebUrl = Field(description="The mall's address; the issuer of identities and receipts.")
    signing_key_file: Path = Field(description="The mall's private key: RSA or Ed25519, as a JWK.")
    gateway_url: WebUrl = Field(description="The payment gateway's address.")
    gateway_key: SecretStr = Field(description="The payment gateway's bearer key.")
    provisioner: Literal["local", "terraform"] = Field(
        default="local",
        description="Where environments are made: here, or on AWS, which also needs the settings of `aws`.",
    )
    home: Path | None = Field(
        default=None,
        validate_default=True,
        description="The folder with all planes on this machine; on AWS there is none, and nothing is written.",
    )
    media_folder: Path | None = Field(
        default=None,
        description="Folder of product pictures; by default the mall plane's, and on AWS none: pictures come by URL.",
    )
    slack_webhook: SecretStr = Field(
        default=SecretStr(""),
        description="Address of an incoming webhook of Slack for notices; without one they are lines of the log. "
        "On AWS `slack_secret` names it.",
    )
    language: StaffLanguage = Field(default=StaffLanguage.KO, description="Language of notices.")
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

    @field_validator("home")
    @classmethod
    def _is_named_here(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if value is None and info.data.get("provisioner") == "local":
            raise ValueError("expected the folder with all planes, because environments are made on this machine")
        return value

    def mall_side(self) -> dict[str, Any]:
        """Return what the lifecycle needs to know of the mall, wherever it runs."""
        return {
            "database_url": self.database_url.get_secret_value(),
            "public_url": self.public_url,
            "signing_key_file": self.signing_key_file,
            "gateway_url": self.gateway_url,
            "gateway_key": self.gateway_key.get_secret_value(),
            "slack_webhook": self.slack_webhook.get_secret_value(),
            "language": self.language,
        }


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the environments are made: the lifecycle, and the planes whose processes have to be kept running."""

    lifecycle: AbstractAsyncContextManager[Lifecycle]
    revive_planes: Callable[[], Awaitable[list[str]]]
    planes: LocalPlanes


def _here(settings: Settings) -> _Place:
    assert settings.home is not None  # noqa: S101 - validated
    home = open_home(settings.home)
    prod = ProdSide(
        **settings.mall_side(),
        media_folder=settings.media_folder or home.mall.path / "media",
        home=home,
        callers=read_callers(PlaneSecrets(home.mall.path / "secrets")),
    )
    return _Place(open_lifecycle(prod), partial(revive, home), LocalPlanes(home.root))


def _on_aws(settings: Settings) -> _Place:
    """Return the place without any folder of this machine: a container's root is read-only and ends with it."""
    from marketday.apps.aws import OnAws  # noqa: PLC0415 - on one machine nobody waits for AWS' libraries
    from marketday.apps.aws_desk import NotConfigured, settings_of_environment  # noqa: PLC0415
    from marketday.apps.aws_lifecycle import open_aws_lifecycle  # noqa: PLC0415

    async def nothing() -> list[str]:
        return []

    try:
        on_aws = OnAws(settings_of_environment())
    except NotConfigured as error:
        end(f"settings: {error.detail}")
    prod = MallSide(**settings.mall_side(), media_folder=settings.media_folder)
    return _Place(open_aws_lifecycle(prod, on_aws), nothing, LocalPlanes(None))


def create_app(settings: Settings) -> FastAPI:
    """Return the controller with its health endpoints; the rounds continue for as long as the app runs."""
    place = _here(settings) if settings.provisioner == "local" else _on_aws(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with place.lifecycle as lifecycle:
            app.state.lifecycle = lifecycle
            pause_seconds = settings.pause_seconds or PAUSE_SECONDS[settings.provisioner]
            rounds = EnvironmentRounds(lifecycle.store, lifecycle.service, place.revive_planes, pause_seconds)
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
        return as_json(place.planes.all())

    return app


def main() -> None:
    """Run until stopped."""
    settings = settings_or_end(Settings)
    check_signing_key(settings.signing_key_file)
    configure("controller", settings.log_level, settings.log_format)
    serve(partial(create_app, settings), settings)


if __name__ == "__main__":
    main()
