import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketday.kit.ids import new_id
from marketday.payments.errors import IllegalTransition
from marketday.payments.model import LIVING, OPEN, Payment, PaymentState, may_become

ENDED = {PaymentState.DECLINED, PaymentState.VOIDED, PaymentState.REFUNDED}


def payment(state: PaymentState) -> Payment:
    return Payment(new_id(), state, 12_000, "KRW")


def test_a_payment_that_went_well():
    done = payment(PaymentState.AUTHORISING).become(PaymentState.AUTHORISED).become(PaymentState.CAPTURED)
    assert done.become(PaymentState.REFUNDED, "asked for").reason == "asked for"


def test_what_is_being_voided_can_no_longer_become_an_order():
    assert not may_become(PaymentState.VOIDING, PaymentState.AUTHORISED)
    with pytest.raises(IllegalTransition, match="is voiding; it cannot become authorised"):
        payment(PaymentState.VOIDING).become(PaymentState.AUTHORISED)


@pytest.mark.parametrize("late", [PaymentState.VOIDING, PaymentState.VOIDED, PaymentState.DECLINED])
def test_what_an_order_rests_on_cannot_be_voided(late: PaymentState):
    with pytest.raises(IllegalTransition, match="is authorised; it cannot become"):
        payment(PaymentState.AUTHORISED).become(late)


def test_money_that_was_taken_is_given_back_never_voided():
    with pytest.raises(IllegalTransition):
        payment(PaymentState.CAPTURED).become(PaymentState.VOIDED)


@given(st.sampled_from(PaymentState))
def test_repeating_a_step_changes_nothing(state: PaymentState):
    before = payment(state)
    assert before.become(state) == before


@given(st.sampled_from(sorted(ENDED)), st.sampled_from(PaymentState))
def test_an_ended_payment_goes_nowhere(ended: PaymentState, wanted: PaymentState):
    assert may_become(ended, wanted) == (ended == wanted)


def test_every_open_payment_lives_and_no_ended_one_does():
    assert OPEN < LIVING
    assert set(PaymentState) - ENDED == LIVING
