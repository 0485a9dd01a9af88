"""What can go wrong in the hand-back. Temporary errors are tried again; others stop it until a person acts."""

from marketday.kit.errors import Kind, MarketdayError, Permanent, Temporary


class HandBackError(MarketdayError):
    """The hand-back could not be done."""

    slug = "hand-back-error"


class SourceUnavailable(HandBackError, Temporary):
    """The drop's database does not answer."""

    slug = "source-unavailable"


class MallUnavailable(HandBackError, Temporary):
    """The mall's database does not answer, or refuses a request of the hand-back."""

    slug = "mall-unavailable"


class DmsUnavailable(HandBackError, Temporary):
    """DMS on AWS does not answer, or refuses a request of the hand-back."""

    slug = "dms-unavailable"


class CredentialUnavailable(HandBackError, Temporary):
    """The credential of a window cannot be read."""

    slug = "credential-unavailable"


class LedgerUnavailable(HandBackError, Temporary):
    """The payment gateway's books cannot be read."""

    slug = "ledger-unavailable"


class RoomUnreachable(HandBackError, Temporary):
    """The waiting room's server does not answer."""

    slug = "room-unreachable"


class CopyFailed(HandBackError, Temporary):
    """The copy ended too early."""

    slug = "copy-failed"


class CopyRefused(HandBackError, Permanent):
    """This copy cannot be proved."""

    kind = Kind.CONFLICT
    slug = "copy-refused"


class CopyDiffers(HandBackError, Permanent):
    """The copy differs from the drop's database, also after a repair."""

    kind = Kind.CONFLICT
    slug = "copy-differs"


class EquationsBroken(HandBackError, Permanent):
    """The drop's records contradict each other."""

    kind = Kind.CONFLICT
    slug = "equations-broken"


class BooksDiffer(HandBackError, Permanent):
    """The money at the gateway and the restored orders cannot be brought together."""

    kind = Kind.CONFLICT
    slug = "books-differ"


class PromotionDiffers(HandBackError, Permanent):
    """The mall does not hold exactly what was verified."""

    kind = Kind.CONFLICT
    slug = "promotion-differs"


class HasOrders(HandBackError, Permanent):
    """This environment has orders, so it has opened."""

    kind = Kind.CONFLICT
    slug = "has-orders"


class InvalidReceipt(HandBackError, Permanent):
    """This is not a genuine receipt."""

    kind = Kind.INVALID
    slug = "invalid-receipt"


class UnknownReceipt(HandBackError, Permanent):
    """There is no receipt for this environment."""

    kind = Kind.NOT_FOUND
    slug = "unknown-receipt"
