"""What can go wrong with an environment.

After a temporary error the step is tried again. A permanent error stops the environment until a person retries it.
"""

from marketday.kit.errors import Kind, MarketdayError, Permanent, Temporary


class LifecycleError(MarketdayError):
    """Something went wrong with an environment."""

    slug = "environment-error"


class UnknownEnvironment(LifecycleError, Permanent):
    """There is no such environment."""

    kind = Kind.NOT_FOUND
    slug = "unknown-environment"


class DropHasEnvironment(LifecycleError, Permanent):
    """This drop has an environment already."""

    kind = Kind.CONFLICT
    slug = "drop-has-environment"


class OutdatedEnvironment(LifecycleError, Temporary):
    """Another process has changed this environment in the meantime."""

    kind = Kind.CONFLICT
    slug = "outdated-environment"


class CannotWriteOff(LifecycleError, Permanent):
    """This environment cannot be written off."""

    kind = Kind.CONFLICT
    slug = "cannot-write-off"


class NothingToRetry(LifecycleError, Permanent):
    """This environment has not failed."""

    kind = Kind.CONFLICT
    slug = "nothing-to-retry"


class EnvironmentBusy(LifecycleError, Temporary):
    """Another process is doing a step of this environment."""

    slug = "environment-busy"


class NoReceipt(LifecycleError, Permanent):
    """This environment has no valid receipt, and cannot be destroyed without one."""

    kind = Kind.CONFLICT
    slug = "no-receipt"


class HasOpened(LifecycleError, Permanent):
    """Somebody has bought or reserved something already, so the drop continues until it is handed back."""

    kind = Kind.CONFLICT
    slug = "has-opened"


class NotBuilt(LifecycleError, Temporary):
    """This environment has no servers."""

    slug = "not-built"


class LeftBehind(LifecycleError, Temporary):
    """Something is left of a destroyed environment."""

    slug = "left-behind"


class StepOverdue(LifecycleError, Permanent):
    """A step did not end in time."""

    kind = Kind.CONFLICT
    slug = "step-overdue"


class NoPermit(LifecycleError, Permanent):
    """To keep an environment for longer than a day after its planned end, a signed permit is needed."""

    kind = Kind.FORBIDDEN
    slug = "no-permit"


class CannotExtend(LifecycleError, Permanent):
    """The end of this environment cannot be moved to this moment."""

    kind = Kind.CONFLICT
    slug = "cannot-extend"


class SmokeFailed(LifecycleError, Temporary):
    """The smoke test could not do the whole purchase."""

    slug = "smoke-failed"


class RecordsUnavailable(LifecycleError, Temporary):
    """The records of the environments cannot be read or written at the moment."""

    slug = "records-unavailable"


class DropIsOver(LifecycleError, Permanent):
    """This drop has closed already."""

    kind = Kind.CONFLICT
    slug = "drop-is-over"


class StillStanding(LifecycleError, Permanent):
    """Not everything could be ended."""

    kind = Kind.CONFLICT
    slug = "still-standing"


class WebhookRevoked(LifecycleError, Permanent):
    """Slack refuses the webhook, or there is none, and that does not end by itself."""

    slug = "webhook-revoked"
