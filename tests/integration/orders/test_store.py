"""One suite for carts and orders: the fake in memory and PostgreSQL promise the same."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from marketday.kit.ids import new_id
from marketday.orders.errors import (
    CheckoutInProgress,
    EmptyCart,
    MixedCurrencies,
    NotForSale,
    OutOfStock,
    TotalChanged,
    UnknownItem,
    UnknownOrder,
)
from marketday.orders.model import OpenPayment, OrderState
from marketday.orders.postgres import PostgresCartStore, PostgresOrderStore
from marketday.payments.model import PaymentState
from marketday.testing.orders import MemoryShop, MemoryVariant

NOW = datetime(2026, 12, 10, 11, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@dataclass
class Stores:
    carts: Any
    orders: Any
    left: Callable[[], Awaitable[dict[str, int]]]
    mina: UUID


@pytest.fixture(params=["memory", "postgres"])
def real_shelf(request):
    return None if request.param == "memory" else request.getfixturevalue("shelf")


@pytest.fixture
async def stores(real_shelf):
    variants = {
        "A": MemoryVariant(5, 1000),
        "B": MemoryVariant(5, 300),
        "USD": MemoryVariant(5, 700, "USD"),
        "DRAFT": MemoryVariant(5, 100, for_sale=False),
        "FREE": MemoryVariant(5, 10, unlimited=True),
    }
    if real_shelf is None:
        shop = MemoryShop(variants)

        async def left():
            return {sku: variant.stock for sku, variant in shop.variants.items()}

        return Stores(shop, shop, left, new_id())
    await real_shelf.fill(variants)
    (mina,) = await real_shelf.people(1)
    return Stores(PostgresCartStore(real_shelf.pool), PostgresOrderStore(real_shelf.pool), real_shelf.left, mina)


async def place(stores, cart, *, order_id=None, expected=None):
    await stores.carts.replace(stores.mina, cart, NOW)
    return await stores.orders.place(order_id or new_id(), new_id(), stores.mina, NOW, expected)


async def taken(stores):
    return {sku: 5 - left for sku, left in (await stores.left()).items() if left != 5}


async def test_what_is_sold_without_limit_is_never_out_of_stock(stores):
    order = await place(stores, {"FREE": 40})
    assert await taken(stores) == {"FREE": 40}
    await stores.orders.cancel(order.id, PaymentState.DECLINED, NOW)
    assert await taken(stores) == {}
    with pytest.raises(OutOfStock) as refused:
        await place(stores, {"FREE": 40, "A": 6})
    assert refused.value.extra["sku"] == "A"
    assert await taken(stores) == {}


async def test_a_cart_has_one_currency(stores):
    await stores.carts.put(stores.mina, "A", 1, NOW)
    with pytest.raises(MixedCurrencies, match="'USD'"):
        await stores.carts.put(stores.mina, "USD", 1, NOW)
    assert await stores.carts.cart(stores.mina) == {"A": 1}
    await stores.carts.remove(stores.mina, "A")
    await stores.carts.put(stores.mina, "USD", 1, NOW)
    await stores.carts.put(stores.mina, "USD", 2, NOW)
    assert await stores.carts.cart(stores.mina) == {"USD": 2}


async def test_a_cart_is_kept_line_by_line(stores):
    carts, mina = stores.carts, stores.mina
    await carts.put(mina, "B", 2, NOW)
    await carts.put(mina, "A", 1, NOW + SECOND)
    await carts.put(mina, "B", 3, NOW + 2 * SECOND)
    assert list((await carts.cart(mina)).items()) == [("B", 3), ("A", 1)]
    await carts.remove(mina, "B")
    await carts.remove(mina, "B")
    assert await carts.cart(mina) == {"A": 1}
    with pytest.raises(UnknownItem):
        await carts.put(mina, "NOTHING", 1, NOW)
    await carts.replace(mina, {"B": 7, "NOTHING": 1}, NOW)
    assert await carts.cart(mina) == {"B": 7}
    await carts.replace(mina, {}, NOW)
    assert await carts.cart(mina) == {}
    assert await carts.cart(new_id()) == {}


async def test_a_placed_order_has_its_units_and_its_prices(stores):
    order_id = new_id()
    order = await place(stores, {"A": 2, "B": 1}, order_id=order_id, expected=2300)
    assert (order.id, order.account_id, order.origin) == (order_id, stores.mina, "mall")
    assert (order.state, order.payment_state) == (OrderState.PENDING, PaymentState.AUTHORISING)
    assert (order.total_minor, order.currency, order.created_at) == (2300, "KRW", NOW)
    assert {(line.sku, line.quantity, line.unit_price_minor, line.title_en) for line in order.lines} == {
        ("A", 2, 1000, "A en"),
        ("B", 1, 300, "B en"),
    }
    assert await taken(stores) == {"A": 2, "B": 1}
    assert await stores.carts.cart(stores.mina) == {"A": 2, "B": 1}
    assert await stores.orders.find(order_id) == order


async def test_the_same_id_again_is_the_same_order(stores):
    order_id = new_id()
    first = await place(stores, {"A": 5}, order_id=order_id)
    assert await place(stores, {"A": 5}, order_id=order_id) == first
    await stores.orders.confirm(order_id, NOW)
    again = await stores.orders.place(order_id, new_id(), stores.mina, NOW, None)
    assert again.state is OrderState.PAID
    assert await taken(stores) == {"A": 5}


@pytest.mark.parametrize(
    ("cart", "expected", "refusal", "extra"),
    [
        ({}, None, EmptyCart, {}),
        ({"A": 1, "B": 6}, None, OutOfStock, {"sku": "B", "left": 5}),
        ({"A": 1, "DRAFT": 1}, None, NotForSale, {"sku": "DRAFT"}),
        ({"A": 1, "USD": 1}, None, MixedCurrencies, {}),
        ({"A": 1}, 999, TotalChanged, {"total_minor": 1000}),
    ],
)
async def test_an_order_that_cannot_be_changes_nothing(stores, cart, expected, refusal, extra):
    with pytest.raises(refusal) as refused:
        await place(stores, cart, expected=expected)
    assert refused.value.extra == extra
    assert await taken(stores) == {}
    assert await stores.orders.of_account(stores.mina, limit=9, before=None) == []


async def test_a_paid_order_leaves_the_cart_and_stays_paid(stores):
    order = await place(stores, {"A": 1})
    await stores.carts.put(stores.mina, "B", 1, NOW)
    paid = await stores.orders.confirm(order.id, NOW)
    assert (paid.state, paid.payment_state) == (OrderState.PAID, PaymentState.AUTHORISED)
    assert await stores.carts.cart(stores.mina) == {"B": 1}
    assert await stores.orders.confirm(order.id, NOW) == paid
    assert await stores.orders.cancel(order.id, PaymentState.VOIDING, NOW) == paid
    assert await taken(stores) == {"A": 1}


async def test_a_cancelled_order_puts_its_units_back_once(stores):
    order = await place(stores, {"A": 2, "B": 1})
    cancelled = await stores.orders.cancel(order.id, PaymentState.DECLINED, NOW)
    assert (cancelled.state, cancelled.payment_state) == (OrderState.CANCELLED, PaymentState.DECLINED)
    assert await stores.orders.cancel(order.id, PaymentState.VOIDING, NOW) == cancelled
    assert await stores.orders.confirm(order.id, NOW) == cancelled
    assert await taken(stores) == {}


async def test_while_one_order_waits_for_its_payment_the_account_makes_no_second_one(stores):
    first = await place(stores, {"A": 1})
    with pytest.raises(CheckoutInProgress) as refused:
        await place(stores, {"A": 1})
    assert refused.value.extra["retry_after"] > 0
    assert await taken(stores) == {"A": 1}
    await stores.orders.cancel(first.id, PaymentState.DECLINED, NOW)
    assert (await place(stores, {"A": 1})).state is OrderState.PENDING


async def test_a_payment_only_goes_where_it_can(stores):
    order = await place(stores, {"A": 1})
    await stores.orders.confirm(order.id, NOW)
    await stores.orders.record_payment(order.payment_id, PaymentState.DECLINED, NOW)
    assert (await stores.orders.find(order.id)).payment_state is PaymentState.AUTHORISED
    await stores.orders.record_payment(order.payment_id, PaymentState.CAPTURED, NOW)
    await stores.orders.record_payment(order.payment_id, PaymentState.VOIDED, NOW)
    assert (await stores.orders.find(order.id)).payment_state is PaymentState.CAPTURED


async def test_open_payments_are_those_that_nobody_touched_for_a_while(stores):
    paid = await place(stores, {"A": 1})
    await stores.orders.confirm(paid.id, NOW + SECOND)
    done = await place(stores, {"A": 1})
    await stores.orders.cancel(done.id, PaymentState.DECLINED, NOW)
    pending = await place(stores, {"A": 1})
    assert await stores.orders.open_payments(NOW - SECOND, limit=9) == []
    first = OpenPayment(pending.payment_id, pending.id, PaymentState.AUTHORISING, OrderState.PENDING)
    second = OpenPayment(paid.payment_id, paid.id, PaymentState.AUTHORISED, OrderState.PAID)
    assert await stores.orders.open_payments(NOW, limit=9) == [first]
    assert await stores.orders.open_payments(NOW + SECOND, limit=9) == [first, second]
    assert await stores.orders.open_payments(NOW + SECOND, limit=1) == [first]


async def test_orders_are_listed_newest_first_from_a_cursor_on(stores):
    made = []
    for _ in range(4):
        made.append((await place(stores, {"B": 1})).id)
        await stores.orders.confirm(made[-1], NOW)
    for listed in (
        await stores.orders.of_account(stores.mina, limit=2, before=made[3]),
        await stores.orders.all_orders(origin=None, limit=2, before=made[3]),
        await stores.orders.all_orders(origin="mall", limit=2, before=made[3]),
    ):
        assert [order.id for order in listed] == [made[2], made[1]]
        assert all(len(order.lines) == 1 for order in listed)
    assert await stores.orders.all_orders(origin="dawn-serum", limit=2, before=None) == []
    assert await stores.orders.of_account(new_id(), limit=2, before=None) == []
    assert await stores.orders.origins() == ["mall"]


async def test_an_order_that_there_is_not(stores):
    assert await stores.orders.find(new_id()) is None
    with pytest.raises(UnknownOrder):
        await stores.orders.confirm(new_id(), NOW)
    with pytest.raises(UnknownOrder):
        await stores.orders.cancel(new_id(), PaymentState.VOIDED, NOW)
