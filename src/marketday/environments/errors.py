"""What can go wrong with an environment.

An error of kind UNAVAILABLE may go away by itself, and its step is tried again; every other kind stops the
environment at once, until someone retries it.
"""

from marketday.kit.errors import Kind, MarketdayError


class LifecycleError(MarketdayError):
    """Something went wrong with an environment."""

    slug = "environment-error"


class UnknownEnvironment(LifecycleError):
    """There is no such environment."""

    kind = Kind.NOT_FOUND
    slug = "unknown-environment"


class DropHasEnvironment(LifecycleError):
    """This drop has a living environment already."""

    kind = Kind.CONFLICT
    slug = "drop-has-environment"


class OutdatedEnvironment(LifecycleError):
    """Another hand has changed this environment in the meantime."""

    kind = Kind.CONFLICT
    slug = "outdated-environment"


class NothingToRetry(LifecycleError):
    """This environment has not failed."""

    kind = Kind.CONFLICT
    slug = "nothing-to-retry"


class EnvironmentBusy(LifecycleError):
    """Another hand is doing a step of this environment."""

    slug = "environment-busy"


class NoReceipt(LifecycleError):
    """This environment has no valid receipt, and is not destroyed without one."""

    kind = Kind.CONFLICT
    slug = "no-receipt"


class HasOpened(LifecycleError):
    """Somebody has something of this drop already, so it goes on until it is handed back."""

    kind = Kind.CONFLICT
    slug = "has-opened"


class NotBuilt(LifecycleError):
    """This environment's servers do not stand."""

    kind = Kind.UNAVAILABLE
    slug = "not-built"


class LeftBehind(LifecycleError):
    """Something of a destroyed environment is left."""

    slug = "left-behind"


class StepOverdue(LifecycleError):
    """A step did not come to its end in time."""

    kind = Kind.CONFLICT
    slug = "step-overdue"


class NoPermit(LifecycleError):
    """An environment lives longer than a day after its planned end only with a signed permit."""

    kind = Kind.FORBIDDEN
    slug = "no-permit"


class CannotExtend(LifecycleError):
    """The end of this environment cannot be moved there."""

    kind = Kind.CONFLICT
    slug = "cannot-extend"


class SmokeFailed(LifecycleError):
    """The smoke test could not walk the whole purchase."""

    slug = "smoke-failed"


class RecordsUnavailable(LifecycleError):
    """The records of the environments cannot be read or written at the moment."""

    slug = "records-unavailable"


class DropIsOver(LifecycleError):
    """This drop has closed already."""

    kind = Kind.CONFLICT
    slug = "drop-is-over"


class StillStanding(LifecycleError):
    """Not everything could be ended."""

    kind = Kind.CONFLICT
    slug = "still-standing"
