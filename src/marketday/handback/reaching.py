"""A database driver's errors stop here."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from marketday.handback.errors import HandBackError, MallUnavailable, SourceUnavailable


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
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise failure(f"{type(error).__name__}: {error}") from error
