"""The worker: publishes the draw, moves the serving number, publishes the stock, expires, settles, relays, records."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

from fastapi import FastAPI
from pydantic import Field, SecretStr

from marketday.apps.payment_gateway import open_gateway
from marketday.apps.serving import serve
from marketday.drops.postgres.store import PostgresDropStore
from marketday.drops.settlement import Settlement
from marketday.kit.certificates import AUTHORITIES, with_authorities
from marketday.kit.clock import SystemClock
from marketday.kit.database import make_pool
from marketday.kit.logging import configure
from marketday.kit.server_clock import ServerClock
from marketday.kit.settings import DatabaseUrl, ServiceSettings, ValkeyUrl, WebUrl, settings_or_end
from marketday.kit.valkey import connect
from marketday.rounds.drops import DropRounds, loops_of, recording_loop
from marketday.rounds.http import StorePace
from marketday.rounds.loops import keep_turning
from marketday.rounds.postgres import WorkerLock
from marketday.waitingroom.postgres import PostgresDrawLedger
from marketday.waitingroom.recent import RecentDraws
from marketday.waitingroom.recording.postgres import PostgresRegister
from marketday.waitingroom.recording.service import RoomRecorder
from marketday.waitingroom.recording.valkey import ValkeyLog
from marketday.waitingroom.valkey import ValkeyRooms
from marketday.web.problems import install_problems
from marketday.web.requests import install_requests
from marketday.web.site import site_of


class Settings(ServiceSettings):
    """The worker's settings, from environment variables."""

    database_url: DatabaseUrl = Field(description="The drop database, as the role `worker`.")
    database_ca: str | None = Field(default=None, description=AUTHORITIES)
    valkey_url: ValkeyUrl = Field(description="The event plane's Valkey, redis://:password@host:port/0.")
    gateway_url: WebUrl = Field(description="The payment gateway's address.")
    gateway_key: SecretStr = Field(description="This environment's key to the payment gateway.")
    store_urls: str = Field(
        default="",
        description="The own addresses of the store's processes, separated by commas, to measure how slow it is; "
        "without any, nothing is measured.",
    )


def create_app(settings: Settings) -> FastAPI:
    """Return the worker with its health endpoints; the loops run for as long as the app runs."""
    database_url = with_authorities(settings.database_url.get_secret_value(), settings.database_ca)
    pool = make_pool(database_url, max_size=8, application="worker")
    valkey_url = settings.valkey_url.get_secret_value()
    client = connect(valkey_url, connections=16)
    gateway = open_gateway(settings.gateway_url, settings.gateway_key.get_secret_value())
    rooms = ValkeyRooms(client)
    store = PostgresDropStore(pool)
    pace = StorePace([url.strip().rstrip("/") for url in settings.store_urls.split(",") if url.strip()])
    clock = ServerClock(SystemClock(), rooms.server_time)
    ledger = RecentDraws(PostgresDrawLedger(pool), clock)
    log_client = connect(valkey_url, connections=2, tries=0)  # see `ValkeyLog`
    rounds = DropRounds(rooms, ledger, store, Settlement(store, gateway), pace, clock)
    recorder = RoomRecorder(rooms, ValkeyLog(log_client), PostgresRegister(pool), clock)
    loops = [*loops_of(rounds), recording_loop(recorder)]
    lock = WorkerLock(database_url)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with pool, gateway, clock.kept():
            task = asyncio.create_task(lock.act_alone(lambda: keep_turning(loops)))
            try:
                yield
            finally:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
                await pace.close()
                await client.aclose()
                await log_client.aclose()

    app = FastAPI(title="Marketday worker", lifespan=lifespan, openapi_url=None)
    install_problems(app)
    install_requests(app, "worker", site_of(settings))

    @app.get("/readyz")
    async def readyz() -> dict[str, object]:
        await rooms.ping()
        await store.ping()
        ages = {loop.name: round(loop.age(), 2) for loop in loops}
        return {"status": "ready", "acting": lock.acting, "seconds_since_success": ages}

    return app


def main() -> None:
    """Work until stopped."""
    settings = settings_or_end(Settings)
    configure("worker", settings.log_level, settings.log_format)
    serve(partial(create_app, settings), settings)


if __name__ == "__main__":
    main()
