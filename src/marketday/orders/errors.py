"""What can stand in the way of an order."""

from marketday.kit.errors import Kind, MarketdayError


class OrderError(MarketdayError):
    """Something is wrong with the order."""

    kind = Kind.CONFLICT
    slug = "order"


class UnknownOrder(OrderError):
    """There is no such order."""

    kind = Kind.NOT_FOUND
    slug = "unknown-order"


class UnknownItem(OrderError):
    """There is no such item for sale."""

    kind = Kind.NOT_FOUND
    slug = "unknown-item"


class InvalidQuantity(OrderError):
    """This quantity cannot be ordered."""

    kind = Kind.UNPROCESSABLE
    slug = "invalid-quantity"


class EmptyCart(OrderError):
    """The cart is empty."""

    slug = "empty-cart"


class CheckoutInProgress(OrderError):
    """Another checkout of this cart is being paid for."""

    slug = "checkout-in-progress"


class FullCart(OrderError):
    """The cart is full."""

    slug = "full-cart"


class OutOfStock(OrderError):
    """There are not enough units left."""

    slug = "out-of-stock"


class NotForSale(OrderError):
    """An item in the cart is no longer for sale."""

    slug = "not-for-sale"


class MixedCurrencies(OrderError):
    """One order has one currency."""

    slug = "mixed-currencies"


class TotalChanged(OrderError):
    """The total is no longer what you were shown."""

    slug = "total-changed"


class PaymentDeclined(OrderError):
    """The payment was declined; nothing was bought and nothing charged."""

    kind = Kind.PAYMENT_REQUIRED
    slug = "payment-declined"


class PaymentUnanswered(OrderError):
    """The card did not answer in time; nothing was bought and nothing will be charged."""

    kind = Kind.PAYMENT_REQUIRED
    slug = "payment-unanswered"
