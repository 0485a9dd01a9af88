"""The gate: the waiting room's API and pages. It uses only Valkey, and has no data about products or orders."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI
from pydantic import Field, SecretStr, field_validator

from marketday.apps.mall_keys import MallKeys
from marketday.apps.serving import serve
from marketday.kit.clock import SystemClock
from marketday.kit.logging import configure
from marketday.kit.server_clock import ServerClock
from marketday.kit.settings import ValkeyUrl, WebUrl, settings_or_end
from marketday.kit.valkey import connect
from marketday.waitingroom.service import WaitingRoom
from marketday.waitingroom.tokens import key_from_hex
from marketday.waitingroom.valkey import ValkeyRooms
from marketday.web.drop_cookies import DropCookies
from marketday.web.files import mount_files
from marketday.web.gate.api import TAGS, gate_api, hot_gate
from marketday.web.gate.now import NowDocuments
from marketday.web.gate.people import People
from marketday.web.gate.room import ENTER, room_pages
from marketday.web.openapi import IDENTITY, NO_API_PAGES, install_openapi
from marketday.web.pages import Pages
from marketday.web.problems import install_problems
from marketday.web.requests import NO_TELEMETRY, install_requests
from marketday.web.site import origin_of, site_of

PROMISE_SECONDS = 3.0  # how long a person waits for a place to be recorded, before 503


class Settings(MallKeys):
    """The gate's settings, from environment variables."""

    valkey_url: ValkeyUrl = Field(description="The event plane's Valkey, redis://:password@host:port/0.")
    admission_key: SecretStr = Field(
        description="Key that signs admissions, the same as the store's: 32 bytes in hexadecimal."
    )
    public_url: WebUrl = Field(description="The event plane's address for shoppers.")
    mall_url: WebUrl = Field(description="The mall's address, used only in links.")

    @field_validator("admission_key")
    @classmethod
    def _is_a_key(cls, value: SecretStr) -> SecretStr:
        key_from_hex(value.get_secret_value())
        return value


def create_app(settings: Settings) -> FastAPI:
    """Return the gate; it connects at its first request."""
    client = connect(settings.valkey_url.get_secret_value())
    rooms = ValkeyRooms(client, promise_seconds=PROMISE_SECONDS)
    clock = ServerClock(SystemClock(), rooms.server_time)
    room = WaitingRoom(rooms, clock, key_from_hex(settings.admission_key.get_secret_value()))
    people = People(settings.public_keys(), clock, DropCookies(settings.public_url))
    now = NowDocuments(room, clock)
    mall_url, public_url = settings.mall_url.rstrip("/"), settings.public_url.rstrip("/")
    pages = Pages("gate", home_url=f"{mall_url}/")

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with clock.kept():
            yield
        await client.aclose()

    app = FastAPI(
        title="Marketday gate",
        description="A drop's waiting room. Errors are problem documents (RFC 9457).",
        version="1",
        lifespan=lifespan,
        **NO_API_PAGES,
        **NO_TELEMETRY,
    )
    install_problems(app, pages)
    site = site_of(settings, settings.public_url, entrances={ENTER: origin_of(mall_url)})
    install_requests(app, "gate", site, hot=hot_gate(room, now, people, public_url))
    mount_files(app)
    app.include_router(gate_api(room, now, people, public_url))
    install_openapi(app, tags=TAGS, schemes=IDENTITY)
    app.include_router(room_pages(room, people, pages, mall_url))

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> dict[str, str]:
        await rooms.ping()
        return {"status": "ready"}

    return app


def main() -> None:
    """Serve until stopped."""
    settings = settings_or_end(Settings)
    configure("gate", settings.log_level, settings.log_format)
    serve(partial(create_app, settings), settings)


if __name__ == "__main__":
    main()
