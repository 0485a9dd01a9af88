"""A database driver's errors stop here."""

from collections.abc import Iterator
from contextlib import contextmanager

from marketday.handback.errors import HandBackError, MallUnavailable, SourceUnavailable
from marketday.kit.database import DRIVER_ERRORS
from marketday.kit.printable import printable


@contextmanager
def source_reached() -> Iterator[None]:
    """Turn what the driver raises into SourceUnavailable."""
    with _reached(SourceUnavailable):
        yield


@contextmanager
def mall_reached() -> Iterator[None]:
    """Turn what the driver raises into MallUnavailable."""
    with _reached(MallUnavailable):
        yield


@contextmanager
def _reached(failure: type[HandBackError]) -> Iterator[None]:
    try:
        yield
    except DRIVER_ERRORS as error:
        raise failure(f"{type(error).__name__}: {printable(error)}") from error
