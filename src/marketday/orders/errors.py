"""Errors of carts and orders."""

from marketday.kit.errors import Kind, MarketdayError, Permanent, Temporary


class OrderError(MarketdayError):
    """The order is not possible."""

    kind = Kind.CONFLICT
    slug = "order"


class UnknownOrder(OrderError, Permanent):
    """There is no such order."""

    kind = Kind.NOT_FOUND
    slug = "unknown-order"


class UnknownItem(OrderError, Permanent):
    """This item is not for sale."""

    kind = Kind.NOT_FOUND
    slug = "unknown-item"


class InvalidQuantity(OrderError, Permanent):
    """This quantity cannot be ordered."""

    kind = Kind.UNPROCESSABLE
    slug = "invalid-quantity"


class EmptyCart(OrderError, Permanent):
    """The cart is empty."""

    slug = "empty-cart"


class CheckoutInProgress(OrderError, Temporary):
    """Another checkout of this cart is waiting for its payment."""

    slug = "checkout-in-progress"


class FullCart(OrderError, Permanent):
    """The cart is full."""

    slug = "full-cart"


class OutOfStock(OrderError, Permanent):
    """There are not enough units left."""

    slug = "out-of-stock"


class NotForSale(OrderError, Permanent):
    """An item in the cart is no longer for sale."""

    slug = "not-for-sale"


class MixedCurrencies(OrderError, Permanent):
    """The items of an order must have the same currency."""

    slug = "mixed-currencies"


class TotalChanged(OrderError, Permanent):
    """The total has changed since it was shown to you."""

    slug = "total-changed"


class PaymentDeclined(OrderError, Permanent):
    """The payment was declined; nothing was bought and nothing was charged."""

    kind = Kind.PAYMENT_REQUIRED
    slug = "payment-declined"


class PaymentUnanswered(OrderError, Permanent):
    """The card did not answer in time; nothing was bought and nothing will be charged."""

    kind = Kind.PAYMENT_REQUIRED
    slug = "payment-unanswered"
