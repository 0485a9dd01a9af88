"""Every service, as composed in apps, refuses other host names and other sites' forms, and trusts no headers."""

import json

import httpx
import pytest

from marketday.accounts.tokens import public_jwks
from marketday.apps import console, controller, gate, mall, sandbox, store, worker
from marketday.testing.accounts import a_signing_key
from marketday.web.sessions import address_of

NOWHERE = {"database_url": "postgresql://nobody:no@127.0.0.1:9/none", "valkey_url": "redis://127.0.0.1:9/0"}
GATEWAY = {"gateway_url": "http://127.0.0.1:9", "gateway_key": "a key of sixteen letters"}
OWN = {"mall": "http://mall.localhost:8080", "console": "http://console.localhost:8080"}
MODULES = {each.__name__.rpartition(".")[2]: each for each in (console, controller, gate, mall, sandbox, store, worker)}


@pytest.fixture
def app_of(tmp_path):
    key = a_signing_key()
    (tmp_path / "key.json").write_text(json.dumps(key.as_dict(private=True)))
    (tmp_path / "jwks.json").write_text(json.dumps(public_jwks(key, OWN["mall"])))

    def made(name):
        return MODULES[name].create_app(
            MODULES[name].Settings(
                port=8080,
                edge_key="the edge's key",
                public_url=url_of(name),
                mall_url=OWN["mall"],
                signing_key_file=tmp_path / "key.json",
                jwks_file=tmp_path / "jwks.json",
                admission_key="ab" * 32,
                home=tmp_path / "home",
                database_file=tmp_path / "ledger.sqlite",
                **NOWHERE,
                **GATEWAY,
            )
        )

    return made


def browser(app, url):
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=url)


def url_of(name):
    named = {"gate": "http://event.localhost:8080", "store": "http://event.localhost:8080", **OWN}
    return named.get(name, "http://127.0.0.1:8080")  # reached by its own port alone


@pytest.mark.parametrize("name", MODULES)
async def test_a_service_answers_to_its_own_name_alone(app_of, name):
    app = app_of(name)
    forged = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    async with browser(app, url_of(name)) as client:
        for path in ("/", "/cart/", "/static/layout/", "/drops/x/", "/healthz/"):
            for host in ("evil.example", "mall.localhost", "127.0.0.1:1", ""):
                answer = await client.get(path, headers={"Host": host, **forged})
                assert answer.status_code == 421, (path, host)
                assert "location" not in answer.headers
            answer = await client.get(path, headers=forged)
            assert "evil" not in answer.headers.get("location", "")
            assert answer.status_code != 421
        assert (await client.get("/healthz", headers={"Host": "10.0.0.7"})).status_code == 200


@pytest.mark.parametrize("name", MODULES)
async def test_a_service_takes_no_form_of_another_site(app_of, name):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    async with browser(app_of(name), url_of(name)) as client:
        for origin in ("http://evil.example", "null", "http://evil.localhost:8080", None):
            sent = form if origin is None else {**form, "Origin": origin}
            for path in ("/sign-in", "/sign-out", "/cart/lines", "/admin/products", "/drops/x/enter", "/drops/x/room"):
                answer = await client.post(path, headers=sent, content=b"a=b")
                assert answer.status_code == 403, (path, origin)
                assert answer.json()["type"] == "urn:marketday:problem:cross-site-request"


@pytest.mark.parametrize("name", MODULES)
async def test_a_service_believes_its_edge_alone(app_of, name):
    app = app_of(name)
    seen = []

    @app.middleware("http")
    async def look(request, call_next):
        seen.append(address_of(request))
        return await call_next(request)

    app.user_middleware.append(app.user_middleware.pop(0))  # behind what every service has
    named = {"X-Forwarded-For": "192.0.2.7", "X-Real-IP": "192.0.2.7", "Forwarded": "for=192.0.2.7"}
    async with browser(app, url_of(name)) as client:
        for key in ("", "a guess", "the edge's key"):
            await client.get("/healthz", headers={**named, "Marketday-Edge": key})
    assert seen == ["127.0.0.1", "127.0.0.1", "192.0.2.7"]
