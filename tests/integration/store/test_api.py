"""The store's API as a client sees it: every answer of the contract."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from urllib.parse import unquote

import httpx

from marketday.kit.ids import new_id
from marketday.testing.drops import SKU, SLUG, Shop
from marketday.testing.gateway import FakeGateway

from .conftest import ADMISSION_KEY, Mint

RESERVATIONS = f"/v1/drops/{SLUG}/reservations"


def slug_of(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == answer.status_code
    assert document["title"]
    assert document["instance"].endswith(answer.headers["x-request-id"])
    return document["type"].removeprefix("urn:marketday:problem:")


async def reserve(client: httpx.AsyncClient, mint: Mint, person, quantity: Any = 1, sku: Any = SKU, **headers: str):
    body = {"sku": sku, "quantity": quantity}
    return await client.post(RESERVATIONS, json=body, headers=mint.headers(person, **headers))


async def pay(client: httpx.AsyncClient, mint: Mint, person, reservation: str, method: Any = "card_ok", **headers: str):
    path = f"/v1/reservations/{reservation}/payment"
    return await client.post(path, json={"method": method}, headers=mint.headers(person, **headers))


async def test_reserve_pay_and_have_it(client: httpx.AsyncClient, mint: Mint, shop: Shop):
    person = new_id()
    held = await reserve(client, mint, person, 2)
    assert held.status_code == 201
    document = held.json()
    assert set(document) == {
        *("id", "drop", "sku", "quantity", "unit_price_minor", "total_minor", "currency", "state", "reserved_until")
    }
    assert (document["total_minor"], document["currency"], document["state"]) == (64_000, "KRW", "held")
    assert document["reserved_until"].endswith("Z")
    paid = await pay(client, mint, person, document["id"])
    assert paid.status_code == 201
    order, payment = paid.json()["order"], paid.json()["payment"]
    assert (order["total_minor"], order["state"], payment["state"]) == (64_000, "paid", "captured")
    assert order["lines"][0]["sku"] == SKU
    seen = await client.get(f"/v1/orders/{order['id']}", headers=mint.headers(person))
    assert seen.json() == order
    mine = await client.get(f"/v1/drops/{SLUG}/orders", headers=mint.headers(person))
    assert mine.json() == {"orders": [order]}
    status = await client.get(f"/v1/reservations/{document['id']}", headers=mint.headers(person))
    assert (status.json()["state"], status.json()["order_id"]) == ("confirmed", order["id"])
    assert await shop.broken_sums() == []


async def test_what_is_no_quantity(client: httpx.AsyncClient, mint: Mint, shop: Shop):
    for quantity in (0, -1, 1.5, 1.0, "1", True, None, [], {}, 2**31, 10**30):
        answer = await reserve(client, mint, new_id(), quantity)
        assert (answer.status_code, slug_of(answer)) == (422, "invalid-quantity"), quantity
        assert "expected a whole number" in answer.json()["detail"]
    assert await shop.stock() == (10, 0, 0)


async def test_over_the_limit(client: httpx.AsyncClient, mint: Mint):
    for quantity in (3, 10**9, 2**31 - 1):
        answer = await reserve(client, mint, new_id(), quantity)
        assert (answer.status_code, slug_of(answer)) == (409, "over-limit"), quantity
        assert (answer.json()["limit"], answer.json()["taken"]) == (2, 0)


async def test_an_unknown_item(client: httpx.AsyncClient, mint: Mint):
    for sku in ("", "NONE", 7, None, "x" * 101, "nul\x00", "' OR 1=1 --"):
        answer = await reserve(client, mint, new_id(), 1, sku)
        assert (answer.status_code, slug_of(answer)) == (404, "unknown-item"), sku


async def test_an_unknown_drop(client: httpx.AsyncClient, mint: Mint):
    for drop in ("dusk", "Dawn", "a" * 300, "..%2f", "새벽"):
        person = new_id()
        headers = mint.headers(person) | {"Marketday-Admission": mint.admission(person, drop=unquote(drop)[:40])}
        answer = await client.post(f"/v1/drops/{drop}/reservations", json={"sku": SKU, "quantity": 1}, headers=headers)
        assert answer.status_code == 404, drop
        assert slug_of(answer) in ("unknown-drop", "not-found")
        mine = await client.get(f"/v1/drops/{drop}/orders", headers=headers)
        assert (mine.status_code, slug_of(mine)) == (404, slug_of(answer)), drop


BODIES: list[tuple[bytes, int, str]] = [
    (b"", 422, "invalid-request"),
    (b"quantity=1", 400, "not-json"),
    (b'{"sku": "DAWN-30", "quantity": 1', 400, "not-json"),
    (b"[]", 422, "invalid-request"),
    (b"null", 422, "invalid-request"),
    (b'{"sku": "DAWN-30"}', 422, "invalid-request"),
    (b'{"sku": "DAWN-30", "quantity": 1, "price": 0}', 422, "invalid-request"),
    (b'{"sku": "DAWN-30", "quantity": 1, "\\ud800": 0}', 422, "invalid-request"),
    (b'{"sku": "DAWN-30", "quantity": NaN}', 422, "invalid-quantity"),
    (b'{"sku": "\\ud800", "quantity": 1}', 404, "unknown-item"),
    (b"x" * 70_000, 413, "body-too-large"),
    (b"\xff\xfe", 400, "not-json"),
    (b"[" * 60_000, 400, "bad-request"),
    (b'{"sku": "DAWN-30", "quantity": ' + b"9" * 5_000 + b"}", 400, "bad-request"),
]


async def test_bodies_that_are_none(client: httpx.AsyncClient, mint: Mint, shop: Shop):
    for body, status, slug in BODIES:
        headers = mint.headers(new_id()) | {"Content-Type": "application/json"}
        answer = await client.post(RESERVATIONS, content=body, headers=headers)
        assert (answer.status_code, slug_of(answer)) == (status, slug), body[:60]
    assert await shop.stock() == (10, 0, 0)


async def test_who_may_reserve(client: httpx.AsyncClient, mint: Mint, shop: Shop):
    person, other = new_id(), new_id()
    identity = {"Authorization": f"Bearer {mint.identity(person)}"}
    forged = Mint().identity(person)
    cases: list[tuple[dict[str, str], int, str]] = [
        ({}, 401, "missing-token"),
        ({"Authorization": "Bearer x"}, 401, "invalid-token"),
        ({"Authorization": f"Bearer {forged}"}, 401, "invalid-token"),
        ({"Authorization": f"Bearer {mint.identity(person, seconds=-1)}"}, 401, "expired-token"),
        (identity, 401, "missing-admission"),
        (identity | {"Marketday-Admission": "x"}, 401, "invalid-admission"),
        (identity | {"Marketday-Admission": mint.admission(person, key=bytes(32))}, 401, "invalid-admission"),
        (identity | {"Marketday-Admission": mint.admission(person, seconds=-1)}, 401, "expired-admission"),
        (identity | {"Marketday-Admission": mint.admission(person, drop="dusk")}, 403, "admission-for-another-drop"),
        (identity | {"Marketday-Admission": mint.admission(other)}, 403, "not-your-token"),
        (identity | {"Marketday-Admission": mint.admission(person)}, 400, "missing-idempotency-key"),
    ]
    assert bytes(32) != ADMISSION_KEY
    for headers, status, slug in cases:
        answer = await client.post(RESERVATIONS, json={"sku": SKU, "quantity": 1}, headers=headers)
        assert (answer.status_code, slug_of(answer)) == (status, slug)
    assert await shop.stock() == (10, 0, 0)


async def test_a_key_that_cannot_be_one(client: httpx.AsyncClient, mint: Mint):
    answer = await reserve(client, mint, new_id(), **{"Idempotency-Key": "x" * 256})
    assert (answer.status_code, slug_of(answer)) == (400, "invalid-idempotency-key")


async def until_answered(post: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
    """Repeat a request with its key as a client does: on a busy machine one of many at once may hear `503`."""
    async with asyncio.timeout(60):
        while (answer := await post()).status_code == 503:
            pass
    return answer


async def test_two_hundred_of_the_same_request_at_once(client: httpx.AsyncClient, mint: Mint, shop: Shop):
    person = new_id()
    headers = mint.headers(person)
    body = {"sku": SKU, "quantity": 1}
    post = partial(client.post, RESERVATIONS, json=body, headers=headers)
    answers = await asyncio.gather(*(until_answered(post) for _ in range(200)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    changed = await client.post(RESERVATIONS, json=body | {"quantity": 2}, headers=headers)
    assert (changed.status_code, slug_of(changed)) == (422, "idempotency-conflict")
    assert await shop.stock() == (10, 1, 0)


async def test_two_hundred_payments_at_once_are_one(
    client: httpx.AsyncClient, mint: Mint, shop: Shop, gateway: FakeGateway
):
    person = new_id()
    held = (await reserve(client, mint, person)).json()
    headers = mint.headers(person)
    path = f"/v1/reservations/{held['id']}/payment"
    post = partial(client.post, path, json={"method": "card_ok"}, headers=headers)
    answers = await asyncio.gather(*(until_answered(post) for _ in range(200)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len(gateway.payments()) == 1
    assert await shop.broken_sums() == []


async def test_declined_then_another_card(client: httpx.AsyncClient, mint: Mint, shop: Shop):
    person = new_id()
    held = (await reserve(client, mint, person)).json()
    key = {"Idempotency-Key": "first"}
    for _ in range(2):
        declined = await pay(client, mint, person, held["id"], "card_declined", **key)
        assert (declined.status_code, slug_of(declined)) == (402, "payment-declined")
    changed = await pay(client, mint, person, held["id"], "card_ok", **key)
    assert (changed.status_code, slug_of(changed)) == (422, "idempotency-conflict")
    assert (await pay(client, mint, person, held["id"])).status_code == 201
    again = await pay(client, mint, person, held["id"])
    assert (again.status_code, slug_of(again)) == (409, "already-paid")


async def test_a_silent_gateway_is_answered_with_202_and_bars_a_second_payment(client: httpx.AsyncClient, mint: Mint):
    person = new_id()
    held = (await reserve(client, mint, person)).json()
    for _ in range(2):
        waiting = await pay(client, mint, person, held["id"], "card_late", **{"Idempotency-Key": "late"})
        assert waiting.status_code == 202
        assert waiting.headers["retry-after"]
        assert (waiting.json()["order"], waiting.json()["payment"]["state"]) == (None, "unknown")
    second = await pay(client, mint, person, held["id"])
    assert (second.status_code, slug_of(second)) == (409, "payment-in-progress")
    released = await client.delete(f"/v1/reservations/{held['id']}", headers=mint.headers(person))
    assert (released.status_code, slug_of(released)) == (409, "payment-in-progress")


async def test_what_is_no_method(client: httpx.AsyncClient, mint: Mint):
    person = new_id()
    held = (await reserve(client, mint, person)).json()
    for method in ("cash", "", 7, None, ["card_ok"]):
        answer = await pay(client, mint, person, held["id"], method)
        assert (answer.status_code, slug_of(answer)) == (422, "invalid-method"), method


async def test_another_persons_things_are_not_there(client: httpx.AsyncClient, mint: Mint):
    person, other = new_id(), new_id()
    held = (await reserve(client, mint, person)).json()
    order = (await pay(client, mint, person, held["id"])).json()["order"]
    reservation = f"/v1/reservations/{held['id']}"
    headers = mint.headers(other)
    answers = [
        await client.get(reservation, headers=headers),
        await client.delete(reservation, headers=headers),
        await client.post(f"{reservation}/payment", json={"method": "card_ok"}, headers=headers),
        await client.get(f"/v1/orders/{order['id']}", headers=headers),
    ]
    assert [(answer.status_code, slug_of(answer)) for answer in answers] == [
        *[(404, "unknown-reservation")] * 3,
        (404, "unknown-order"),
    ]
    assert (await client.get(f"/v1/drops/{SLUG}/orders", headers=headers)).json() == {"orders": []}


async def test_giving_up_twice_and_paying_too_late(client: httpx.AsyncClient, mint: Mint, shop: Shop):
    person = new_id()
    held = (await reserve(client, mint, person)).json()
    for _ in range(2):
        assert (await client.delete(f"/v1/reservations/{held['id']}", headers=mint.headers(person))).status_code == 204
    late = await pay(client, mint, person, held["id"])
    assert (late.status_code, slug_of(late)) == (410, "reservation-expired")
    assert await shop.stock() == (10, 0, 0)


async def test_sold_out_and_all_reserved(client: httpx.AsyncClient, mint: Mint, shop: Shop):
    await shop.item("ONE", stock=1)
    person = new_id()
    held = (await reserve(client, mint, person, 1, "ONE")).json()
    empty = await reserve(client, mint, new_id(), 1, "ONE")
    assert (empty.status_code, slug_of(empty), empty.json()["left"]) == (409, "all-reserved", 0)
    await pay(client, mint, person, held["id"])
    gone = await reserve(client, mint, new_id(), 1, "ONE")
    assert (gone.status_code, slug_of(gone)) == (410, "sold-out")


async def test_not_an_id(client: httpx.AsyncClient, mint: Mint):
    answer = await client.get("/v1/orders/7", headers=mint.headers(new_id()))
    assert (answer.status_code, slug_of(answer)) == (400, "invalid-id")


async def test_health_and_openapi(client: httpx.AsyncClient):
    assert (await client.get("/healthz")).status_code == 200
    assert (await client.get("/readyz")).json() == {"status": "ready"}
    assert [(await client.get(path)).status_code for path in ("/docs", "/redoc")] == [404, 404]
    assert (await client.get("/openapi.json")).json()["paths"]["/v1/drops/{drop}/reservations"]["post"]
