"""What can go wrong with processes on this machine."""

from marketday.kit.errors import Kind, MarketdayError, Permanent, Temporary


class LocalError(MarketdayError):
    """Something is wrong with the processes on this machine."""


class ProcessFailed(LocalError, Temporary):
    """A process on this machine did not do what was asked."""

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
    """The plane cannot have an account of its own."""

    kind = Kind.INVALID
    slug = "no-account"


class NoHome(LocalError, Permanent):
    """There is no home here."""

    kind = Kind.NOT_FOUND
    slug = "no-home"


class HomeInUse(LocalError, Temporary):
    """Another command works on this home."""

    kind = Kind.CONFLICT
    slug = "home-in-use"


class NotOurs(LocalError, Permanent):
    """This folder is no plane of ours."""

    kind = Kind.INVALID
    slug = "not-a-plane"
