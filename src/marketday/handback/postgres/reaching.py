"""Turns a database driver's errors into our own."""

from contextlib import AbstractContextManager

from marketday.handback.errors import MallUnavailable, SourceUnavailable
from marketday.kit.outages import driver_errors_as


def source_reached() -> AbstractContextManager[None]:
    """Turn any error of the driver into SourceUnavailable: an untrusted server can cause every kind."""
    return driver_errors_as(SourceUnavailable, Exception)


def mall_reached() -> AbstractContextManager[None]:
    """Turn the driver's errors into MallUnavailable."""
    return driver_errors_as(MallUnavailable)
