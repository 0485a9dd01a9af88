"""What can go wrong with runs of Terraform. Temporary errors are tried again; the others wait for a person."""

from marketday.environments.errors import LifecycleError
from marketday.kit.errors import Kind, Permanent, Temporary


class TerraformError(LifecycleError):
    """Terraform did not do what was asked."""

    slug = "terraform-error"


class RunFailed(TerraformError, Permanent):
    """A run of Terraform failed."""

    kind = Kind.CONFLICT
    slug = "run-failed"


class StateLocked(TerraformError, Permanent):
    """Terraform's state is locked by another run."""

    kind = Kind.CONFLICT
    slug = "state-locked"


class LockUnclear(TerraformError, Permanent):
    """The lock of Terraform's state cannot be read as one."""

    kind = Kind.CONFLICT
    slug = "lock-unclear"


class CannotAdopt(TerraformError, Permanent):
    """A lost run left something that Terraform cannot take over."""

    kind = Kind.CONFLICT
    slug = "cannot-adopt"


class PlanOutdated(TerraformError, Temporary):
    """The state has changed since this plan was made."""

    slug = "plan-outdated"


class PlanRemoves(TerraformError, Permanent):
    """This plan would remove things that may hold shoppers' data."""

    kind = Kind.CONFLICT
    slug = "plan-removes"


class RunLost(TerraformError, Temporary):
    """A run of Terraform ended without a result."""

    slug = "run-lost"


class HostUnavailable(TerraformError, Temporary):
    """AWS, or the machine that Terraform runs on, is unavailable."""

    slug = "host-unavailable"


class HostSilent(HostUnavailable):
    """The build host should have started, but does not answer or cannot work."""

    slug = "host-silent"


class NoHostStays(TerraformError, Permanent):
    """Every build host was terminated while it started."""

    kind = Kind.CONFLICT
    slug = "no-host-stays"


class HostKeyDiffers(TerraformError, Permanent):
    """The build host shows another host key than the pinned one."""

    kind = Kind.CONFLICT
    slug = "host-key-differs"


class SecretMissing(TerraformError, Permanent):
    """A secret that is needed does not exist, or cannot be read."""

    kind = Kind.CONFLICT
    slug = "secret-missing"


class KeysExist(TerraformError, Permanent):
    """The build host already has keys."""

    kind = Kind.CONFLICT
    slug = "keys-exist"


class AccessRefused(TerraformError, Permanent):
    """The role is not allowed to do this on AWS."""

    kind = Kind.CONFLICT
    slug = "access-refused"


class NotSetUp(TerraformError, Permanent):
    """Marketday has no region or no credentials to call AWS."""

    kind = Kind.CONFLICT
    slug = "not-set-up"


class InvalidFacts(TerraformError, Permanent):
    """The facts that an environment's stacks are built from are incomplete or do not fit."""

    kind = Kind.CONFLICT
    slug = "invalid-facts"


class HostTaken(TerraformError, Permanent):
    """Two drops cannot be served under one host name at the same time."""

    kind = Kind.CONFLICT
    slug = "host-taken"


class OutdatedRun(TerraformError, Temporary):
    """Another process has changed the record of this run in the meantime."""

    slug = "outdated-run"
