"""What the driver of PostgreSQL raises, and which of it means that asking again later can help."""

import asyncpg

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
