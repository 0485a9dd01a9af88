"""How long we wait for PostgreSQL, which errors its driver raises, and which errors may end if we try again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import asyncpg

from marketday.kit.errors import MarketdayError
from marketday.kit.printable import printable

ANSWER_SECONDS = 5.0  # for a connection and one statement on it, if people or other services wait for the answer
WORK_SECONDS = 1200.0  # for long work that nobody waits for: a migration, a copy, an import

# The server is unavailable. A refused statement (any other `asyncpg.PostgresError`) is not among these.
AWAY = (
    OSError,  # no connection, or no answer in time
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the connection broke between two answers of the server
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # the server stops, starts, crashed, or ended a statement that took too long
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,  # a deadlock: try again
)
DRIVER_ERRORS = (*AWAY, asyncpg.PostgresError)  # all errors that the driver raises


@contextmanager
def driver_errors_as(
    failure: Callable[[str], MarketdayError], errors: type[Exception] | tuple[type[Exception], ...] = DRIVER_ERRORS
) -> Iterator[None]:
    """Raise the driver's `errors` as `failure`, with their text; our own errors stay as they are."""
    try:
        yield
    except MarketdayError:
        raise
    except errors as error:
        raise failure(f"{type(error).__name__}: {printable(error)}") from error
