import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketday.kit.ids import new_id
from marketday.orders.errors import FullCart, InvalidQuantity
from marketday.orders.model import (
    LARGEST_QUANTITY,
    MOST_LINES,
    OpenPayment,
    OrderState,
    PaymentStep,
    check_quantity,
    merged,
    next_step,
    with_line,
    with_more,
)
from marketday.payments.model import PaymentState
from marketday.payments.ports import GatewayState

carts = st.dictionaries(st.text(min_size=1, max_size=3), st.integers(1, LARGEST_QUANTITY), max_size=MOST_LINES)


@pytest.mark.parametrize("quantity", [0, -1, 100, 10**9, -(10**30)])
def test_a_quantity_is_1_to_99(quantity):
    with pytest.raises(InvalidQuantity):
        check_quantity(quantity)
    with pytest.raises(InvalidQuantity):
        with_line({}, "A", quantity)
    with pytest.raises(InvalidQuantity):
        with_more({}, "A", quantity)


def test_a_line_is_set_and_added_to():
    assert with_line({"A": 2}, "A", 5) == {"A": 5}
    assert with_more({"A": 2}, "A", 5) == {"A": 7}
    assert with_more({"A": 98}, "A", 5) == {"A": 99}


def test_a_full_cart_takes_no_new_item_but_more_of_an_old_one():
    full = {str(n): 1 for n in range(MOST_LINES)}
    assert with_line(full, "0", 3)["0"] == 3
    with pytest.raises(FullCart):
        with_line(full, "new", 1)


@given(carts, carts)
def test_merging_loses_nothing_of_ones_own_and_can_be_repeated(own, guest):
    cart = merged(own, guest)
    assert len(cart) <= MOST_LINES
    assert all(cart[sku] >= quantity for sku, quantity in own.items())
    assert all(1 <= quantity <= LARGEST_QUANTITY for quantity in cart.values())
    assert merged(cart, guest) == cart


P, G = PaymentState, GatewayState


@pytest.mark.parametrize(
    ("order", "payment", "found", "step"),
    [
        (OrderState.PENDING, P.AUTHORISING, G.AUTHORISED, PaymentStep.CONFIRM),
        (OrderState.PENDING, P.AUTHORISING, G.CAPTURED, PaymentStep.CONFIRM),
        (OrderState.PENDING, P.AUTHORISING, None, PaymentStep.CANCEL),
        (OrderState.PENDING, P.AUTHORISING, G.DECLINED, PaymentStep.CANCEL),
        (OrderState.PENDING, P.AUTHORISING, G.VOIDED, PaymentStep.CANCEL),
        (OrderState.PAID, P.AUTHORISED, G.AUTHORISED, PaymentStep.CAPTURE),
        (OrderState.PAID, P.AUTHORISED, G.CAPTURED, PaymentStep.RECORD),
        (OrderState.CANCELLED, P.VOIDING, G.AUTHORISED, PaymentStep.VOID),
        (OrderState.CANCELLED, P.VOIDING, None, PaymentStep.VOID),
        (OrderState.CANCELLED, P.VOIDING, G.VOIDED, PaymentStep.RECORD),
    ],
)
def test_what_is_done_about_an_open_payment(order, payment, found, step):
    assert next_step(OpenPayment(new_id(), new_id(), payment, order), found) is step
