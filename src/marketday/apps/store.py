"""The store: product page, reservation, checkout, order page. It lets in people whom the waiting room admitted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI
from pydantic import Field, SecretStr, field_validator

from marketday.apps.mall_keys import MallKeys
from marketday.apps.payment_gateway import open_gateway
from marketday.apps.serving import serve
from marketday.drops.checkout import Checkout
from marketday.drops.offers import Offers
from marketday.drops.postgres.standbys import PostgresStandbys
from marketday.drops.postgres.store import PostgresDropStore
from marketday.drops.service import Reservations
from marketday.drops.settlement import Settlement
from marketday.drops.standbys import Standbys
from marketday.kit.certificates import AUTHORITIES, with_authorities
from marketday.kit.clock import SystemClock
from marketday.kit.database import make_pool
from marketday.kit.logging import configure
from marketday.kit.server_clock import ServerClock
from marketday.kit.settings import DatabaseUrl, WebUrl, settings_or_end
from marketday.payments.ports import LONGEST_ANSWER_SECONDS, Gateway
from marketday.waitingroom.tokens import key_from_hex
from marketday.web.drop_cookies import DropCookies
from marketday.web.files import mount_files
from marketday.web.openapi import ADMISSION, IDENTITY, NO_API_PAGES, install_openapi
from marketday.web.pages import Pages
from marketday.web.problems import install_problems
from marketday.web.requests import NO_TELEMETRY, install_requests
from marketday.web.site import site_of
from marketday.web.store import api_standbys
from marketday.web.store.api import TAGS, hot_store, store_api
from marketday.web.store.api_standbys import standby_api
from marketday.web.store.checkout import checkout_pages
from marketday.web.store.doorway import Doorway
from marketday.web.store.pictures import pictures
from marketday.web.store.shop import shop_pages
from marketday.web.store.standbys import standby_pages

RECORD_SECONDS = 0.1  # nobody waits for the record that money was taken, so those of this time are written together


class Settings(MallKeys):
    """The store's settings, from environment variables."""

    database_url: DatabaseUrl = Field(description="The drop database, as the role `store`.")
    database_ca: str | None = Field(default=None, description=AUTHORITIES)
    admission_key: SecretStr = Field(
        description="Key that checks admissions, the same as the gate's: 32 bytes in hexadecimal."
    )
    gateway_url: WebUrl = Field(description="The payment gateway's address.")
    gateway_key: SecretStr = Field(description="This environment's key to the payment gateway.")
    public_url: WebUrl = Field(description="The event plane's address for shoppers.")
    mall_url: WebUrl = Field(description="The mall's address, used only in links.")
    largest_batch: int = Field(
        default=256, ge=1, le=4096, description="The largest number of reservations decided together."
    )
    gateway_seconds: float = Field(
        default=2.0, gt=0, le=LONGEST_ANSWER_SECONDS, description="How long the gateway may take to answer."
    )
    connections: int = Field(default=10, ge=2, le=100, description="The largest number of database connections.")

    @field_validator("admission_key")
    @classmethod
    def _is_a_key(cls, value: SecretStr) -> SecretStr:
        key_from_hex(value.get_secret_value())
        return value


def create_app(settings: Settings, gateway: Gateway | None = None) -> FastAPI:
    """Return the store; it connects at its first request, so it starts even if its database is unavailable.

    `gateway` replaces the payment gateway in the settings.
    """
    database_url = with_authorities(settings.database_url.get_secret_value(), settings.database_ca)
    pool = make_pool(database_url, max_size=settings.connections, application="store")
    store = PostgresDropStore(pool)
    client = open_gateway(
        settings.gateway_url, settings.gateway_key.get_secret_value(), answer_seconds=settings.gateway_seconds
    )
    gateway = gateway or client
    reservations = Reservations(store, largest_batch=settings.largest_batch)
    settlement = Settlement(store, gateway, record_seconds=RECORD_SECONDS)
    checkout = Checkout(store, gateway, settlement, patience_seconds=settings.gateway_seconds * 2 + 1)
    standbys = Standbys(PostgresStandbys(pool))
    clock = ServerClock(SystemClock(), store.server_time)
    offers = Offers(store, clock)
    admission_key = key_from_hex(settings.admission_key.get_secret_value())
    doorway = Doorway(settings.public_keys(), admission_key, clock, DropCookies(settings.public_url))
    pages = Pages("store", home_url=settings.mall_url.rstrip("/") + "/")

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with pool, client, clock.kept():
            yield
            await reservations.close()
            await checkout.close()

    app = FastAPI(
        title="Marketday store",
        description="A drop's store: reservation, checkout, orders. Errors are problem documents (RFC 9457).",
        version="1",
        lifespan=lifespan,
        **NO_API_PAGES,
        **NO_TELEMETRY,
    )
    install_problems(app, pages)
    hot = hot_store(reservations, checkout, doorway)
    site = site_of(settings, settings.public_url)
    install_requests(app, "store", site, hot=hot, pictures_from="https:")
    mount_files(app)
    app.include_router(store_api(offers, reservations, checkout, doorway))
    app.include_router(standby_api(standbys, doorway))
    install_openapi(app, tags=TAGS | api_standbys.TAGS, schemes=IDENTITY | ADMISSION)
    app.include_router(pictures(offers))
    app.include_router(shop_pages(offers, reservations, checkout, standbys, doorway, pages, clock))
    app.include_router(standby_pages(standbys, offers, doorway, pages))
    app.include_router(checkout_pages(offers, reservations, checkout, doorway, pages))

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> dict[str, str]:
        await store.ping()
        return {"status": "ready"}

    return app


def main() -> None:
    """Serve until stopped."""
    settings = settings_or_end(Settings)
    configure("store", settings.log_level, settings.log_format)
    serve(partial(create_app, settings), settings)


if __name__ == "__main__":
    main()
