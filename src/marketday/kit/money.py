"""Money is an integer number of minor units with its currency (ISO 4217), and never a float."""

from decimal import Decimal, InvalidOperation, localcontext

from babel.numbers import get_currency_precision

from marketday.kit.currencies import PLACES
from marketday.kit.errors import Kind, Permanent

LARGEST_MINOR = 10**15  # far above any price, and far below the largest bigint
LONGEST = 60  # characters of a text that may be an amount


class InvalidAmount(Permanent):
    """This is not an amount of money."""

    kind = Kind.INVALID
    slug = "invalid-amount"


def exponent(currency: str) -> int:
    """Return how many decimal places `currency` has by ISO 4217: 0 for KRW, 2 for USD and RSD, 3 for KWD.

    Raises:
        InvalidAmount: it is not a currency, or has no minor units, such as gold (XAU) or "no currency" (XXX).

    """
    try:
        return PLACES[currency]
    except KeyError:
        shown = repr(currency[:LONGEST])
        raise InvalidAmount(f"{shown} is not a currency; expected an ISO 4217 code of money, such as KRW") from None


def places(currency: str) -> int:
    """Return how many decimal places to show an amount with, also in a currency that is no longer in use."""
    return PLACES.get(currency, get_currency_precision(currency))


def decimal_amount(amount_minor: int, currency: str) -> Decimal:
    """Return minor units as an amount of `currency`, with all of its decimal places."""
    return Decimal(amount_minor).scaleb(-places(currency))


def parse_amount(text: str, currency: str) -> int:
    """Return the minor units of the amount in `text`, such as `12.50`.

    Raises:
        InvalidAmount: it is not a number, negative, too large, or has more decimal places than the currency.

    """
    shown = repr(text[:LONGEST])
    try:
        amount = Decimal(text.strip() if len(text) <= LONGEST else "")
    except InvalidOperation:
        raise InvalidAmount(f"{shown} is not an amount; expected a number such as 1200 or 12.50") from None
    if not amount.is_finite() or not 0 <= amount <= LARGEST_MINOR:
        raise InvalidAmount(f"{shown} is out of range; expected 0 to {decimal_amount(LARGEST_MINOR, currency):f}")
    with localcontext(prec=2 * LONGEST):  # as many digits as a text can have: nothing is rounded on the way
        minor = amount.scaleb(exponent(currency))
        if minor != minor.to_integral_value():
            raise InvalidAmount(f"{shown} has too many decimal places for {currency}; expected {exponent(currency)}")
    if minor > LARGEST_MINOR:
        raise InvalidAmount(f"{shown} is out of range; expected 0 to {decimal_amount(LARGEST_MINOR, currency):f}")
    return int(minor)
