"""The console: the operator's live view of the day. On the prod side; it writes nothing."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import uvicorn
from fastapi import FastAPI
from pydantic import Field, SecretStr

from marketday.kit.clock import SystemClock
from marketday.kit.database import make_pool
from marketday.kit.logging import configure
from marketday.kit.settings import ServiceSettings
from marketday.web.console.collector import Collector
from marketday.web.console.http import HttpServices
from marketday.web.console.planes import LocalPlanes
from marketday.web.console.postgres import PostgresRuns
from marketday.web.console.routes import router
from marketday.web.openapi import NO_API_PAGES
from marketday.web.pages import HOME_ZONE, Pages
from marketday.web.problems import install_problems
from marketday.web.requests import install_requests


class Settings(ServiceSettings):
    """What the console reads from its environment."""

    database_url: SecretStr = Field(description="The mall's database; the console only reads.")
    planes: Path | None = Field(
        default=None, description="Folder of the planes on this machine; without it no process is shown."
    )
    zone: str = Field(default=HOME_ZONE, description="Time zone that is shown where there is no drop.")


def create_app(settings: Settings) -> FastAPI:
    """Return the console; its collector looks at the day once a second for as long as the app lives."""
    pages = Pages("console", zone=settings.zone)
    planes = LocalPlanes(settings.planes)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # No connection is opened now: the console shows a mall whose database is down, too.
        pool = make_pool(settings.database_url.get_secret_value(), max_size=2, application="console")
        async with pool, aiohttp.ClientSession(trust_env=False) as session:
            collector = Collector(PostgresRuns(pool), HttpServices(session), planes, SystemClock())
            app.include_router(router(collector, pages))
            looking = asyncio.create_task(collector.run())
            try:
                yield
            finally:
                looking.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await looking

    app = FastAPI(title="Marketday console", lifespan=lifespan, **NO_API_PAGES)
    install_problems(app, pages)
    install_requests(app, "console")
    pages.mount(app)
    return app


def main() -> None:
    """Serve until told to stop."""
    settings = Settings()
    configure("console", settings.log_level, settings.log_format)
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=2,
    )


if __name__ == "__main__":
    main()
