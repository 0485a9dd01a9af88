"""What can be wrong with a crowd's plan before anybody sets out."""

from marketday.kit.errors import Kind, MarketdayError


class CrowdError(MarketdayError):
    """The crowd cannot set out."""

    kind = Kind.INVALID
    slug = "crowd-error"


class NotLoopback(CrowdError):
    """The crowd visits this machine alone."""

    slug = "crowd-target-refused"


class InvalidCurve(CrowdError):
    """These arrivals cannot be drawn."""

    slug = "crowd-invalid-curve"


class WorkerEnded(CrowdError):
    """A worker of the crowd ended early."""

    kind = Kind.UNAVAILABLE
    slug = "crowd-worker-ended"
