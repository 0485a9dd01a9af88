"""What the store of a drop refuses, and why."""

from marketday.kit.errors import Kind, MarketdayError, Permanent, Temporary


class DropError(MarketdayError):
    """The store could not do this."""

    slug = "drop-error"


class InvalidQuantity(DropError, Permanent):
    """This is not a quantity."""

    kind = Kind.UNPROCESSABLE
    slug = "invalid-quantity"


class InvalidMethod(DropError, Permanent):
    """This payment method does not exist."""

    kind = Kind.UNPROCESSABLE
    slug = "invalid-method"


class UnknownDrop(DropError, Permanent):
    """There is no such drop here."""

    kind = Kind.NOT_FOUND
    slug = "unknown-drop"


class UnknownItem(DropError, Permanent):
    """This drop has no such item."""

    kind = Kind.NOT_FOUND
    slug = "unknown-item"


class UnknownPicture(DropError, Permanent):
    """This drop has no such picture."""

    kind = Kind.NOT_FOUND
    slug = "unknown-picture"


class UnreadablePicture(DropError, Permanent):
    """This is not a picture that a drop can show."""

    kind = Kind.UNPROCESSABLE
    slug = "unreadable-picture"


class UnknownReservation(DropError, Permanent):
    """You have no such reservation."""

    kind = Kind.NOT_FOUND
    slug = "unknown-reservation"


class UnknownStandby(DropError, Permanent):
    """You are not in line for this."""

    kind = Kind.NOT_FOUND
    slug = "unknown-standby"


class UnknownOrder(DropError, Permanent):
    """You have no such order."""

    kind = Kind.NOT_FOUND
    slug = "unknown-order"


class NotOpen(DropError, Temporary):
    """The drop is not open yet."""

    kind = Kind.CONFLICT
    slug = "not-open"


class DropClosed(DropError, Permanent):
    """The drop is over."""

    kind = Kind.GONE
    slug = "drop-closed"


class OverLimit(DropError, Permanent):
    """This is more than one person may have."""

    kind = Kind.CONFLICT
    slug = "over-limit"


class AllReserved(DropError, Temporary):
    """Not enough units are left now, but some may become free again."""

    kind = Kind.CONFLICT
    slug = "all-reserved"


class SoldOut(DropError, Permanent):
    """Everything is sold."""

    kind = Kind.GONE
    slug = "sold-out"


class ReservationExpired(DropError, Permanent):
    """The reservation has ended."""

    kind = Kind.GONE
    slug = "reservation-expired"


class AlreadyPaid(DropError, Permanent):
    """The reservation is paid already."""

    kind = Kind.CONFLICT
    slug = "already-paid"


class PaymentInProgress(DropError, Temporary):
    """Another payment for this reservation has not ended yet."""

    kind = Kind.CONFLICT
    slug = "payment-in-progress"


class PaymentDeclined(DropError, Permanent):
    """The payment was declined."""

    kind = Kind.PAYMENT_REQUIRED
    slug = "payment-declined"


class StoreUnavailable(DropError, Temporary):
    """The store cannot answer at the moment.

    The request may have been done or not: it is safe to repeat it with the same idempotency key.
    """

    slug = "store-unavailable"


class StoreFault(DropError, Temporary):
    """The store's database refused a statement."""

    slug = "store-fault"
