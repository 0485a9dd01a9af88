"""Every possible answer of a gateway or a proxy is classified."""

import json
from datetime import UTC, datetime
from math import inf
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketday.payments import answers
from marketday.payments.answers import LARGEST_BODY, Later
from marketday.payments.errors import GatewayRefused, GatewayUnclear, PaymentError
from marketday.payments.ports import GatewayState

JSON = "application/json"
REFERENCE, ANOTHER = UUID(int=1), UUID(int=2)
GOOD = {"reference": str(REFERENCE), "state": "captured", "amount_minor": 1, "currency": "KRW", "reason": ""}
NOW = datetime(2026, 12, 10, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "kind", "body", "may_be_done"),
    [
        (429, JSON, b"{}", False),
        (500, JSON, json.dumps(GOOD).encode(), True),
        (503, "text/html", b"", True),
        (200, "text/html", b"<html>sign in to the network</html>", True),
        (200, JSON, b"{", True),
        (200, JSON, b"", True),
        (200, JSON, b"\xff\xfe", True),
        (200, JSON, b"[" * 60_000, True),
        (200, JSON, b'{"amount_minor": ' + b"9" * 5000 + b"}", True),
        (404, "text/html", b"not here", True),
    ],
)
def test_what_is_no_answer_is_asked_for_again(status, kind, body, may_be_done):
    read = answers.read(status, kind, body)
    assert isinstance(read, Later)
    assert read.may_be_done is may_be_done


@pytest.mark.parametrize(
    ("status", "body"),
    [(301, b""), (302, b"{}"), (304, b""), (200, b"x" * (LARGEST_BODY + 1))],
)
def test_what_asking_again_would_not_change_is_unclear(status, body):
    with pytest.raises(GatewayUnclear, match="expected"):
        answers.read(status, JSON, body)


def test_what_the_gateway_does_not_know_or_refuses():
    assert answers.read(404, "application/problem+json", b"{}") is None
    with pytest.raises(GatewayRefused, match="no such method"):
        answers.read(422, "application/problem+json", b'{"detail": "no such method"}')
    assert answers.read(409, JSON, json.dumps(GOOD).encode()) == GOOD


@pytest.mark.parametrize(
    "change",
    [
        {"state": "melted"},
        {"state": None},
        {"reference": str(ANOTHER)},
        {"reference": "1"},
        {"reference": 1},
        {"amount_minor": "1"},
        {"amount_minor": True},
        {"amount_minor": -1},
        {"amount_minor": 1.5},
        {"currency": None},
        {"reason": None},
    ],
    ids=str,
)
def test_a_payment_in_other_words_is_unclear(change):
    with pytest.raises(GatewayUnclear, match="expected"):
        answers.payment(GOOD | change, REFERENCE)


@pytest.mark.parametrize("found", [[], ["captured"], "captured", 1, True], ids=str)
def test_what_is_no_object_is_no_payment(found):
    with pytest.raises(GatewayUnclear, match="expected a payment"):
        answers.payment(found, REFERENCE)


@pytest.mark.parametrize("missing", GOOD)
def test_a_payment_with_something_missing_is_unclear(missing):
    with pytest.raises(GatewayUnclear, match="expected a payment"):
        answers.payment({name: value for name, value in GOOD.items() if name != missing}, REFERENCE)


def test_a_200_that_tells_of_an_error_is_unclear():
    with pytest.raises(GatewayUnclear, match="internal"):
        answers.payment(answers.read(200, JSON, b'{"error": "internal"}'), REFERENCE)
    assert answers.payment(GOOD, REFERENCE).state is GatewayState.CAPTURED


@given(
    st.integers(100, 599),
    st.sampled_from([JSON, "application/problem+json", "text/html", ""]),
    st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda each: st.lists(each) | st.dictionaries(st.sampled_from([*GOOD, "detail", "error"]), each),
        ).map(lambda value: json.dumps(value).encode()),
        st.fixed_dictionaries(
            {}, optional={name: st.sampled_from([value, None, "", 0, "9" * 100]) for name, value in GOOD.items()}
        ).map(lambda value: json.dumps(value).encode()),
    ),
)
def test_nothing_that_comes_breaks_anything(status, kind, body):
    try:
        read = answers.read(status, kind, body)
        if not isinstance(read, Later) and read is not None:
            answers.payment(read, REFERENCE)
    except PaymentError:
        pass


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("", 0),
        ("3", 3),
        ("-3", 0),
        ("soon", 0),
        ("9" * 400, inf),
        ("9" * 5000, 0),
        ("Thu, 10 Dec 2026 10:00:07 GMT", 7),
        ("Thu, 10 Dec 2020 10:00:07 GMT", 0),
        ("Thu, 10 Dec 2026 10:00:07", 0),
        ("1.5", 0),
    ],
    ids=lambda value: str(value)[:20],
)
def test_how_long_the_gateway_asks_to_wait(header, seconds):
    assert answers.pause(header, NOW) == seconds
