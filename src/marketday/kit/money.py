"""Money is an integer number of minor units and its currency (ISO 4217); never a float."""

from decimal import Decimal, InvalidOperation, localcontext

from babel.numbers import get_currency_precision, is_currency

from marketday.kit.errors import Kind, MarketdayError

LARGEST_MINOR = 10**15  # far above any price, far below what a bigint holds
LONGEST = 60  # characters of a text that may be an amount


class InvalidAmount(MarketdayError):
    """This is not an amount of money."""

    kind = Kind.INVALID
    slug = "invalid-amount"


def exponent(currency: str) -> int:
    """Return how many decimal places `currency` has: 0 for KRW, 2 for USD (ISO 4217, by way of CLDR).

    Raises:
        InvalidAmount: no such currency.

    """
    if not is_currency(currency):
        raise InvalidAmount(f"{currency!r} is not a currency; expected an ISO 4217 code such as KRW")
    return get_currency_precision(currency)


def parse_amount(text: str, currency: str) -> int:
    """Return the minor units that `text`, such as `12.50`, stands for.

    Raises:
        InvalidAmount: not a number, negative, too large, or with more places than the currency has.

    """
    shown = repr(text[:LONGEST])
    try:
        amount = Decimal(text.strip() if len(text) <= LONGEST else "")
    except InvalidOperation:
        raise InvalidAmount(f"{shown} is not an amount; expected a number such as 1200 or 12.50") from None
    if not amount.is_finite() or not 0 <= amount <= LARGEST_MINOR:
        raise InvalidAmount(f"{shown} is out of range; expected 0 or more")
    with localcontext(prec=2 * LONGEST):  # as many digits as a text can have: nothing is rounded on the way
        minor = amount.scaleb(exponent(currency))
        if minor != minor.to_integral_value():
            raise InvalidAmount(f"{shown} has too many decimal places for {currency}; expected {exponent(currency)}")
    if minor > LARGEST_MINOR:
        raise InvalidAmount(f"{shown} is out of range; expected at most {LARGEST_MINOR} minor units")
    return int(minor)
