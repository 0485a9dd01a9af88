"""Forty people want ten units: without the guard too many are sold, with it they are not."""

import asyncio
from datetime import UTC, datetime

import pytest

from marketday.kit.clock import SystemClock
from marketday.kit.ids import new_id
from marketday.orders.errors import CheckoutInProgress, EmptyCart, OutOfStock, PaymentDeclined
from marketday.orders.model import Order
from marketday.orders.postgres import PostgresCartStore, PostgresOrderStore
from marketday.orders.service import OrderService
from marketday.payments.model import PaymentState
from marketday.testing.gateway import FakeGateway
from marketday.testing.orders import MemoryVariant

NOW = datetime(2026, 12, 10, 11, tzinfo=UTC)
UNITS = 10
PEOPLE = 40


@pytest.fixture
async def people(shelf):
    await shelf.fill({"A": MemoryVariant(UNITS), "B": MemoryVariant(UNITS)})
    return await shelf.people(PEOPLE)


@pytest.fixture
def store(pool):
    return PostgresOrderStore(pool)


async def test_read_then_write_oversells(pool, people):
    """The race is real: without the guard more is sold than there is, and no constraint notices."""
    everyone_has_read = asyncio.Barrier(UNITS + 5)

    async def naive() -> int:
        async with pool.acquire() as connection, connection.transaction():
            stock = await connection.fetchval("SELECT stock FROM variants WHERE sku = 'A'")
            await everyone_has_read.wait()
            if stock < 1:
                return 0
            await connection.execute("UPDATE variants SET stock = $1 WHERE sku = 'A'", stock - 1)
            return 1

    sold = sum(await asyncio.gather(*(naive() for _ in range(UNITS + 5))))
    assert sold == UNITS + 5
    assert await pool.fetchval("SELECT stock FROM variants WHERE sku = 'A'") == UNITS - 1


async def test_the_guard_sells_what_there_is_and_no_more(pool, shelf, people, store):
    for person in people:
        await PostgresCartStore(pool).put(person, "A", 1, NOW)
    placing = (store.place(new_id(), new_id(), person, NOW, None) for person in people)
    answers = await asyncio.gather(*placing, return_exceptions=True)
    assert sum(isinstance(answer, Order) for answer in answers) == UNITS
    assert sum(isinstance(answer, OutOfStock) for answer in answers) == PEOPLE - UNITS
    assert (await shelf.left())["A"] == 0


async def test_carts_filled_in_opposite_orders_never_wait_for_each_other_in_a_circle(pool, shelf, people, store):
    carts = PostgresCartStore(pool)
    for number, person in enumerate(people):
        for sku in ("A", "B") if number % 2 else ("B", "A"):
            await carts.put(person, sku, 1, datetime.now(UTC))

    async def place_and_cancel(person):
        try:
            order = await store.place(new_id(), new_id(), person, NOW, None)
        except (OutOfStock, CheckoutInProgress):
            return
        await store.cancel(order.id, PaymentState.DECLINED, NOW)

    await asyncio.gather(*(place_and_cancel(person) for person in people for _ in range(5)))
    assert await shelf.left() == {"A": UNITS, "B": UNITS}


async def test_the_same_order_at_the_same_time_takes_its_units_once(pool, shelf, people, store):
    await PostgresCartStore(pool).put(people[0], "A", UNITS, NOW)
    order_id = new_id()
    orders = await asyncio.gather(*(store.place(order_id, new_id(), people[0], NOW, None) for _ in range(20)))
    assert {order.payment_id for order in orders} == {orders[0].payment_id}
    assert (await shelf.left())["A"] == 0
    cancelled = await asyncio.gather(*(store.cancel(order_id, PaymentState.VOIDING, NOW) for _ in range(20)))
    assert len(set(cancelled)) == 1
    assert (await shelf.left())["A"] == UNITS


async def test_twenty_windows_that_check_out_one_cart_at_once_buy_it_once(pool, shelf, people, store):
    gateway = FakeGateway()
    orders = OrderService(store, gateway, SystemClock())
    await PostgresCartStore(pool).put(people[0], "A", 1, NOW)
    answers = await asyncio.gather(
        *(orders.check_out(new_id(), people[0], "card_ok") for _ in range(20)), return_exceptions=True
    )
    assert sum(isinstance(answer, Order) for answer in answers) == 1
    assert sum(isinstance(answer, CheckoutInProgress | EmptyCart) for answer in answers) == 19
    assert (await shelf.left())["A"] == UNITS - 1
    assert len(gateway.payments("mall")) == 1


async def test_stock_money_and_orders_agree_after_a_rush_of_good_and_bad_cards(pool, shelf, people, store):
    gateway = FakeGateway()
    orders = OrderService(store, gateway, SystemClock())
    for person in people:
        await PostgresCartStore(pool).put(person, "A", 1, NOW)

    async def buy(number, person):
        card = ("card_ok", "card_declined", "card_late")[number % 3]
        for _ in range(3):
            try:
                return await orders.check_out(new_id(), person, card)
            except OutOfStock:
                continue
            except Exception as refusal:  # noqa: BLE001 - counted below
                return refusal
        return None

    answers = await asyncio.gather(*(buy(number, person) for number, person in enumerate(people)))
    bought = [answer for answer in answers if isinstance(answer, Order)]
    assert any(isinstance(answer, PaymentDeclined) for answer in answers)
    assert 0 < len(bought) <= UNITS
    assert (await shelf.left())["A"] == UNITS - len(bought)
    captured = [payment for payment in gateway.payments("mall") if payment.state == "captured"]
    assert sorted(payment.reference for payment in captured) == sorted(order.payment_id for order in bought)
    assert all(payment.state in ("captured", "declined", "voided") for payment in gateway.payments())
