"""The whole mall in this process, on a real PostgreSQL and Valkey, with a payment gateway in memory."""

from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import httpx
import pytest

from marketday.accounts.model import Role
from marketday.apps.mall import Settings, create_app
from marketday.catalog.model import ProductDraft, VariantDraft
from marketday.catalog.names import handle_from
from marketday.kit.ids import new_id
from marketday.testing.accounts import ed25519_key
from marketday.testing.gateway import FakeGateway
from marketday.web.mall.services import Mall

URL = "http://mall.localhost:8080"


@dataclass
class Person:
    id: UUID
    email: str
    session: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.session}"}


@dataclass
class Shop:
    """The running mall, and short ways to what tests need of it."""

    app: object
    mall: Mall
    gateway: FakeGateway
    http: httpx.AsyncClient

    async def person(self, name: str = "Mina", role: Role = Role.SHOPPER) -> Person:
        email = f"{name.lower()}-{new_id().hex}@example.com"
        account = await self.mall.accounts.sign_up(new_id(), email, "correct horse battery", name, role)
        return Person(account.id, email, await self.mall.accounts.open_session(account))

    async def product(self, sku: str, *, stock: int = 10, price_minor: int = 12_000, currency: str = "KRW") -> None:
        variant = VariantDraft(sku, (), price_minor, currency, quantity=stock)
        await self.mall.editor.add_product(ProductDraft(handle_from(sku), f"{sku} 세럼", f"{sku} serum", (variant,)))

    async def stock(self, sku: str) -> int:
        return (await self.mall.catalog.items([sku]))[sku].variant.stock

    def browser(self, **headers: str) -> httpx.AsyncClient:
        """Something that keeps cookies and asks for pages."""
        wanted = {"Accept": "text/html,application/xhtml+xml", "Accept-Language": "en", "Origin": URL, **headers}
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=URL, headers=wanted)


@pytest.fixture
def settings(mall_database_url, valkey_url, tmp_path):
    key_file = tmp_path / "key.json"
    key_file.write_text(ed25519_key())
    return Settings(
        port=8080,
        database_url=mall_database_url,
        valkey_url=valkey_url,
        public_url=URL,
        signing_key_file=key_file,
        gateway_url="http://127.0.0.1:1",
        gateway_key="unused",
        argon2_memory_kib=8,
        argon2_time_cost=1,
        changes_seconds=0,  # tests also change the catalogue behind the mall's back
    )


@asynccontextmanager
async def opened(settings):
    gateway = FakeGateway()
    app = create_app(settings, gateway=gateway)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=URL) as http:
            yield Shop(app, app.state.mall, gateway, http)


@pytest.fixture
async def shop(settings):
    async with opened(settings) as shop:
        yield shop
