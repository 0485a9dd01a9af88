"""The drop's database stops answering: every request gets an answer in time, and no promise is broken."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest

from marketday.apps import store as store_app
from marketday.drops.postgres.store import PostgresDropStore
from marketday.drops.settlement import Settlement
from marketday.kit.database import make_pool
from marketday.kit.ids import new_id
from marketday.testing.drops import SKU, SLUG, Shop
from marketday.testing.gateway import FakeGateway
from marketday.testing.wire import TcpProxy, wire_to

from .conftest import Mint

STATED_SECONDS, GOOD_AGAIN_SECONDS, SLACK = 5, 3, 15  # the slack is for a busy machine
RESERVATIONS = f"/v1/drops/{SLUG}/reservations"
UNAVAILABLE = 503


@pytest.fixture
async def wire(postgres_server, drop_database_url: str) -> AsyncIterator[TcpProxy]:
    async with wire_to(postgres_server.url(urlsplit(drop_database_url).path.removeprefix("/"), "store")) as wire:
        yield wire


@pytest.fixture(autouse=True)
def limit(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the limit of all answers, but for one case: they differ in what is lost, not in how long one waits."""
    if "connected-both" not in request.node.name:
        monkeypatch.setattr(store_app, "make_pool", partial(make_pool, seconds=2.0))


@pytest.fixture
def store_database_url(wire: TcpProxy) -> str:
    """By way of the wire."""
    return wire.url


Press = Callable[[UUID], Awaitable[httpx.Response]]


class Shoppers:
    """People who press until they have an answer, with the same key."""

    def __init__(self, client: httpx.AsyncClient, mint: Mint, count: int) -> None:
        self.client = client
        self.headers: dict[UUID, dict[str, str]] = {
            person: mint.headers(person) for person in (new_id() for _ in range(count))
        }

    async def press(self, person: UUID) -> httpx.Response:
        body = {"sku": SKU, "quantity": 1}
        return await self.client.post(RESERVATIONS, json=body, headers=self.headers[person])

    async def pay(self, person: UUID, reservation: str) -> httpx.Response:
        path = f"/v1/reservations/{reservation}/payment"
        return await self.client.post(path, json={"method": "card_ok"}, headers=self.headers[person])

    async def press_until_answered(self, person: UUID) -> httpx.Response:
        while (answer := await self.press(person)).status_code == UNAVAILABLE:
            pass
        return answer

    async def all(self, press: Press) -> list[httpx.Response]:
        return await asyncio.gather(*map(press, self.headers))


@pytest.fixture
def shoppers(client: httpx.AsyncClient, mint: Mint) -> Shoppers:
    return Shoppers(client, mint, 60)


async def in_time(work) -> list[httpx.Response]:
    begun = time.monotonic()
    answers = await work
    assert time.monotonic() - begun < STATED_SECONDS + SLACK
    return answers


@pytest.mark.parametrize("swallowed", ["both", "there", "back", "middle"])
@pytest.mark.parametrize("begins", ["connected", "at-connect"])
async def test_reservations_are_answered_in_time_and_the_truth_holds(
    shoppers: Shoppers, wire: TcpProxy, shop: Shop, swallowed: str, begins: str
) -> None:
    if begins == "connected":
        assert (await shoppers.press(next(iter(shoppers.headers)))).status_code == 201
    wire.there, wire.back = swallowed not in ("both", "there"), swallowed not in ("both", "back")
    wire.left_of_answer = 30 if swallowed == "middle" else None
    answers = await in_time(shoppers.all(shoppers.press))
    assert {answer.status_code for answer in answers} == {UNAVAILABLE}
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
    wire.heal()
    async with asyncio.timeout(
        GOOD_AGAIN_SECONDS + SLACK
    ):  # whoever was promised nothing may have it with the same key
        answers = await shoppers.all(shoppers.press_until_answered)
    held = [answer.json()["id"] for answer in answers if answer.status_code in (200, 201)]
    assert len(set(held)) == 10
    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    assert await shop.stock() == (10, 10, 0)
    assert await shop.broken_sums() == []


async def test_a_page_and_readiness_say_so_in_time(client: httpx.AsyncClient, wire: TcpProxy) -> None:
    assert (await client.get("/readyz")).status_code == 200
    wire.fall_silent()
    answers = await in_time(asyncio.gather(*(client.get("/readyz") for _ in range(30))))
    assert {answer.status_code for answer in answers} == {UNAVAILABLE}


@pytest.mark.parametrize("at", ["begin", "authorise", "capture"])
async def test_a_payment_whose_commit_was_not_heard_of_comes_to_one_end(
    shoppers: Shoppers, wire: TcpProxy, shop: Shop, gateway: FakeGateway, postgres_server, at: str, monkeypatch
) -> None:
    """The statement runs but its answer is lost: the result is unknown until a request with the same key."""
    first, person = list(shoppers.headers)[:2]
    await shoppers.pay(first, (await shoppers.press(first)).json()["id"])  # so that each statement is prepared
    held = (await shoppers.press(person)).json()["id"]
    if at == "begin":
        wire.last_words = shoppers.headers[person]["Idempotency-Key"].encode()
    else:
        real = getattr(gateway, at)

        async def falls_silent_after(*asked):
            answer = await real(*asked)
            wire.back = False
            return answer

        monkeypatch.setattr(gateway, at, falls_silent_after)
    answer = await in_time(shoppers.pay(person, held))
    # The order is committed before the capture, whose record no shopper waits for.
    assert answer.status_code == (201 if at == "capture" else UNAVAILABLE)
    monkeypatch.undo()
    wire.heal()
    worker_url = postgres_server.url(urlsplit(wire.url).path.removeprefix("/"), "worker")
    async with make_pool(worker_url) as pool, asyncio.timeout(60):
        settlement = Settlement(PostgresDropStore(pool), gateway)
        while await pool.fetchval("SELECT count(*) FROM payments WHERE state NOT IN ('captured', 'voided')"):
            await settlement.settle_payments(authorising_seconds=0)
    orders = await shop.value("SELECT count(*) FROM orders")
    taken = [payment for payment in gateway.payments(SLUG) if payment.state == "captured"]
    assert len(taken) == orders == (1 if at == "begin" else 2)
    assert not [payment for payment in gateway.payments(SLUG) if payment.state == "authorised"]
    again = await shoppers.pay(person, held)
    assert (again.status_code in (200, 201)) == (at != "begin")
    assert await shop.broken_sums() == []
