"""A database driver's errors stop here."""

from contextlib import AbstractContextManager

from marketday.handback.errors import MallUnavailable, SourceUnavailable
from marketday.kit.outages import driver_errors_as


def source_reached() -> AbstractContextManager[None]:
    """Turn what the driver raises into SourceUnavailable; and that is anything, for the server may answer anything."""
    return driver_errors_as(SourceUnavailable, Exception)


def mall_reached() -> AbstractContextManager[None]:
    """Turn what the driver raises into MallUnavailable."""
    return driver_errors_as(MallUnavailable)
