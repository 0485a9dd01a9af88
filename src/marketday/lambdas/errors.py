"""Errors in the call of a function."""

from marketday.kit.errors import Kind, Permanent


class LambdaError(Permanent):
    """The function could not do its work."""

    slug = "lambda-error"


class InvalidEvent(LambdaError):
    """The function was called with an event that it does not accept."""

    kind = Kind.INVALID
    slug = "invalid-event"
