"""What can go wrong between us and a payment gateway."""

from marketday.kit.errors import Kind, MarketdayError


class PaymentError(MarketdayError):
    """The payment did not go through."""

    slug = "payment-error"


class OutcomeUnknown(PaymentError):
    """Nobody knows what became of the payment.

    What was asked may have happened or not: look it up, or void it, before believing either.
    """

    kind = Kind.UNAVAILABLE
    slug = "payment-outcome-unknown"


class GatewayTimeout(OutcomeUnknown):
    """The payment gateway did not answer in time."""

    slug = "gateway-timeout"


class GatewayUnclear(OutcomeUnknown):
    """The payment gateway's answer cannot be understood."""

    slug = "gateway-unclear"


class UnknownPayment(PaymentError):
    """The payment gateway knows no such payment."""

    kind = Kind.NOT_FOUND
    slug = "unknown-payment"


class GatewayRefused(PaymentError):
    """The payment gateway refused the request as such: wrong key, wrong value, or a reference used twice."""

    kind = Kind.CONFLICT
    slug = "gateway-refused"
