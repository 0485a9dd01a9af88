"""Errors in the communication with a payment gateway."""

from marketday.kit.errors import Kind, MarketdayError, Permanent, Temporary


class PaymentError(MarketdayError):
    """The payment did not go through."""

    slug = "payment-error"


class OutcomeUnknown(PaymentError, Temporary):
    """The result of the payment is not known.

    The request may have been done or not. Look the payment up, or void it, to find out.
    """

    slug = "payment-outcome-unknown"


class GatewayTimeout(OutcomeUnknown):
    """The payment gateway did not answer in time."""

    slug = "gateway-timeout"


class GatewayUnclear(OutcomeUnknown):
    """The payment gateway sent an answer that cannot be understood."""

    slug = "gateway-unclear"


class MoneyKept(PaymentError, Temporary):
    """The payment gateway has not given the money of a payment back."""

    slug = "money-kept"


class UnknownPayment(PaymentError, Permanent):
    """The payment gateway does not know this payment."""

    kind = Kind.NOT_FOUND
    slug = "unknown-payment"


class GatewayRefused(PaymentError, Permanent):
    """The payment gateway refused the request: wrong key, wrong value, or a reference used twice."""

    kind = Kind.CONFLICT
    slug = "gateway-refused"


class GatewayBusy(PaymentError, Temporary):
    """The payment gateway has too many calls to answer at the same time."""

    slug = "gateway-busy"
