"""Money is an integer number of minor units and its currency (ISO 4217); never a float."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from babel.numbers import get_currency_precision, is_currency

from marketday.kit.errors import Kind, MarketdayError

LARGEST_MINOR = 10**15  # far above any price, far below what a bigint holds


class InvalidAmount(MarketdayError):
    """This is not an amount of money."""

    kind = Kind.INVALID
    slug = "invalid-amount"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of one currency."""

    amount_minor: int
    currency: str


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
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        raise InvalidAmount(f"{text!r} is not an amount; expected a number such as 1200 or 12.50") from None
    minor = amount.scaleb(exponent(currency)) if amount.is_finite() else Decimal(-1)
    if not 0 <= minor <= LARGEST_MINOR:
        raise InvalidAmount(f"{text!r} is out of range; expected 0 or more")
    if minor != minor.to_integral_value():
        raise InvalidAmount(f"{text!r} has too many decimal places for {currency}; expected {exponent(currency)}")
    return int(minor)
