import asyncio
from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest

from marketday.accounts.tokens import parse_jwks, verify_identity
from marketday.testing.serving import answered_hot, hot_client
from marketday.web.mall import api_accounts

from .conftest import URL, opened

MINA = {"email": "mina@example.com", "password": "correct horse battery", "name": "Mina"}


def slug(answer):
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == answer.status_code
    return document["type"].removeprefix("urn:marketday:problem:")


async def test_sign_up_sign_in_and_out(shop):
    made = await shop.http.post("/v1/accounts", json=MINA)
    assert made.status_code == 201
    assert made.json().items() >= {"email": "mina@example.com", "name": "Mina", "role": "shopper"}.items()
    assert "password" not in made.text

    signed_in = await shop.http.post("/v1/sessions", json={"email": "MINA@example.com", "password": MINA["password"]})
    assert signed_in.status_code == 201
    assert signed_in.json()["id"] == made.json()["id"]
    cookie = signed_in.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert signed_in.headers["cache-control"] == "no-store"

    assert (await shop.http.get("/v1/me")).json()["id"] == made.json()["id"]
    by_bearer = {"Authorization": f"Bearer {signed_in.json()['session']}"}
    shop.http.cookies.clear()
    assert (await shop.http.get("/v1/me", headers=by_bearer)).status_code == 200
    for _ in range(2):
        assert (await shop.http.delete("/v1/sessions", headers=by_bearer)).status_code == 204
    answer = await shop.http.get("/v1/me", headers=by_bearer)
    assert (answer.status_code, slug(answer)) == (401, "not-signed-in")


@pytest.mark.parametrize(
    ("change", "status", "problem"),
    [
        ({"email": "mina"}, 422, "invalid-email"),
        ({"email": 7}, 422, "invalid-request"),
        ({"password": "short"}, 422, "invalid-password"),
        ({"password": "x" * 201}, 422, "invalid-password"),
        ({"name": " "}, 422, "invalid-name"),
        ({"name": "a\0b"}, 422, "invalid-name"),
        ({"role": "admin"}, 422, "invalid-request"),
    ],
)
async def test_what_cannot_be_an_account_is_refused(shop, change, status, problem):
    answer = await shop.http.post("/v1/accounts", json=MINA | change)
    assert (answer.status_code, slug(answer)) == (status, problem)


@pytest.mark.parametrize(
    ("content", "status", "problem"),
    [
        (b"{", 400, "not-json"),
        (b"[]", 422, "invalid-request"),
        (b"", 422, "invalid-request"),
        (b'{"email": "\\ud800", "password": "correct horse", "name": "x"}', 422, "invalid-request"),
        (b'{"email": "' + b"x" * 70_000 + b'"}', 413, "body-too-large"),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused(shop, content, status, problem):
    headers = {"Content-Type": "application/json"}
    answer = await shop.http.post("/v1/accounts", content=content, headers=headers)
    assert (answer.status_code, slug(answer)) == (status, problem)


async def test_a_taken_address_is_a_conflict_but_a_repeated_request_is_not(shop):
    first = await shop.http.post("/v1/accounts", json=MINA, headers={"Idempotency-Key": "one"})
    again = await shop.http.post("/v1/accounts", json=MINA, headers={"Idempotency-Key": "one"})
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    for headers in ({}, {"Idempotency-Key": "two"}, {"Idempotency-Key": "two"}):
        answer = await shop.http.post("/v1/accounts", json=MINA, headers=headers)
        assert (answer.status_code, slug(answer)) == (409, "email-taken")
    other = await shop.http.post("/v1/accounts", json=MINA | {"name": "X"}, headers={"Idempotency-Key": "one"})
    assert (other.status_code, slug(other)) == (422, "idempotency-conflict")


@pytest.mark.parametrize("key", ["", "x" * 101, "a\tb", "é"])
async def test_a_key_that_is_none_is_refused(shop, key):
    for path, body in (("/v1/accounts", MINA), ("/v1/sessions", {"email": "a", "password": "b"})):
        answer = await shop.http.post(path, json=body, headers={"Idempotency-Key": key.encode()})
        assert (answer.status_code, slug(answer)) == (400, "invalid-idempotency-key")


async def test_guessing_passwords_is_braked_for_one_account_and_address(shop):
    await shop.http.post("/v1/accounts", json=MINA)
    wrong = {"email": MINA["email"], "password": "not the password"}
    for _ in range(10):
        answer = await shop.http.post("/v1/sessions", json=wrong)
        assert (answer.status_code, slug(answer)) == (401, "wrong-credentials")
    answer = await shop.http.post("/v1/sessions", json=wrong)
    assert (answer.status_code, slug(answer)) == (429, "too-many-sign-ins")
    assert 0 < int(answer.headers["retry-after"]) <= 900
    nobody = await shop.http.post("/v1/sessions", json={"email": "nobody@example.com", "password": "whatever it is"})
    assert slug(nobody) == "wrong-credentials"


async def test_an_identity_token_can_be_checked_with_the_jwks_document_alone(shop):
    mina = await shop.person()
    answer = await shop.http.post("/v1/identity-tokens", headers=mina.headers)
    assert answer.status_code == 201
    document = (await shop.http.get("/.well-known/jwks.json")).json()
    identity = verify_identity(answer.json()["token"], parse_jwks(document), datetime.now(UTC))
    assert identity.person_id == mina.id
    assert abs((identity.expires_at - datetime.fromisoformat(answer.json()["expires_at"])).total_seconds()) < 1
    assert all("d" not in key for key in document["keys"])
    assert slug(await shop.http.post("/v1/identity-tokens")) == "not-signed-in"


async def test_two_hundred_of_the_same_sign_up_make_one_account(shop):
    async def signs_up():
        while True:  # a busy machine may refuse some, which they repeat
            answer = await shop.http.post("/v1/accounts", json=MINA, headers={"Idempotency-Key": "one"})
            if answer.status_code != 503:
                return answer
            assert answer.headers["retry-after"]
            await asyncio.sleep(0.1)

    async with asyncio.timeout(300):
        answers = await asyncio.gather(*(signs_up() for _ in range(200)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({UUID(answer.json()["id"]) for answer in answers}) == 1


async def test_a_browser_on_another_site_cannot_write(shop):
    mina = await shop.person()
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        answer = await shop.http.delete("/v1/sessions", headers={"Cookie": f"session={mina.session}", **headers})
        assert (answer.status_code, slug(answer)) == (403, "cross-site-request")
    assert (await shop.http.get("/v1/me", headers=mina.headers)).status_code == 200


async def test_openapi_describes_the_api(shop):
    document = (await shop.http.get("/openapi.json")).json()
    assert {"/v1/accounts", "/v1/sessions", "/v1/orders", "/v1/cart"} <= set(document["paths"])
    assert {"APIKeyCookie", "HTTPBearer"} <= set(document["components"]["securitySchemes"])
    refused = document["paths"]["/v1/orders"]["post"]["responses"]["402"]["content"]
    assert "application/problem+json" in refused


async def test_guesses_are_stopped_by_account_and_by_network_at_both_doors(shop):
    mina = await shop.person()

    async def guess(email, number):
        wrong = {"email": email, "password": "a wrong password"}
        if number % 2:
            return (await shop.http.post("/v1/sessions", json=wrong)).status_code
        async with shop.browser() as browser:
            return (await browser.post("/sign-in", data=wrong)).status_code

    assert [await guess(mina.email, number) for number in range(12)] == [401] * 10 + [429] * 2
    assert [await guess(f"p{number}@example.com", number) for number in range(12)] == [401] * 10 + [429] * 2
    refused = await shop.http.post("/v1/sessions", json={"email": mina.email, "password": "correct horse battery"})
    assert (refused.status_code, slug(refused)) == (429, "too-many-sign-ins")
    assert 0 < int(refused.headers["retry-after"]) <= 900


async def test_a_forged_header_gives_no_new_count(shop):
    headers = [
        {name: f"192.0.2.{number}"} for number in range(9) for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP")
    ]
    tried = []
    for number, forged in enumerate(headers):
        wrong = {"email": f"p{number}@example.com", "password": "a wrong password"}
        tried.append((await shop.http.post("/v1/sessions", json=wrong, headers=forged)).status_code)
    assert tried == [401] * 20 + [429] * 7


@pytest.mark.parametrize("door", ["page", "api"])
async def test_an_owner_signs_in_with_the_browser_they_signed_in_with_before(shop, door):
    mina = await shop.person()
    right = {"email": mina.email, "password": "correct horse battery"}

    async def sign_in(browser):
        if door == "api":
            return (await browser.post("/v1/sessions", json=right)).status_code
        return (await browser.post("/sign-in", data=right)).status_code

    async with shop.browser() as owner, shop.browser() as stranger:
        welcome = await sign_in(owner)
        assert welcome in (201, 303)
        assert {"session", "browser"} <= set(owner.cookies)
        await owner.post("/sign-out")
        assert "browser" in owner.cookies
        assert "session" not in owner.cookies
        for number in range(25):
            await stranger.post("/v1/sessions", json=right | {"password": f"wrong number {number}"})
        assert await sign_in(stranger) == 429
        assert await sign_in(owner) == welcome


async def test_over_https_no_other_host_of_the_domain_can_plant_a_session(settings):
    url = "https://mall.example.com"
    async with opened(settings.model_copy(update={"public_url": url})) as shop:
        mina = await shop.person()
        right = {"email": mina.email, "password": "correct horse battery"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(shop.app), base_url=url) as browser:
            answer = await browser.post("/v1/sessions", json=right)
            for cookie in answer.headers.get_list("set-cookie"):
                assert cookie.startswith("__Host-")
                assert all(part in cookie for part in ("Secure", "HttpOnly", "Path=/", "SameSite=lax"))
                assert "Domain" not in cookie
            assert (await browser.get("/v1/me")).json()["id"] == str(mina.id)
            browser.cookies.clear()
            planted = {"Cookie": f"session={mina.session}"}
            assert (await browser.get("/v1/me", headers=planted)).status_code == 401


async def test_sign_ups_of_one_network_are_stopped(shop):
    taken = await shop.http.post("/v1/accounts", json=MINA)
    answers = [await shop.http.post("/v1/accounts", json=MINA) for _ in range(50)]
    assert taken.status_code == 201
    assert [answer.status_code for answer in answers] == [409] * 49 + [429]
    assert slug(answers[-1]) == "too-many-sign-ups"
    async with shop.browser() as browser:
        page = await browser.post("/sign-up", data={**MINA, "email": "juno@example.com", "key": "k"})
        assert page.status_code == 429
        assert "Too many new accounts from your network" in page.text


@pytest.mark.parametrize("given", ["bearer", "cookie", "nothing", "no session", "another site"])
async def test_the_hot_way_to_an_identity_answers_like_the_frameworks(shop, given):
    """A request with an Idempotency-Key goes the framework's way: the key is checked, and then ignored."""
    mina = await shop.person()
    headers = {
        "bearer": mina.headers,
        "cookie": {"Cookie": f"session={mina.session}", "Origin": URL},
        "nothing": {},
        "no session": {"Authorization": "Bearer none"},
        "another site": {"Cookie": f"session={mina.session}", "Origin": "http://elsewhere.example"},
    }[given]
    async with hot_client(shop.app, URL) as client:
        with answered_hot() as paths:
            hot = await client.post("/v1/identity-tokens", headers=headers)
        assert paths == {"/v1/identity-tokens"}
    framework = await shop.http.post("/v1/identity-tokens", headers=headers)
    assert hot.status_code == framework.status_code
    assert {**hot.json(), "instance": ""} == {**framework.json(), "instance": ""}
    ours = {name: value for name, value in hot.headers.items() if name not in ("date", "server")}
    assert {**ours, "x-request-id": ""} == {**framework.headers, "x-request-id": ""}
    wrong = await shop.http.post("/v1/identity-tokens", headers={**mina.headers, "Idempotency-Key": "x" * 101})
    assert wrong.status_code == 400


async def test_identities_for_a_burst_are_refused_before_the_mall_waits_for_them(shop, monkeypatch):
    monkeypatch.setattr(api_accounts, "MOST_WAITING", 3)
    people = [await shop.person() for _ in range(9)]
    async with hot_client(shop.app, URL) as client:
        asked = (client.post("/v1/identity-tokens", headers=each.headers) for each in people)
        *answers, page = await asyncio.gather(*asked, client.get("/v1/products"))
    refused = [answer for answer in answers if answer.status_code != 201]
    assert 1 <= len(answers) - len(refused) < 9
    assert {slug(answer) for answer in refused} == {"too-many-identities"}
    assert all(1 <= int(answer.headers["retry-after"]) <= 3 for answer in refused)
    assert page.status_code == 200
    assert (await shop.http.post("/v1/identity-tokens", headers=people[0].headers)).status_code == 201
