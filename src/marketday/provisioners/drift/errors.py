"""What can go wrong when we look for drift."""

from marketday.environments.errors import LifecycleError
from marketday.kit.errors import Kind, Permanent, Temporary


class DriftError(LifecycleError):
    """We could not find out whether AWS is as Terraform has left it."""

    slug = "drift-error"


class StateUnreadable(DriftError, Permanent):
    """A state of Terraform cannot be read."""

    kind = Kind.CONFLICT
    slug = "state-unreadable"


class LookFailed(DriftError, Temporary):
    """Terraform could not read what AWS has."""

    slug = "look-failed"


class UnknownStack(DriftError, Permanent):
    """There is no such stack in the bucket of states."""

    kind = Kind.NOT_FOUND
    slug = "unknown-stack"


class NotTold(DriftError, Temporary):
    """Something differs between AWS and Terraform, and nobody could be told."""

    slug = "drift-not-told"
