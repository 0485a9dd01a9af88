"""What the mall answers while its database does not, and that it works without Valkey."""

import asyncio
import time

import asyncpg
import httpx
import pytest
from pydantic import SecretStr

from marketday.accounts.brake import sign_in_counts
from marketday.accounts.valkey import ValkeySignInBrake
from marketday.apps.mall import create_app
from marketday.kit.valkey import connect
from marketday.testing.wire import wire_to

NOWHERE = "127.0.0.1:1"
SLACK = 15  # for a busy machine


async def ask(settings, path, **headers):
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=settings.public_url, headers=headers) as http:
            return await http.get(path)


@pytest.mark.parametrize("path", ["/readyz", "/v1/products"])
async def test_without_its_database_the_mall_asks_to_come_back(settings, path):
    away = settings.model_copy(update={"database_url": SecretStr(f"postgresql://mall:x@{NOWHERE}/mall")})
    answer = await ask(away, path)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json()["type"] == "urn:marketday:problem:database-away"
    assert (await ask(away, "/healthz")).status_code == 200


@pytest.mark.parametrize(
    "error", [asyncpg.InternalClientError("broken between two answers"), ConnectionResetError(), TimeoutError()]
)
async def test_a_connection_that_breaks_halfway_is_an_outage_too(settings, monkeypatch, error):
    async def breaks(*_):
        raise error

    app = create_app(settings)
    monkeypatch.setattr(app.state.mall.catalog, "listing", breaks)
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=settings.public_url)
    async with app.router.lifespan_context(app), http:
        answer = await http.get("/v1/products")
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:marketday:problem:database-away"


async def test_people_get_a_page_while_the_database_is_away(settings):
    away = settings.model_copy(update={"database_url": SecretStr(f"postgresql://mall:x@{NOWHERE}/mall")})
    answer = await ask(away, "/", Accept="text/html", **{"Accept-Language": "en"})
    assert answer.status_code == 503
    assert answer.headers["content-type"].startswith("text/html")


async def test_without_valkey_the_mall_is_ready(settings):
    assert (
        await ask(settings.model_copy(update={"valkey_url": SecretStr(f"redis://{NOWHERE}/0")}), "/readyz")
    ).is_success


async def test_a_database_that_falls_silent_is_told_in_time_and_forgotten_soon(settings):
    """Packets vanish and the connections stay: more shoppers than the pool has connections all hear of it."""
    paths = ["/readyz", "/v1/products", "/", "/v1/drops"] * 6
    async with wire_to(settings.database_url.get_secret_value()) as wire:
        app = create_app(settings.model_copy(update={"database_url": SecretStr(wire.url)}))
        http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=settings.public_url, timeout=60)
        async with app.router.lifespan_context(app), http:
            assert (await http.get("/v1/products")).status_code == 200
            wire.fall_silent()
            begun = time.monotonic()
            answers = await asyncio.gather(*map(http.get, paths))
            assert time.monotonic() - begun < 5 + SLACK
            assert {answer.status_code for answer in answers if answer.url.path in ("/readyz", "/v1/products")} == {503}
            wire.heal()
            async with asyncio.timeout(3 + SLACK):
                while (await http.get("/v1/products")).status_code != 200:
                    pass


async def test_a_valkey_that_falls_silent_brakes_nobody_for_long(valkey_url):
    async with wire_to(valkey_url) as wire:
        wire.fall_silent()
        client = connect(wire.url, tries=0)
        try:
            async with asyncio.timeout(5 + SLACK):
                assert await ValkeySignInBrake(client).press(sign_in_counts("mina@example.com", "192.0.2.1", None)) == 0
        finally:
            await client.aclose()
