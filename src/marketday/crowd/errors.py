"""Errors of a crowd's plan and of its workers."""

from marketday.kit.errors import Kind, Permanent


class CrowdError(Permanent):
    """The crowd cannot start."""

    kind = Kind.INVALID
    slug = "crowd-error"


class NotLoopback(CrowdError):
    """The crowd may only visit this machine."""

    slug = "crowd-target-refused"


class InvalidCurve(CrowdError):
    """The arrivals cannot be computed."""

    slug = "crowd-invalid-curve"


class WorkerEnded(CrowdError):
    """A worker of the crowd ended early."""

    kind = Kind.FAULT
    slug = "crowd-worker-ended"
