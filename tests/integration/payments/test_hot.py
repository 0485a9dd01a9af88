"""The sandbox's hot endpoints and its framework's routes give the same answers, from equal ledgers."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from marketday.apps.sandbox import Settings, create_app
from marketday.kit.ids import new_id
from marketday.testing.serving import answered_hot, hot_client

from .conftest import KEY

HOST = "http://127.0.0.1:1"
REFERENCE = new_id()
WISH = {
    "amount_minor": 12_000,
    "currency": "KRW",
    "method": "card_ok",
    "drop": "dawn",
    "customer": str(UUID(int=1)),
    "subject": str(UUID(int=2)),
    "goods": "DAWN-SERUM-30 x 1",
}
OF_A_CALL = {"created_at", "updated_at", "instance", "id"}


def made(folder: Path, name: str) -> FastAPI:
    return create_app(Settings(database_file=folder / name, gateway_key=SecretStr(KEY), port=1, late_seconds=0.001))


@pytest.fixture
async def ways(tmp_path: Path) -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    """Clients of two sandboxes: of one whose server answers hot endpoints, and of one that only has the framework."""
    plain = httpx.AsyncClient(transport=httpx.ASGITransport(made(tmp_path, "plain")), base_url=HOST)
    async with hot_client(made(tmp_path, "hot"), HOST) as hot, plain:
        yield hot, plain


def seen(answer: httpx.Response) -> tuple[int, dict[str, str], dict[str, Any]]:
    of_a_server = ("x-request-id", "content-length", "date", "server")
    headers = {name: value for name, value in answer.headers.items() if name not in of_a_server}
    body = answer.json() if answer.content else {}
    return answer.status_code, headers, {**body, **dict.fromkeys(OF_A_CALL & body.keys())}


def put(**change: Any) -> dict[str, Any]:
    asked = {"method": "PUT", "url": f"/payments/{REFERENCE}", "json": WISH}
    return {**asked, "headers": {"Authorization": f"Bearer {KEY}"}, **change}


def capture(reference: Any = REFERENCE, **change: Any) -> dict[str, Any]:
    return {**put(method="POST", url=f"/payments/{reference}/capture", json=None), **change}


def body(content: bytes) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    return put(json=None, content=content, headers=headers)


def card(method: str) -> dict[str, Any]:
    return put(url=f"/payments/{new_id()}", json={**WISH, "method": method})


CALLS = [
    *(body(each) for each in (b"", b"{", b"[]", b"null", b"\xff", b"[" * 30_000)),
    *(put(json={**WISH, "amount_minor": amount}) for amount in (-1, 1.5, 1.0, "1", True, None, 10**30)),
    *(put(json={**WISH, "currency": currency}) for currency in ("XQX", "krw", "", 7)),
    *(put(json={**WISH, name: "x"}) for name in ("customer", "subject", "method", "tip")),
    *(put(json={name: value for name, value in WISH.items() if name != missing}) for missing in WISH),
    put(json={**WISH, "goods": "x" * 501}),
    put(json=None, content=json.dumps(WISH).encode()),
    put(json=None, data=WISH),
    put(url="/payments/x"),
    put(headers={}),
    put(headers={"Authorization": "Bearer x"}),
    capture(),
    put(),
    put(),
    put(json={**WISH, "amount_minor": 1}),
    put(json={**WISH, "goods": "other"}),
    put(headers={"Authorization": f"Bearer {KEY}", "Origin": "http://elsewhere.example"}),
    capture(headers={}),
    capture(),
    capture(),
    capture("x"),
    capture(new_id()),
    *(card(method) for method in ("card_declined", "card_late", "card_timeout")),
]


async def test_both_ways_give_the_same_answers(ways: tuple[httpx.AsyncClient, httpx.AsyncClient]):
    statuses = set()
    with answered_hot() as paths:
        for call in CALLS:
            hot, plain = [await client.request(**call) for client in ways]
            assert seen(hot) == seen(plain), call
            statuses.add(hot.status_code)
    assert statuses >= {200, 201, 400, 401, 404, 409, 504}
    assert paths == {"/payments/{reference}", "/payments/{reference}/capture"}
