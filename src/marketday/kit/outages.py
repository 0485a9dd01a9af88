"""How long PostgreSQL is waited for, what its driver raises, and which of that means that asking again can help."""

import asyncpg

ANSWER_SECONDS = 5.0  # for what people or other services wait for: a connection and one statement on it
WORK_SECONDS = 1200.0  # for a program's own long work: a migration, a copy, an import

# A server that is away. A statement that it refuses (any other `asyncpg.PostgresError`) is not among it.
AWAY = (
    OSError,  # no connection, or no answer in time
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the connection broke between two answers of the server
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # the server stops, starts, crashed, or ended a statement that took too long
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,  # a deadlock: whoever lost asks again
)
DRIVER_ERRORS = (*AWAY, asyncpg.PostgresError)  # all that the driver raises
