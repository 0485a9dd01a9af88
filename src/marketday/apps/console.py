"""The console: the operator's live view of the day, on the prod side. It changes only sessions in the mall."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import partial

import aiohttp
from fastapi import FastAPI
from pydantic import Field

from marketday.accounts.passwords import Passwords
from marketday.accounts.postgres import PostgresAccountStore
from marketday.accounts.service import Accounts
from marketday.accounts.valkey import ValkeySignInBrake
from marketday.apps.serving import serve
from marketday.kit.clock import SystemClock
from marketday.kit.database import make_pool
from marketday.kit.logging import configure
from marketday.kit.settings import DatabaseUrl, ServiceSettings, ValkeyUrl, WebUrl, settings_or_end
from marketday.kit.valkey import connect
from marketday.web.console.collector import Collector
from marketday.web.console.door import Door, Guard
from marketday.web.console.http import ControllerPlanes, HttpServices
from marketday.web.console.postgres import PostgresRuns
from marketday.web.console.routes import router
from marketday.web.console.sign_in import sign_in_pages
from marketday.web.files import mount_files
from marketday.web.openapi import NO_API_PAGES
from marketday.web.pages import HOME_ZONE, Pages
from marketday.web.problems import install_problems
from marketday.web.requests import install_requests
from marketday.web.sessions import SignInCookies
from marketday.web.site import site_of


class Settings(ServiceSettings):
    """The console's settings, from environment variables."""

    database_url: DatabaseUrl = Field(description="The mall's database; the console writes only sessions.")
    valkey_url: ValkeyUrl = Field(description="The mall's Valkey, where failed sign-ins are counted.")
    public_url: WebUrl = Field(description="The console's own address.")
    planes_url: WebUrl | None = Field(
        default=None,
        description="The controller's address, to show the planes on this machine; without it, no process is shown.",
    )
    zone: str = Field(default=HOME_ZONE, description="Time zone to show if there is no drop.")


def create_app(settings: Settings) -> FastAPI:
    """Return the console; its collector looks at the day for as long as the app runs."""
    pages = Pages("console", zone=settings.zone, viewer=None)
    planes = ControllerPlanes(settings.planes_url)
    # No connection is opened now: the console also has to show a mall whose database does not run.
    pool = make_pool(settings.database_url.get_secret_value(), max_size=4, application="console")
    valkey = connect(settings.valkey_url.get_secret_value(), tries=0)
    passwords, clock = Passwords(threads=1), SystemClock()
    accounts = Accounts(PostgresAccountStore(pool), passwords, ValkeySignInBrake(valkey), clock)
    site = site_of(settings, settings.public_url)
    door = Door(accounts, SignInCookies(secure=site.scheme == "https"), clock)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with pool, aiohttp.ClientSession(trust_env=False) as session:
            collector = Collector(PostgresRuns(pool), HttpServices(session), planes, clock)
            app.include_router(router(collector, pages, door))
            looking = asyncio.create_task(collector.run())
            try:
                yield
            finally:
                looking.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await looking
                await valkey.aclose()
                passwords.close()

    app = FastAPI(title="Marketday console", lifespan=lifespan, **NO_API_PAGES)
    install_problems(app, pages)
    app.add_middleware(Guard, door=door)
    install_requests(app, "console", site)
    mount_files(app)
    app.include_router(sign_in_pages(door, pages))
    return app


def main() -> None:
    """Serve until stopped."""
    settings = settings_or_end(Settings)
    configure("console", settings.log_level, settings.log_format)
    serve(partial(create_app, settings), settings, ending_seconds=2)


if __name__ == "__main__":
    main()
