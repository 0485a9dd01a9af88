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

from .conftest import KEY

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
    """Clients of two sandboxes; the second one has only the framework's routes."""
    hot, other = made(tmp_path, "hot"), made(tmp_path, "other")
    around: Any = other.build_middleware_stack()
    around.app = around.app.framework

    async def plain(scope: Any, receive: Any, send: Any) -> None:
        await around({**scope, "app": other}, receive, send)

    async with client(hot) as first, client(plain) as second:
        yield first, second


def client(app: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:1")


def seen(answer: httpx.Response) -> tuple[int, dict[str, str], dict[str, Any]]:
    headers = {name: value for name, value in answer.headers.items() if name not in ("x-request-id", "content-length")}
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
    for call in CALLS:
        hot, plain = [await client.request(**call) for client in ways]
        assert seen(hot) == seen(plain), call
        statuses.add(hot.status_code)
    assert statuses >= {200, 201, 400, 401, 404, 409, 504}
