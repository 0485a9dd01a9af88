"""What can go wrong when a drop's orders come home. UNAVAILABLE may go away by itself; the rest stops the day."""

from marketday.kit.errors import Kind, MarketdayError


class HandBackError(MarketdayError):
    """The hand-back could not be done."""

    slug = "hand-back-error"


class SourceUnavailable(HandBackError):
    """The drop's database does not answer."""

    slug = "source-unavailable"


class MallUnavailable(HandBackError):
    """The mall's database does not do what the hand-back asks."""

    slug = "mall-unavailable"


class DmsUnavailable(HandBackError):
    """AWS does not do what the hand-back asks of DMS."""

    slug = "dms-unavailable"


class CredentialUnavailable(HandBackError):
    """The credential of a window cannot be read."""

    slug = "credential-unavailable"


class LedgerUnavailable(HandBackError):
    """The payment gateway's books cannot be read."""

    slug = "ledger-unavailable"


class RoomUnreachable(HandBackError):
    """The waiting room's server does not answer."""

    slug = "room-unreachable"


class CopyFailed(HandBackError):
    """The copy came to an end before its time."""

    slug = "copy-failed"


class CopyRefused(HandBackError):
    """This copy could never be proved."""

    kind = Kind.CONFLICT
    slug = "copy-refused"


class CopyDiffers(HandBackError):
    """The copy differs from the drop's database, also after a repair."""

    kind = Kind.CONFLICT
    slug = "copy-differs"


class EquationsBroken(HandBackError):
    """The drop's numbers contradict each other."""

    kind = Kind.CONFLICT
    slug = "equations-broken"


class PromotionDiffers(HandBackError):
    """The mall does not hold exactly what was verified."""

    kind = Kind.CONFLICT
    slug = "promotion-differs"


class HasOrders(HandBackError):
    """This environment has orders, so it did open."""

    kind = Kind.CONFLICT
    slug = "has-orders"


class InvalidReceipt(HandBackError):
    """This is not a genuine receipt."""

    kind = Kind.INVALID
    slug = "invalid-receipt"


class UnknownReceipt(HandBackError):
    """There is no receipt for this environment."""

    kind = Kind.NOT_FOUND
    slug = "unknown-receipt"
