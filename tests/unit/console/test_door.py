"""Only people who are signed in as an administrator or a viewer can see the console."""

from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.routing import Route

from marketday.accounts.model import Role
from marketday.web.console.door import OPEN_PATHS, Door, is_open
from marketday.web.sessions import SignInCookies

from .conftest import PASSWORD

ELSEWHERE = ("//evil.example", "http://evil.example/", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)")


async def sign_in(browser, email="mina@example.com", password=PASSWORD, **more):
    return await browser.post("/sign-in", data={"email": email, "password": password, **more})


def paths_of(router):
    """Every path that the console answers."""
    for route in router.routes:
        if isinstance(route, Route):
            for method in route.methods:
                yield method, route.path
        else:
            yield from paths_of(route.original_router)  # FastAPI's own for what it includes


async def test_every_path_asks_for_a_session_but_the_sign_in_health_and_static_files(app, stranger):
    asked = [(method, path) for method, path in paths_of(app) if not is_open(path)]
    assert {path for _, path in asked} == {"/", "/stream", "/v1/day", "/sign-out", "/metrics"}
    assert {path for _, path in paths_of(app) if is_open(path)} - OPEN_PATHS == {
        "/static/{name}/{path:path}",
    }
    for method, path in [*asked, ("GET", "/no-such-path"), ("GET", "/docs"), ("GET", "/openapi.json")]:
        answer = await stranger.request(method, path, headers={"Accept": "application/json"})
        assert answer.status_code == 401, path
        assert answer.json()["type"] == "urn:marketday:problem:not-signed-in"
    for path in ("/static/../v1/day", "/static/..%2fv1/day", "//v1/day", "/healthz/", "/sign-in/../v1/day", "/V1/day"):
        assert "dawn-serum" not in (await stranger.get(path)).text


async def test_a_page_leads_to_the_sign_in_and_back(stranger, account):
    await account(Role.VIEWER)
    for wanted in ("/", "/?lang=ko", "/?drop=dawn-serum&lang=en", "/nowhere"):
        stranger.cookies.clear()
        led = await stranger.get(wanted)
        assert led.status_code == 303, wanted
        where = urlsplit(led.headers["location"])
        assert (where.netloc, where.path) == ("", "/sign-in"), wanted
        form = await stranger.get(led.headers["location"])
        assert 'name="next"' in form.text, wanted
        back = await sign_in(stranger, next=parse_qs(where.query)["next"][0])
        assert (back.status_code, back.headers["location"]) == (303, wanted)


async def test_no_link_leads_to_another_site(stranger, account):
    await account(Role.VIEWER)
    for elsewhere in ELSEWHERE:
        stranger.cookies.clear()
        assert 'name="next" value="/"' in (await stranger.get("/sign-in", params={"next": elsewhere})).text, elsewhere
        for _ in range(2):  # when signing in, and when signed in already
            assert (await sign_in(stranger, next=elsewhere)).headers["location"] == "/", elsewhere
            answer = await stranger.get("/sign-in", params={"next": elsewhere})
            assert (answer.status_code, answer.headers["location"]) == (303, "/"), elsewhere


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ADMIN])
async def test_viewers_and_administrators_look(stranger, account, role):
    await account(role)
    signed_in = await sign_in(stranger)
    for cookie in signed_in.headers.get_list("set-cookie"):
        assert all(part in cookie for part in ("HttpOnly", "SameSite=lax", "Path=/"))
        assert "Domain" not in cookie
    page = await stranger.get("/")
    assert page.status_code == 200
    assert "mina@example.com" in page.text
    assert "Sign out" in page.text
    assert (await stranger.get("/v1/day")).status_code == 200


async def test_a_program_looks_with_a_session_in_its_header(stranger, accounts, account):
    session = await accounts.open_session(await account(Role.VIEWER))
    assert (await stranger.get("/v1/day", headers={"Authorization": f"Bearer {session}"})).status_code == 200
    assert (await stranger.get("/v1/day", headers={"Authorization": "Bearer made-up"})).status_code == 401


async def test_a_shopper_may_not_look_and_is_not_signed_in(stranger, accounts, account, store):
    shopper = await account(Role.SHOPPER)
    refused = await sign_in(stranger)
    assert refused.status_code == 403
    assert "This account may not look at the console" in refused.text
    assert store.sessions == {}
    assert "set-cookie" not in refused.headers
    stranger.cookies.set("session", await accounts.open_session(shopper))  # one of the mall
    answer = await stranger.get("/v1/day")
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:marketday:problem:not-viewer")
    led = await stranger.get("/")
    assert led.status_code == 303
    told = await stranger.get(led.headers["location"])
    assert told.status_code == 403
    assert "This account may not look at the console" in told.text
    assert 'name="password"' in told.text


async def test_a_wrong_password_says_nothing_of_the_account(stranger, account):
    await account(Role.VIEWER)
    for email in ("mina@example.com", "nobody@example.com", "", "not an address"):
        refused = await sign_in(stranger, email, "a wrong password")
        assert refused.status_code == 401, email
        assert "The e-mail address or the password is wrong." in refused.text, email


async def test_guesses_are_stopped(stranger, account):
    await account(Role.ADMIN)
    answers = [await sign_in(stranger, password="a wrong password") for _ in range(12)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 2
    assert int(answers[-1].headers["retry-after"]) == 900


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
async def test_no_other_site_signs_anybody_in_or_out(browser, account, path):
    await account(Role.VIEWER)
    browser.headers.pop("Origin")
    for origin in (None, "null", "http://evil.example", "http://mall.localhost:8080"):
        headers = {} if origin is None else {"Origin": origin}
        answer = await browser.post(path, data={"email": "mina@example.com", "password": PASSWORD}, headers=headers)
        assert answer.status_code == 403, origin
        assert "set-cookie" not in answer.headers, origin
        assert (await browser.get("/v1/day")).status_code == 200, origin


async def test_signing_out_ends_the_session_at_once(browser, accounts):
    session = browser.cookies["session"]
    assert (await browser.get("/v1/day")).status_code == 200
    out = await browser.post("/sign-out")
    assert (out.status_code, out.headers["location"]) == (303, "/sign-in")
    assert out.headers["set-cookie"].startswith('session=""; ')
    assert await accounts.whose(session) is None
    assert (await browser.get("/v1/day", headers={"Authorization": f"Bearer {session}"})).status_code == 401


async def test_a_role_that_is_taken_counts_within_seconds(browser, accounts, clock):
    assert (await browser.get("/v1/day")).status_code == 200
    await accounts.grant("viewer@example.com", Role.SHOPPER)
    clock.advance(6)
    assert (await browser.get("/v1/day")).status_code == 403


async def test_known_sessions_stay_valid_for_a_while_without_the_database(browser, stranger, store, clock, monkeypatch):
    assert (await browser.get("/v1/day")).status_code == 200

    async def away(*_):
        raise ConnectionRefusedError

    monkeypatch.setattr(store, "find_session", away)
    clock.advance(600)
    assert (await browser.get("/v1/day")).status_code == 200
    assert (await browser.get("/v1/day", headers={"Authorization": "Bearer another"})).status_code == 503
    clock.advance(3600)
    answer = await browser.get("/v1/day")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


async def test_a_stream_ends_with_its_session(accounts, account, clock):
    door = Door(accounts, SignInCookies(secure=False), clock)
    session = await accounts.open_session(await account(Role.VIEWER))

    async def pictures():
        number = 0
        while True:
            yield (number := number + 1)

    stream = door.while_open(_request(session), pictures())
    assert [await anext(stream), await anext(stream)] == [1, 2]
    await accounts.sign_out(session)
    clock.advance(6)
    with pytest.raises(StopAsyncIteration):
        await anext(stream)


async def test_the_sign_in_speaks_every_language(stranger):
    for language, words in (("ko", "관제 화면 로그인"), ("ja", "管制コンソールにログイン"), ("zh", "登录控制台")):
        page = await stranger.get(f"/sign-in?lang={language}")
        assert f'<html lang="{language}"' in page.text
        assert words in page.text


def _request(session):
    from fastapi import Request

    headers = [(b"authorization", f"Bearer {session}".encode())]
    return Request({"type": "http", "method": "GET", "path": "/stream", "headers": headers, "query_string": b""})
