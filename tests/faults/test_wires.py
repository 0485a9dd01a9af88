"""Connections are reset again and again while people reserve and pay: whoever repeats a request gets one answer.

One store and one worker, a wire from each to the database, and a gateway whose answers get lost. The long tests have
real processes; this one shows the same in seconds.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from itertools import count
from typing import Any, TypeVar
from uuid import UUID

import pytest

from marketday.drops.checkout import Checkout
from marketday.drops.errors import PaymentDeclined, StoreUnavailable
from marketday.drops.model import Order, Reservation
from marketday.drops.postgres.store import PostgresDropStore
from marketday.drops.service import Reservations
from marketday.drops.settlement import Settlement
from marketday.kit.database import connect, make_pool
from marketday.kit.ids import new_id
from marketday.payments.ports import GatewayPayment, GatewayState
from marketday.testing.drops import SKU, SLUG, Shop
from marketday.testing.gateway import FakeGateway
from marketday.testing.wire import wire_to

_A = TypeVar("_A")
PEOPLE, RESETS = 60, 12


@pytest.fixture
async def shop(drop_database_url: str) -> AsyncIterator[Shop]:
    owner = await connect(drop_database_url)
    try:
        yield Shop(owner)
    finally:
        await owner.close()


class BrokenGateway(FakeGateway):
    """After a reset, its next call does its work, and the answer gets lost."""

    def reset(self) -> None:
        self.deaf = True

    def _answer(self, reference: UUID, *, late: bool) -> GatewayPayment:
        late, self.deaf = late or self.deaf, False
        return super()._answer(reference, late=late)


class Till:
    """A store whose wires break, a worker whose wire breaks too, and what people were told."""

    def __init__(self, store: PostgresDropStore, worker: PostgresDropStore, gateway: Any, wires: list[Any]) -> None:
        self.reservations = Reservations(store, largest_batch=8)
        self.checkout = Checkout(store, gateway, Settlement(store, gateway))
        self.worker, self.settlement = worker, Settlement(worker, gateway)
        self.wires = wires
        self.held: dict[UUID, UUID] = {}
        self.orders: dict[UUID, UUID] = {}

    async def buy(self, person: UUID) -> None:
        held = await answered(lambda: self.reservations.reserve(SLUG, person, "hold", SKU, 1))
        self.held[held.id] = person
        order = None
        for number in count():
            with suppress(PaymentDeclined):  # its beginning was cut off, and the worker voided it: pay anew
                order = await self.pay(held, f"pay-{number}")
                break
        assert order is not None
        self.orders[order.id] = person

    async def pay(self, held: Reservation, key: str) -> Order:
        while True:
            paid = await answered(lambda: self.checkout.pay(held.id, held.person_id, key, "card_ok"))
            if paid.order is not None:
                return paid.order
            await asyncio.sleep(0.01)  # its outcome is not known yet: the worker finds out

    async def settle(self) -> None:
        while True:
            with suppress(StoreUnavailable):
                await self.settlement.settle_payments(authorising_seconds=1)
            await asyncio.sleep(0.01)

    async def all_settled(self) -> None:
        """Wait for the worker, which takes the money of orders whose store lost its connection, after a second."""
        while (await answered(lambda: self.worker.open_work(SLUG))).open_payments:
            await asyncio.sleep(0.05)

    async def break_off(self) -> None:
        """Reset a wire whenever something was done since."""
        for number in range(RESETS):
            before = len(self.held) + len(self.orders)
            while len(self.held) + len(self.orders) <= min(before + 3, 2 * PEOPLE - 1):
                await asyncio.sleep(0.001)
            self.wires[number % len(self.wires)].reset()


async def answered(ask: Callable[[], Awaitable[_A]]) -> _A:
    """Ask with the same key until there is an answer."""
    while True:
        with suppress(StoreUnavailable):
            return await ask()
        await asyncio.sleep(0.01)


async def test_whoever_repeats_what_a_reset_cut_off_gets_one_answer(
    shop: Shop, store_database_url: str, worker_database_url: str
):
    await shop.drop()
    await shop.item(stock=1000)
    async with AsyncExitStack() as stack:
        urls = (store_database_url, worker_database_url)
        wires = [await stack.enter_async_context(wire_to(url)) for url in urls]
        pools = [await stack.enter_async_context(make_pool(wire.url, max_size=4)) for wire in wires]
        gateway = BrokenGateway()
        till = Till(*map(PostgresDropStore, pools), gateway, [*wires, gateway])
        settling = asyncio.create_task(till.settle())
        try:
            async with asyncio.timeout(300):
                await asyncio.gather(till.break_off(), *(till.buy(new_id()) for _ in range(PEOPLE)))
                await till.all_settled()
        finally:
            settling.cancel()
            await asyncio.gather(settling, return_exceptions=True)
    rows = await shop.owner.fetch("SELECT id, person_id FROM reservations")
    assert {row["id"]: row["person_id"] for row in rows} == till.held
    rows = await shop.owner.fetch("SELECT id, person_id FROM orders")
    assert {row["id"]: row["person_id"] for row in rows} == till.orders
    assert len(till.held) == len(till.orders) == PEOPLE
    assert await shop.broken_sums() == []
    assert {one.reference for one in gateway.payments() if one.state is GatewayState.CAPTURED} == set(till.orders)
