import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from marketday.accounts.tokens import public_jwks, sign_identity
from marketday.apps import store as store_app
from marketday.kit.database import connect
from marketday.kit.ids import new_id
from marketday.testing.accounts import a_signing_key
from marketday.testing.drops import SLUG, Shop
from marketday.testing.gateway import FakeGateway
from marketday.waitingroom.tokens import sign
from marketday.web.drop_cookies import DropCookies

ISSUER = "http://mall.localhost"
ADMISSION_KEY = bytes(range(32))
PUBLIC_URL = "http://event.localhost"
COOKIES = DropCookies(PUBLIC_URL)


class Mint:
    """Makes the tokens that the mall and the gate would."""

    def __init__(self) -> None:
        self.key = a_signing_key()

    def identity(self, person: UUID, *, seconds: int = 3600) -> str:
        now = datetime.now(UTC)
        issued = now - timedelta(seconds=7200)
        return sign_identity(self.key, person, ISSUER, issued, 7200 + seconds)

    def admission(
        self, person: UUID, *, drop: str = SLUG, seconds: int = 600, key: bytes = ADMISSION_KEY, position: int = 0
    ) -> str:
        return sign(key, drop, person, datetime.now(UTC) + timedelta(seconds=seconds), position)

    def headers(self, person: UUID, **more: str) -> dict[str, str]:
        tokens = {"Authorization": f"Bearer {self.identity(person)}", "Marketday-Admission": self.admission(person)}
        return {**tokens, "Idempotency-Key": str(new_id()), **more}

    def cookies(self, person: UUID, *, drop: str = SLUG, admitted: bool = True) -> str:
        kept = f"{COOKIES.identity(drop)}={self.identity(person)}"
        return f"{kept}; {COOKIES.admission(drop)}={self.admission(person, drop=drop)}" if admitted else kept


@pytest.fixture
def mint() -> Mint:
    return Mint()


@pytest.fixture
async def shop(drop_database_url: str) -> AsyncIterator[Shop]:
    owner = await connect(drop_database_url)
    try:
        opened = Shop(owner)
        await opened.drop()
        await opened.item()
        yield opened
    finally:
        await owner.close()


@pytest.fixture
def gateway() -> FakeGateway:
    return FakeGateway()


@pytest.fixture
def public_url() -> str:
    return PUBLIC_URL


@pytest.fixture
def settings(store_database_url: str, mint: Mint, public_url: str, tmp_path: Path) -> store_app.Settings:
    jwks = tmp_path / "jwks.json"
    jwks.write_text(json.dumps(public_jwks(mint.key, ISSUER)))
    return store_app.Settings(
        port=1,
        database_url=SecretStr(store_database_url),
        jwks_file=jwks,
        admission_key=SecretStr(ADMISSION_KEY.hex()),
        gateway_url="http://127.0.0.1:1",
        gateway_key=SecretStr("a-gateway-key-for-tests"),
        public_url=public_url,
        mall_url="http://mall.localhost",
        gateway_seconds=0.2,
    )


@pytest.fixture
def app(settings: store_app.Settings, shop: Shop, gateway: FakeGateway) -> FastAPI:
    return store_app.create_app(settings, gateway)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://event.localhost") as opened,
    ):
        yield opened
