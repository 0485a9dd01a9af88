"""The payment gateway's sandbox as its own process with its own database file: it plays another company."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from fastapi import FastAPI
from pydantic import Field, SecretStr

from marketday.apps.serving import serve
from marketday.kit.logging import configure
from marketday.kit.settings import ServiceSettings, WebUrl, settings_or_end
from marketday.payments.sqlite import SqliteLedger
from marketday.web.openapi import NO_API_PAGES
from marketday.web.problems import install_problems
from marketday.web.requests import NO_TELEMETRY, install_requests
from marketday.web.sandbox import SandboxDesk, hot_sandbox, install_sandbox
from marketday.web.site import site_of


class Settings(ServiceSettings):
    """The sandbox's settings, from environment variables."""

    database_file: Path = Field(description="The SQLite file of the ledger; it is made if it is missing.")
    gateway_key: SecretStr = Field(min_length=16, description="The bearer key that clients have to send.")
    public_url: WebUrl | None = Field(
        default=None, description="The address by which clients know it; by default its own host and port."
    )
    late_seconds: float = Field(
        default=4.0, gt=0, le=60, description="How long the cards card_late and card_timeout let the client wait."
    )


def create_app(settings: Settings) -> FastAPI:
    """Return the sandbox; its ledger is opened now and closed when the process ends."""
    ledger = SqliteLedger(settings.database_file)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        ledger.close()

    app = FastAPI(title="Payment gateway sandbox", lifespan=lifespan, **NO_API_PAGES, **NO_TELEMETRY)
    install_problems(app)
    desk = SandboxDesk(ledger, key=settings.gateway_key.get_secret_value(), late_seconds=settings.late_seconds)
    install_requests(app, "sandbox", site_of(settings, settings.public_url or ""), hot=hot_sandbox(desk))
    install_sandbox(app, desk)

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> dict[str, str]:
        await ledger.lines("readyz")
        return {"status": "ready"}

    return app


def main() -> None:
    """Serve until stopped."""
    settings = settings_or_end(Settings)
    configure("sandbox", settings.log_level, settings.log_format)
    serve(partial(create_app, settings), settings)


if __name__ == "__main__":
    main()
