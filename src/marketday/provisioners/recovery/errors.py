"""What can go wrong while a region is recovered. All of it waits for a person, who repeats the command afterwards."""

from marketday.environments.errors import LifecycleError
from marketday.kit.errors import Kind, Permanent


class RecoveryError(LifecycleError, Permanent):
    """The recovery cannot continue."""

    kind = Kind.CONFLICT
    slug = "recovery-error"


class WrongRegion(RecoveryError):
    """This region cannot be used to recover."""

    kind = Kind.INVALID
    slug = "wrong-region"


class SomethingMissing(RecoveryError):
    """Something that the recovery needs is missing."""

    slug = "recovery-lacks"


class RegionAnswers(RecoveryError):
    """The lost region answers again."""

    slug = "region-answers"


class RecoveryRuns(RecoveryError):
    """Another recovery is under way in this folder."""

    slug = "recovery-runs"


class StackFailed(RecoveryError):
    """Terraform did not do what the recovery asked for."""

    slug = "stack-failed"


class WouldRemove(RecoveryError):
    """The plan of a stack would remove something that must stay."""

    slug = "would-remove"


class NotRecoverable(RecoveryError):
    """This cannot be brought together after a recovery."""

    kind = Kind.INVALID
    slug = "not-recoverable"
