"""What the waiting room refuses, and why."""

from marketday.kit.errors import Kind, MarketdayError, Permanent, Temporary


class WaitingRoomError(MarketdayError):
    """The waiting room could not do this."""


class UnknownDrop(WaitingRoomError, Permanent):
    """There is no such drop here."""

    kind = Kind.NOT_FOUND
    slug = "unknown-drop"


class RoomNotOpen(WaitingRoomError, Temporary):
    """The waiting room is not open yet."""

    kind = Kind.CONFLICT
    slug = "room-not-open"


class DropClosed(WaitingRoomError, Permanent):
    """The drop is over."""

    kind = Kind.GONE
    slug = "drop-closed"


class NoEntry(WaitingRoomError, Permanent):
    """You have no place in this waiting room."""

    kind = Kind.NOT_FOUND
    slug = "no-entry"


class NotYetServed(WaitingRoomError, Temporary):
    """It is not your turn yet."""

    kind = Kind.CONFLICT
    slug = "not-yet-served"


class SoldOut(WaitingRoomError, Permanent):
    """Everything is sold."""

    kind = Kind.GONE
    slug = "sold-out"


class AdmissionExpired(WaitingRoomError, Permanent):
    """Your time in the store is over."""

    kind = Kind.GONE
    slug = "admission-expired"


class CannotRejoin(WaitingRoomError, Permanent):
    """You cannot join this waiting room again."""

    kind = Kind.CONFLICT
    slug = "cannot-rejoin"


class InvalidAdmission(WaitingRoomError, Permanent):
    """This admission is not genuine."""

    kind = Kind.UNAUTHENTICATED
    slug = "invalid-admission"


class ExpiredAdmission(WaitingRoomError, Permanent):
    """This admission's time is over."""

    kind = Kind.UNAUTHENTICATED
    slug = "expired-admission"


class AdmissionForAnotherDrop(WaitingRoomError, Permanent):
    """This admission is for another drop."""

    kind = Kind.FORBIDDEN
    slug = "admission-for-another-drop"


class NotYourToken(WaitingRoomError, Permanent):
    """This admission belongs to another person."""

    kind = Kind.FORBIDDEN
    slug = "not-your-token"


class RoomUnavailable(WaitingRoomError, Temporary):
    """The waiting room does not answer at the moment; your place is kept."""

    slug = "room-unavailable"


class ForeignSeed(WaitingRoomError, Permanent):
    """The seed does not match the commitment that was published."""

    kind = Kind.CONFLICT
    slug = "foreign-seed"
