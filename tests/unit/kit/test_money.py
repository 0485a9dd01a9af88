import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketday.kit.currencies import PLACES
from marketday.kit.money import LARGEST_MINOR, InvalidAmount, decimal_amount, exponent, parse_amount, places


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12000", "KRW", 12000),
        ("12.50", "USD", 1250),
        (" 7 ", "USD", 700),
        ("12000.0", "KRW", 12000),
        ("0", "JPY", 0),
        ("1.234", "BHD", 1234),
        ("1299.99", "RSD", 129999),
        ("0.05", "COP", 5),
        ("1.0001", "CLF", 10001),
        ("7", "UGX", 7),
    ],
)
def test_an_amount_is_counted_in_the_currencys_own_minor_units(text, currency, minor):
    assert parse_amount(text, currency) == minor


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "1,000",
        "-1",
        "NaN",
        "Infinity",
        "-Infinity",
        "sNaN",
        "1e30",
        "1e999999",
        "9" * 400,
        "1." + "0" * 30 + "1",
        "1e-999999",
        "12.345",
    ],
)
def test_what_is_no_amount_is_refused_and_named(text):
    with pytest.raises(InvalidAmount, match="expected") as refused:
        parse_amount(text, "USD")
    assert repr(text)[:20] in refused.value.detail


@pytest.mark.parametrize(
    "currency",
    [
        "",
        "WON",
        "krw ",
        "US",
        "XXX",
        "XTS",
        "XAU",
        "XAG",
        "XPT",
        "XPD",
        "XDR",
        "XSU",
        "XUA",
        "XBA",
        "DEM",
        "BTC",
        "K" * 99,
    ],
)
def test_what_is_no_currency_is_refused(currency):
    with pytest.raises(InvalidAmount, match="ISO 4217"):
        exponent(currency)


@given(st.integers(0, LARGEST_MINOR), st.sampled_from(["KRW", "USD", "JPY", "EUR", "CNY"]))
def test_writing_an_amount_and_reading_it_gives_it_back(minor, currency):
    assert parse_amount(str(Decimal(minor).scaleb(-exponent(currency))), currency) == minor


@given(st.text(max_size=40))
def test_any_text_is_an_amount_or_is_refused(text):
    with contextlib.suppress(InvalidAmount):
        assert 0 <= parse_amount(text, "KRW") <= LARGEST_MINOR


def test_minor_units_are_those_of_iso_4217():
    assert len(PLACES) == 165
    assert all(len(code) == 3 and code.isupper() and code.isascii() for code in PLACES)
    wanted = {"RSD": 2, "ISK": 0, "IDR": 2, "IQD": 3, "LAK": 2, "MGA": 2, "TND": 3, "TWD": 2, "UYW": 4, "HUF": 2}
    assert {code: exponent(code) for code in wanted} == wanted


def test_an_amount_in_a_currency_of_yesterday_can_still_be_shown():
    assert places("DEM") == 2
    assert f"{decimal_amount(1250, 'DEM'):f}" == "12.50"
    assert f"{decimal_amount(129900, 'RSD'):f}" == "1299.00"
