"""The mall: pages and API of the ordinary shop. It signs the identity tokens that drops check."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import structlog
from fastapi import FastAPI
from pydantic import Field, SecretStr
from redis.asyncio import Redis

from marketday.accounts.identities import SignedIdentities
from marketday.accounts.passwords import Passwords
from marketday.accounts.postgres import PostgresAccountStore
from marketday.accounts.service import Accounts
from marketday.accounts.tokens import load_signing_key
from marketday.accounts.valkey import ValkeySignInBrake
from marketday.apps.payment_gateway import open_gateway
from marketday.apps.serving import serve
from marketday.apps.signing import check_signing_key
from marketday.catalog.editing import CatalogEditor
from marketday.catalog.postgres import PostgresCatalogChanges, PostgresProductStore
from marketday.catalog.service import CatalogService
from marketday.environments.postgres.store import PostgresEnvironments
from marketday.kit.clock import SystemClock
from marketday.kit.database import make_pool
from marketday.kit.ids import new_id
from marketday.kit.logging import configure
from marketday.kit.settings import DatabaseUrl, ServiceSettings, ValkeyUrl, WebUrl, settings_or_end
from marketday.kit.valkey import connect
from marketday.orders.carts import Carts
from marketday.orders.postgres import PostgresCartStore, PostgresOrderStore
from marketday.orders.service import OrderService
from marketday.payments.ports import LONGEST_ANSWER_SECONDS, SETTLE_AFTER_SECONDS, Gateway
from marketday.rounds.upkeep import Task, keep_up
from marketday.web.files import mount_files
from marketday.web.mall.api_accounts import hot_accounts
from marketday.web.mall.cart_badge import units_in_cart
from marketday.web.mall.category_menu import CategoryMenu
from marketday.web.mall.drops import DropBoard
from marketday.web.mall.idempotency import Idempotency
from marketday.web.mall.media import Media
from marketday.web.mall.outage import install_outage
from marketday.web.mall.postgres import PostgresAnswers
from marketday.web.mall.routes import install_mall
from marketday.web.mall.services import Mall
from marketday.web.mall.shared_answers import SharedAnswers
from marketday.web.mall.shared_layer import install_shared_answers
from marketday.web.openapi import NO_API_PAGES
from marketday.web.pages import HOME_ZONE, Pages
from marketday.web.problems import install_problems
from marketday.web.requests import NO_TELEMETRY, install_requests
from marketday.web.site import site_of

_log = structlog.get_logger()


class Settings(ServiceSettings):
    """The mall's settings, from environment variables."""

    database_url: DatabaseUrl = Field(description="The mall's database.")
    valkey_url: ValkeyUrl = Field(description="The mall's Valkey, redis://:password@host:port/0.")
    public_url: WebUrl = Field(description="The mall's address for shoppers; the issuer of identity tokens.")
    signing_key_file: Path = Field(description="The mall's private key: RSA or Ed25519, as a JWK.")
    gateway_url: WebUrl = Field(description="The payment gateway's address.")
    gateway_key: SecretStr = Field(description="The payment gateway's bearer key.")
    zone: str = Field(
        default=HOME_ZONE, description="Time zone of the mall's times; a drop's times are in the drop's zone."
    )
    media_folder: Path | None = Field(default=None, description="Folder of product pictures, served at /media/.")
    changes_seconds: float = Field(
        default=2.0,
        ge=0,
        description="How old a kept answer of the catalogue may be if the database fails to notify changes.",
    )
    argon2_memory_kib: int = Field(default=19_456, ge=8, description="Memory of one password hash (OWASP: 19 MiB).")
    argon2_time_cost: int = Field(default=2, ge=1, description="Passes of one password hash (OWASP: 2).")
    argon2_threads: int = Field(
        default=2, ge=1, le=64, description="The largest number of password hashes made at once."
    )
    gateway_seconds: float = Field(
        default=2.0, gt=0, le=LONGEST_ANSWER_SECONDS, description="How long the gateway may take to answer."
    )
    connections: int = Field(default=10, ge=2, le=100, description="The largest number of database connections.")
    settle_every_seconds: float = Field(default=10.0, gt=0, description="How often open payments are settled.")
    settle_after_seconds: float = Field(
        default=SETTLE_AFTER_SECONDS, gt=0, description="How old an open payment has to be to be settled."
    )


def create_app(settings: Settings, *, gateway: Gateway | None = None) -> FastAPI:
    """Return the mall; it connects at its first request. `gateway` replaces the one in the settings."""
    pool = make_pool(settings.database_url.get_secret_value(), max_size=settings.connections, application="mall")
    valkey = connect(settings.valkey_url.get_secret_value(), tries=0)
    passwords = Passwords(
        memory_kib=settings.argon2_memory_kib, time_cost=settings.argon2_time_cost, threads=settings.argon2_threads
    )
    http_gateway = open_gateway(
        settings.gateway_url, settings.gateway_key.get_secret_value(), answer_seconds=settings.gateway_seconds
    )
    media = Media(settings.media_folder)
    mall = _mall(settings, media, pool, valkey, passwords, gateway or http_gateway)
    pages = mall.pages
    answers, changes = _shared_answers(mall, settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with pool, http_gateway:
            upkeep = asyncio.create_task(keep_up(_upkeep(mall, settings), settings.settle_every_seconds))
            try:
                yield
            finally:
                upkeep.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await upkeep
                await valkey.aclose()
                await changes.close()
                passwords.close()
                mall.identities.close()

    app = FastAPI(
        title="Marketday mall",
        description="The ordinary shop: catalogue, accounts, cart, orders. Errors are problem documents (RFC 9457).",
        version="1",
        lifespan=lifespan,
        **NO_API_PAGES,
        **NO_TELEMETRY,
    )
    app.state.mall = mall
    install_problems(app, pages)
    install_outage(app)
    install_shared_answers(app, answers, mall.cookies)
    site = site_of(settings, settings.public_url)
    install_requests(app, "mall", site, hot=hot_accounts(mall), pictures_from="https:")
    mount_files(app)
    install_mall(app)
    media.mount(app)

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> dict[str, str]:
        await pool.fetchval("SELECT 1")
        return {"status": "ready"}

    return app


def _mall(settings: Settings, media: Media, pool: Any, valkey: "Redis", passwords: Passwords, gateway: Gateway) -> Mall:
    clock = SystemClock()
    products = PostgresProductStore(pool)
    catalog = CatalogService(products, new_id)
    menu = CategoryMenu(catalog, clock)
    key = load_signing_key(settings.signing_key_file)
    secret = sha256(b"idempotency fingerprints\0" + key.as_pem(private=True)).digest()
    return Mall(
        accounts=Accounts(PostgresAccountStore(pool), passwords, ValkeySignInBrake(valkey), clock),
        carts=Carts(PostgresCartStore(pool), clock),
        orders=OrderService(PostgresOrderStore(pool), gateway, clock),
        catalog=catalog,
        editor=CatalogEditor(products, new_id),
        drops=DropBoard(PostgresEnvironments(pool), clock),
        idempotency=Idempotency(PostgresAnswers(pool), clock, secret),
        signing_key=key,
        identities=SignedIdentities(key, settings.public_url.rstrip("/"), clock),
        public_url=settings.public_url.rstrip("/"),
        pages=Pages("mall", zone=settings.zone, menu=menu, units_in_cart=units_in_cart, address_of=media.address),
        menu=menu,
        clock=clock,
    )


def _shared_answers(mall: Mall, settings: Settings) -> tuple[SharedAnswers, PostgresCatalogChanges]:
    changes = PostgresCatalogChanges(settings.database_url.get_secret_value())
    answers = SharedAnswers(changes.confirm, seconds=settings.changes_seconds, forgotten=mall.menu.forget)
    changes.changed = answers.changed
    return answers, changes


def _upkeep(mall: Mall, settings: Settings) -> list[Task]:
    older_than = timedelta(seconds=settings.settle_after_seconds)
    return [
        lambda: mall.orders.settle_pending(older_than),
        mall.accounts.forget_expired_sessions,
        mall.idempotency.forget_old,
    ]


def main() -> None:
    """Serve until stopped."""
    settings = settings_or_end(Settings)
    check_signing_key(settings.signing_key_file)
    configure("mall", settings.log_level, settings.log_format)
    serve(partial(create_app, settings), settings)


if __name__ == "__main__":
    main()
