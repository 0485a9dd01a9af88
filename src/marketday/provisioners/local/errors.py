"""What can go wrong with processes on this machine."""

from marketday.kit.errors import Kind, MarketdayError, Permanent, Temporary


class LocalError(MarketdayError):
    """Something is wrong with the processes on this machine."""


class ProcessFailed(LocalError, Temporary):
    """A process on this machine failed."""

    slug = "local-process-failed"


class NotReady(LocalError, Temporary):
    """A process did not become ready in time."""

    slug = "process-not-ready"


class NoFreePort(LocalError, Temporary):
    """No free port was found."""

    slug = "no-free-port"


class HomeUnusable(LocalError, Permanent):
    """The home folder cannot be used."""

    kind = Kind.INVALID
    slug = "home-unusable"


class NoAccount(LocalError, Permanent):
    """The plane cannot get its own account."""

    kind = Kind.INVALID
    slug = "no-account"


class NoHome(LocalError, Permanent):
    """There is no home here."""

    kind = Kind.NOT_FOUND
    slug = "no-home"


class HomeInUse(LocalError, Temporary):
    """Another command uses this home."""

    kind = Kind.CONFLICT
    slug = "home-in-use"


class NotOurs(LocalError, Permanent):
    """This folder is not a plane of Marketday."""

    kind = Kind.INVALID
    slug = "not-a-plane"
