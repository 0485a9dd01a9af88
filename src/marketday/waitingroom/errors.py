"""What the waiting room refuses, and why."""

from marketday.kit.errors import Kind, MarketdayError


class WaitingRoomError(MarketdayError):
    """The waiting room could not do this."""


class UnknownDrop(WaitingRoomError):
    """There is no such drop here."""

    kind = Kind.NOT_FOUND
    slug = "unknown-drop"


class RoomNotOpen(WaitingRoomError):
    """The waiting room is not open yet."""

    kind = Kind.CONFLICT
    slug = "room-not-open"


class DropClosed(WaitingRoomError):
    """The drop is over."""

    kind = Kind.GONE
    slug = "drop-closed"


class NoEntry(WaitingRoomError):
    """You have no place in this waiting room."""

    kind = Kind.NOT_FOUND
    slug = "no-entry"


class NotYetServed(WaitingRoomError):
    """It is not your turn yet."""

    kind = Kind.CONFLICT
    slug = "not-yet-served"


class SoldOut(WaitingRoomError):
    """Everything is sold."""

    kind = Kind.GONE
    slug = "sold-out"


class AdmissionExpired(WaitingRoomError):
    """Your time in the store is over."""

    kind = Kind.GONE
    slug = "admission-expired"


class CannotRejoin(WaitingRoomError):
    """You cannot join this waiting room again."""

    kind = Kind.CONFLICT
    slug = "cannot-rejoin"


class InvalidAdmission(WaitingRoomError):
    """This admission is not genuine."""

    kind = Kind.UNAUTHENTICATED
    slug = "invalid-admission"


class ExpiredAdmission(WaitingRoomError):
    """This admission's time is over."""

    kind = Kind.UNAUTHENTICATED
    slug = "expired-admission"


class AdmissionForAnotherDrop(WaitingRoomError):
    """This admission is for another drop."""

    kind = Kind.FORBIDDEN
    slug = "admission-for-another-drop"


class NotYourToken(WaitingRoomError):
    """This admission belongs to another person."""

    kind = Kind.FORBIDDEN
    slug = "not-your-token"


class RoomUnavailable(WaitingRoomError):
    """The waiting room does not answer at the moment; your place is kept."""

    kind = Kind.UNAVAILABLE
    slug = "room-unavailable"


class ForeignSeed(WaitingRoomError):
    """The seed is not the one that was committed to."""

    kind = Kind.CONFLICT
    slug = "foreign-seed"
