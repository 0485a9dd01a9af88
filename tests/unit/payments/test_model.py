from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketday.payments.model import LIVING, OPEN, PaymentState, may_become

ENDED = {PaymentState.DECLINED, PaymentState.VOIDED, PaymentState.REFUNDED}


def test_a_successful_payment():
    way = [PaymentState.AUTHORISING, PaymentState.AUTHORISED, PaymentState.CAPTURED, PaymentState.REFUNDED]
    assert all(may_become(present, following) for present, following in pairwise(way))


def test_what_is_being_voided_can_no_longer_become_an_order():
    assert not may_become(PaymentState.VOIDING, PaymentState.AUTHORISED)


@pytest.mark.parametrize("late", [PaymentState.VOIDING, PaymentState.VOIDED, PaymentState.DECLINED])
def test_what_an_order_rests_on_cannot_be_voided(late: PaymentState):
    assert not may_become(PaymentState.AUTHORISED, late)


def test_what_is_being_voided_may_turn_out_to_be_refunded():
    assert may_become(PaymentState.VOIDING, PaymentState.REFUNDED)


def test_money_that_was_taken_is_given_back_never_voided():
    assert not may_become(PaymentState.CAPTURED, PaymentState.VOIDED)


@given(st.sampled_from(PaymentState))
def test_staying_where_it_is_is_always_allowed(state: PaymentState):
    assert may_become(state, state)


@given(st.sampled_from(sorted(ENDED)), st.sampled_from(PaymentState))
def test_an_ended_payment_goes_nowhere(ended: PaymentState, wanted: PaymentState):
    assert may_become(ended, wanted) == (ended == wanted)


def test_every_open_payment_lives_and_no_ended_one_does():
    assert OPEN < LIVING
    assert set(PaymentState) - ENDED == LIVING
