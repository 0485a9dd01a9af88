"""What the mall says while its servers are away, and that it goes on without Valkey."""

import asyncpg
import httpx
import pytest
from pydantic import SecretStr

from marketday.apps.mall import create_app

NOWHERE = "127.0.0.1:1"


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
