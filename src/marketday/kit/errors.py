"""The base class of every error that Marketday shows to people.

A package derives its own base from it, and each error from that base. The first line of an error's docstring is the
title that people read. Each error that is raised is a `Temporary` or a `Permanent` one: this shows whether trying again
can help. `kind` is the sort of refusal; only the web layer uses it, to choose a status code.
"""

from enum import Enum, auto
from typing import Any, ClassVar


class Kind(Enum):
    """What sort of failure an error is."""

    INVALID = auto()
    UNAUTHENTICATED = auto()
    PAYMENT_REQUIRED = auto()
    FORBIDDEN = auto()
    NOT_FOUND = auto()
    CONFLICT = auto()
    GONE = auto()
    TOO_LARGE = auto()
    MISDIRECTED = auto()
    UNPROCESSABLE = auto()
    TOO_MANY = auto()
    UNAVAILABLE = auto()
    FAULT = auto()


class MarketdayError(Exception):
    """Something went wrong."""

    kind: ClassVar[Kind] = Kind.FAULT
    slug: ClassVar[str] = "error"

    def __init__(self, detail: str = "", **extra: Any) -> None:
        """Write into `detail` which value was refused and what was expected; `extra` are machine-readable members."""
        self.detail = detail
        self.extra = extra
        super().__init__(detail or self.title)

    @property
    def title(self) -> str:
        """The first line of the class's docstring, without its full stop."""
        return (type(self).__doc__ or self.slug).strip().splitlines()[0].rstrip(".")

    @property
    def type(self) -> str:
        """The stable problem type (RFC 9457, section 3.1.1)."""
        return f"urn:marketday:problem:{self.slug}"


class Temporary(MarketdayError):
    """This may work later.

    The cause may end by itself, so trying the same again may succeed.
    """

    kind = Kind.UNAVAILABLE


class Permanent(MarketdayError):
    """This will not work by itself.

    The same fails again until somebody changes what the error names; trying again only wastes time.
    """
