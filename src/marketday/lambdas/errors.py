"""What can go wrong before a function knows what it is asked."""

from marketday.kit.errors import Kind, MarketdayError


class LambdaError(MarketdayError):
    """A function was called, and did nothing."""

    slug = "lambda-error"


class InvalidEvent(LambdaError):
    """A function was called with something else than it expects."""

    kind = Kind.INVALID
    slug = "invalid-event"
