"""Change a class of moto's, and notice when moto has caught up."""

import functools
from collections.abc import Callable
from typing import Any

from moto.core.exceptions import ServiceException

Method = Callable[..., Any]


class AwsError(ServiceException):
    """An error of AWS by its code and message. (moto looks for the service of an error in its class's module.)"""


def around(owner: type) -> Callable[[Method], Method]:
    """Replace the method of the same name; the new one gets the old one as its first argument."""

    def decorate(new: Method) -> Method:
        old = getattr(owner, new.__name__)

        @functools.wraps(old)
        def replaced(*args: Any, **kwargs: Any) -> Any:
            return new(old, *args, **kwargs)

        setattr(owner, new.__name__, replaced)
        return new

    return decorate


def added(owner: type) -> Callable[[Method], Method]:
    """Add a method that AWS has and moto lacks. Raises TypeError once moto has it: then the patch should go."""

    def decorate(new: Method) -> Method:
        if hasattr(owner, new.__name__):
            raise TypeError(f"moto has {owner.__name__}.{new.__name__} now; expected to add it")
        setattr(owner, new.__name__, new)
        return new

    return decorate


def notes(backend: Any, kind: str) -> dict[str, Any]:
    """Return what we keep beside moto's own records, in its backend, so that a reset forgets it as well."""
    kept: dict[str, Any] = backend.__dict__.setdefault(f"_marketday_{kind}", {})
    return kept
