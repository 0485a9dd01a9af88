"""A hot endpoint and the framework's route behind it give the same answers."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from marketday.kit.ids import new_id
from marketday.testing.drops import SKU, SLUG
from marketday.testing.serving import answered_hot, hot_client

from .conftest import PUBLIC_URL, Mint

OF_A_HEAD = {"x-request-id", "content-length", "date", "server"}
OF_A_CALL = {"instance", "id", "reserved_until", "payment", "order"}
WISH = {"sku": SKU, "quantity": 1}


def seen(answer: httpx.Response) -> tuple[int, dict[str, str], dict[str, Any]]:
    """What of an answer must be equal: all but the values that differ from call to call."""
    headers = {name: value for name, value in answer.headers.items() if name not in OF_A_HEAD}
    return answer.status_code, headers, {**answer.json(), **dict.fromkeys(OF_A_CALL & answer.json().keys())}


def reservations(mint: Mint) -> dict[str, dict[str, Any]]:
    """Requests by name, each with a person of its own."""

    def ask(**change: Any) -> dict[str, Any]:
        return {"url": f"/v1/drops/{SLUG}/reservations", "headers": mint.headers(new_id()), "json": WISH, **change}

    def with_headers(**more: str) -> dict[str, Any]:
        return ask(headers=mint.headers(new_id(), **more))

    bodies = [b"", b"{", b"[]", b"null", b'{"sku": 1}', b'{"quantity": 1}', b'"text"', b"\xff", b"[" * 30_000]
    return {
        "a reservation": ask(),
        "another drop's": ask(url="/v1/drops/elsewhere/reservations"),
        "no drop's": ask(url="/v1/drops/UPPER/reservations"),
        "too many": ask(json={"sku": SKU, "quantity": 99}),
        **{f"quantity {value!r}": ask(json={"sku": SKU, "quantity": value}) for value in (0, -1, 1.5, "1", True, None)},
        **{f"sku {value!r}": ask(json={"sku": value, "quantity": 1}) for value in ("none", "", 7, None, "x" * 999)},
        "one member more": ask(json={**WISH, "colour": "red"}),
        **{
            f"body {body[:9]!r}": ask(
                json=None, content=body, headers={**mint.headers(new_id()), "Content-Type": "application/json"}
            )
            for body in bodies
        },
        "a form": ask(json=None, data={"sku": SKU, "quantity": "1"}),
        "a charset": with_headers(**{"Content-Type": "application/json; charset=utf-8"}),
        "no key": with_headers(**{"Idempotency-Key": ""}),
        "a long key": with_headers(**{"Idempotency-Key": "k" * 256}),
        "no identity": with_headers(Authorization=""),
        "a damaged identity": with_headers(Authorization="Bearer x"),
        "no admission": with_headers(**{"Marketday-Admission": ""}),
        "a damaged admission": with_headers(**{"Marketday-Admission": "x"}),
        "another person's admission": with_headers(**{"Marketday-Admission": mint.admission(UUID(int=1))}),
        "from another site": with_headers(Origin="http://elsewhere.example"),
    }


def payments(mint: Mint, person: UUID, held: str) -> dict[str, dict[str, Any]]:
    def ask(**change: Any) -> dict[str, Any]:
        url = f"/v1/reservations/{held}/payment"
        return {"url": url, "headers": mint.headers(person), "json": {"method": "card_ok"}, **change}

    return {
        "no reservation's id": ask(url="/v1/reservations/x/payment"),
        "an unknown reservation": ask(url=f"/v1/reservations/{UUID(int=7)}/payment"),
        "another method": ask(json={"method": "cash"}),
        "a method that is no text": ask(json={"method": ["card_ok"]}),
        "another member": ask(json={"card": "card_ok"}),
        "no key": ask(headers=mint.headers(person, **{"Idempotency-Key": ""})),
        "another person": ask(headers=mint.headers(new_id())),
        "a declined card": ask(json={"method": "card_declined"}),
        "paid": ask(),
        "paid already": ask(),
    }


@pytest.fixture
async def ways(client: httpx.AsyncClient, app: FastAPI) -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    """Two clients of the same store: one gets the answers of hot endpoints, the other only the framework's."""
    async with hot_client(app, PUBLIC_URL) as hot:
        yield hot, client


async def test_both_ways_reserve_alike(ways: tuple[httpx.AsyncClient, httpx.AsyncClient], mint: Mint) -> None:
    asked = [reservations(mint), reservations(mint)]
    with answered_hot() as paths:
        hot, cold = [
            {name: seen(await client.post(**call)) for name, call in calls.items()}
            for client, calls in zip(ways, asked, strict=True)
        ]
    assert paths == {"/v1/drops/{drop}/reservations"}
    assert hot == cold
    assert hot["a reservation"][0] == hot["a charset"][0] == 201


async def test_both_ways_pay_alike(ways: tuple[httpx.AsyncClient, httpx.AsyncClient], mint: Mint) -> None:
    found = []
    for client in ways:
        person = new_id()
        held = await client.post(f"/v1/drops/{SLUG}/reservations", headers=mint.headers(person), json=WISH)
        calls = payments(mint, person, held.json()["id"])
        with answered_hot() as paths:
            answers = {name: seen(await client.post(**call)) for name, call in calls.items()}
        assert bool(paths) is (client is ways[0])
        found.append(
            {name: (status, headers, {**body, "detail": None}) for name, (status, headers, body) in answers.items()}
        )
    assert found[0] == found[1]
    assert found[0]["paid"][0] == 201


async def test_a_body_without_a_length_that_is_too_large_gets_the_same_refusal_both_ways(
    ways: tuple[httpx.AsyncClient, httpx.AsyncClient], mint: Mint
) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(9):
            yield b"x" * 8192

    url, headers = f"/v1/drops/{SLUG}/reservations", {**mint.headers(new_id()), "Content-Type": "application/json"}
    hot, cold = [seen(await client.post(url, headers=headers, content=parts())) for client in ways]
    assert hot == cold
    assert hot[0] == 413
