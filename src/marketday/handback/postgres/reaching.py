"""A database driver's errors stop here."""

from collections.abc import Iterator
from contextlib import contextmanager

from marketday.handback.errors import HandBackError, MallUnavailable, SourceUnavailable
from marketday.kit.database import DRIVER_ERRORS
from marketday.kit.errors import MarketdayError
from marketday.kit.printable import printable


@contextmanager
def source_reached() -> Iterator[None]:
    """Turn what the driver raises into SourceUnavailable; and that is anything, for the server may answer anything."""
    with _reached(SourceUnavailable, Exception):
        yield


@contextmanager
def mall_reached() -> Iterator[None]:
    """Turn what the driver raises into MallUnavailable."""
    with _reached(MallUnavailable, DRIVER_ERRORS):
        yield


@contextmanager
def _reached(failure: type[HandBackError], errors: type[Exception] | tuple[type[Exception], ...]) -> Iterator[None]:
    try:
        yield
    except MarketdayError:
        raise
    except errors as error:
        raise failure(f"{type(error).__name__}: {printable(error)}") from error
