import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from marketday.kit.ids import new_id
from marketday.orders.carts import Carts
from marketday.orders.errors import (
    EmptyCart,
    OutOfStock,
    PaymentDeclined,
    PaymentUnanswered,
    TotalChanged,
    UnknownItem,
    UnknownOrder,
)
from marketday.orders.model import OrderState
from marketday.orders.service import OrderService
from marketday.payments.errors import GatewayTimeout, GatewayUnclear
from marketday.payments.model import PaymentState
from marketday.payments.ports import GatewayState
from marketday.testing.clock import FakeClock
from marketday.testing.gateway import FakeGateway
from marketday.testing.orders import MemoryShop, MemoryVariant

MINA = new_id()
LATER = timedelta(seconds=30)


@pytest.fixture
def clock():
    return FakeClock(datetime(2026, 12, 10, tzinfo=UTC))


@pytest.fixture
def shop():
    return MemoryShop({"A": MemoryVariant(5, 1000), "B": MemoryVariant(5, 300)})


@pytest.fixture
def gateway():
    return FakeGateway()


@pytest.fixture
def orders(shop, gateway, clock):
    return OrderService(shop, gateway, clock)


@pytest.fixture
async def cart(shop, clock):
    carts = Carts(shop, clock)
    await carts.put(MINA, "A", 2)
    await carts.put(MINA, "B", 1)
    return carts


def stock(shop):
    return {sku: variant.stock for sku, variant in shop.variants.items()}


async def test_what_is_bought_leaves_stock_and_cart_and_the_money_is_taken(orders, shop, gateway, cart):
    order = await orders.check_out(new_id(), MINA, "card_ok", expected_total_minor=2300)
    assert (order.state, order.payment_state, order.total_minor) == (OrderState.PAID, PaymentState.CAPTURED, 2300)
    assert stock(shop) == {"A": 3, "B": 4}
    assert await cart.cart(MINA) == {}
    assert [(payment.state, payment.amount_minor) for payment in gateway.payments("mall")] == [
        (GatewayState.CAPTURED, 2300)
    ]


async def test_the_same_order_again_is_the_same_order(orders, shop, cart):
    order_id = new_id()
    first = await orders.check_out(order_id, MINA, "card_ok")
    await cart.put(MINA, "A", 1)
    assert await orders.check_out(order_id, MINA, "card_ok") == first
    assert stock(shop) == {"A": 3, "B": 4}


async def test_an_empty_cart_and_a_total_that_has_changed_buy_nothing(orders, shop, gateway, cart):
    with pytest.raises(EmptyCart):
        await orders.check_out(new_id(), new_id(), "card_ok")
    with pytest.raises(TotalChanged):
        await orders.check_out(new_id(), MINA, "card_ok", expected_total_minor=1)
    assert stock(shop) == {"A": 5, "B": 5}
    assert gateway.calls == []


async def test_one_missing_line_buys_nothing(orders, shop, gateway, cart):
    shop.variants["B"].stock = 0
    with pytest.raises(OutOfStock) as refused:
        await orders.check_out(new_id(), MINA, "card_ok")
    assert refused.value.extra == {"sku": "B", "left": 0}
    assert stock(shop) == {"A": 5, "B": 0}
    assert gateway.calls == []


@pytest.mark.parametrize(
    ("card", "refusal", "ledger"),
    [
        ("card_declined", PaymentDeclined, GatewayState.DECLINED),
        ("card_timeout", PaymentUnanswered, GatewayState.VOIDED),
        ("card_late", PaymentUnanswered, GatewayState.VOIDED),
        ("no_such_card", PaymentUnanswered, GatewayState.VOIDED),
    ],
)
async def test_without_money_the_units_go_back_and_the_cart_stays(orders, shop, gateway, cart, card, refusal, ledger):
    order_id = new_id()
    for _ in range(2):  # the repetition is told the same
        with pytest.raises(refusal) as refused:
            await orders.check_out(order_id, MINA, card)
        assert refused.value.extra == {"order_id": str(order_id)}
    assert stock(shop) == {"A": 5, "B": 5}
    assert await cart.cart(MINA) == {"A": 2, "B": 1}
    assert [payment.state for payment in gateway.payments()] == [ledger]
    assert (await orders.order_of(MINA, order_id)).payment_state == PaymentState(ledger)


async def test_without_the_gateway_nobody_is_charged(orders, shop, gateway, clock, cart):
    gateway.down = True
    order_id = new_id()
    with pytest.raises(PaymentUnanswered):
        await orders.check_out(order_id, MINA, "card_ok")
    assert stock(shop) == {"A": 5, "B": 5}
    clock.advance(60)
    assert await orders.settle_pending(LATER) == 0
    gateway.down = False
    clock.advance(60)
    assert await orders.settle_pending(LATER) == 1
    assert (await orders.order_of(MINA, order_id)).payment_state is PaymentState.VOIDED
    assert [payment.state for payment in gateway.payments()] == [GatewayState.VOIDED]
    assert await orders.settle_pending(timedelta(0)) == 0


async def test_a_payment_that_is_stuck_lets_the_others_pass(orders, shop, gateway, clock, monkeypatch):
    monkeypatch.setattr("marketday.orders.service.SETTLE_BATCH", 1)
    gateway.down = True
    carts, taken = Carts(shop, clock), {}
    for person in (new_id(), new_id()):
        await carts.put(person, "A", 1)
        taken[person] = new_id()
        with pytest.raises(PaymentUnanswered):
            await orders.check_out(taken[person], person, "card_ok")
        clock.advance(1)
    gateway.down = False
    stuck = (await shop.open_payments(clock.now(), limit=1))[0].id
    void = gateway.void

    async def silent_for_one(reference):
        if reference == stuck:
            raise GatewayTimeout("no answer")
        return await void(reference)

    monkeypatch.setattr(gateway, "void", silent_for_one)
    clock.advance(60)
    assert [await orders.settle_pending(LATER) for _ in range(2)] == [0, 1]


@pytest.mark.parametrize("trouble", [GatewayUnclear("a state called melted"), ValueError("melted")])
async def test_a_payment_that_cannot_be_settled_keeps_no_other_from_its_end(
    orders, shop, gateway, clock, monkeypatch, trouble
):
    gateway.down = True
    carts = Carts(shop, clock)
    for person in (new_id(), new_id(), new_id()):
        await carts.put(person, "A", 1)
        with pytest.raises(PaymentUnanswered):
            await orders.check_out(new_id(), person, "card_ok")
    gateway.down = False
    clock.advance(60)
    bad = (await shop.open_payments(clock.now(), limit=3))[1].id
    lookup = gateway.lookup

    async def melted_for_one(reference):
        if reference == bad:
            raise trouble
        return await lookup(reference)

    monkeypatch.setattr(gateway, "lookup", melted_for_one)
    assert await orders.settle_pending(LATER) == 2


class Crash(BaseException):
    pass


def crashing(gateway, call, *, after):
    """Make the next `call` of the gateway end the process, before or `after` it was heard."""
    real = getattr(gateway, call)

    async def crash(*given):
        setattr(gateway, call, real)
        if after:
            await real(*given)
        raise Crash

    setattr(gateway, call, crash)


@pytest.mark.parametrize(
    ("call", "after", "paid"),
    [
        ("authorise", False, False),
        ("authorise", True, True),
        ("capture", False, True),
        ("capture", True, True),
    ],
)
@pytest.mark.usefixtures("cart")
async def test_what_a_crash_left_open_is_finished(orders, shop, gateway, clock, *, call, after, paid):
    order_id = new_id()
    crashing(gateway, call, after=after)
    with pytest.raises(Crash):
        await orders.check_out(order_id, MINA, "card_ok")
    assert await orders.settle_pending(LATER) == 0  # too young: its request may still be at work
    clock.advance(60)
    assert await orders.settle_pending(LATER) == 1
    order = await orders.order_of(MINA, order_id)
    assert order.state is (OrderState.PAID if paid else OrderState.CANCELLED)
    assert stock(shop) == ({"A": 3, "B": 4} if paid else {"A": 5, "B": 5})
    assert order.payment_state is (PaymentState.CAPTURED if paid else PaymentState.VOIDED)
    assert [p.state for p in gateway.payments()] == [GatewayState.CAPTURED if paid else GatewayState.VOIDED]
    assert await orders.settle_pending(timedelta(0)) == 0


async def test_a_crash_before_the_void_is_settled_too(orders, shop, gateway, clock, cart):
    crashing(gateway, "void", after=False)
    with pytest.raises(Crash):
        await orders.check_out(new_id(), MINA, "card_late")
    clock.advance(60)
    assert await orders.settle_pending(LATER) == 1
    assert [payment.state for payment in gateway.payments()] == [GatewayState.VOIDED]
    assert stock(shop) == {"A": 5, "B": 5}


async def test_a_declined_card_that_was_never_written_down_is_settled(orders, shop, gateway, clock, cart):
    order_id = new_id()
    crashing(gateway, "authorise", after=True)
    with pytest.raises(Crash):
        await orders.check_out(order_id, MINA, "card_declined")
    clock.advance(60)
    assert await orders.settle_pending(LATER) == 1
    assert (await orders.order_of(MINA, order_id)).payment_state is PaymentState.DECLINED
    assert stock(shop) == {"A": 5, "B": 5}


@pytest.mark.parametrize("heard_first", [True, False])
async def test_the_loop_and_a_slow_request_never_contradict_each_other(orders, shop, gateway, clock, cart, heard_first):
    order_id = new_id()
    reached, go_on = asyncio.Event(), asyncio.Event()
    real = gateway.authorise

    async def slow(*given):
        answer = await real(*given) if heard_first else None
        reached.set()
        await go_on.wait()
        return answer or await real(*given)

    gateway.authorise = slow
    request = asyncio.create_task(orders.check_out(order_id, MINA, "card_ok"))
    await reached.wait()
    assert await orders.settle_pending(timedelta(0)) == 1
    settled = await orders.order_of(MINA, order_id)
    go_on.set()
    if heard_first:
        assert (await request).state is settled.state is OrderState.PAID
        assert [payment.state for payment in gateway.payments()] == [GatewayState.CAPTURED]
        assert stock(shop) == {"A": 3, "B": 4}
    else:
        with pytest.raises(PaymentUnanswered):
            await request
        assert settled.state is OrderState.CANCELLED
        assert [payment.state for payment in gateway.payments()] == [GatewayState.VOIDED]
        assert stock(shop) == {"A": 5, "B": 5}


async def test_another_persons_order_is_unknown(orders, cart):
    order = await orders.check_out(new_id(), MINA, "card_ok")
    assert (await orders.order_of(MINA, order.id)).id == order.id
    for account, order_id in ((new_id(), order.id), (MINA, new_id())):
        with pytest.raises(UnknownOrder):
            await orders.order_of(account, order_id)


async def test_lists_are_paged_newest_first(orders, cart):
    made = []
    for _ in range(5):
        await cart.put(MINA, "A", 1)
        await cart.remove(MINA, "B")
        made.append((await orders.check_out(new_id(), MINA, "card_ok")).id)
    first = await orders.orders_of(MINA, limit=2)
    second = await orders.orders_of(MINA, limit=2, after=first.after)
    third = await orders.all_orders(limit=2, after=second.after, origin="mall")
    assert [order.id for page in (first, second, third) for order in page.orders] == made[::-1]
    assert third.after is None
    assert (await orders.all_orders(origin="dawn-serum")).orders == []
    assert await orders.origins() == ["mall"]


@pytest.mark.parametrize("sku", ["", "x" * 101, "a\0b", "a\nb", "nothing", "\ud800"])
async def test_an_item_that_there_is_not_goes_into_no_cart(cart, sku):
    with pytest.raises(UnknownItem):
        await cart.put(MINA, sku, 1)
    with pytest.raises(UnknownItem):
        await cart.add(MINA, sku, 1)


async def test_a_guests_cart_comes_in_at_sign_in(cart):
    await cart.merge(MINA, {"A": 4, "B": 1, "gone": 2})
    await cart.merge(MINA, {})
    assert await cart.cart(MINA) == {"A": 4, "B": 1}
