"""Advisory locks of PostgreSQL: all locks of a process are on one connection, outside the pool.

So locks do not use the pool's connections. They are released with the connection: when the process ends, and soon after
a process stops sending queries.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import structlog

from marketday.kit.outages import DRIVER_ERRORS

SILENT_SECONDS = 15.0  # then the server ends the session of a lock holder that sends nothing
_WORD_SECONDS = 5.0  # how often a holder sends a query
_TRY = "SELECT pg_try_advisory_lock($1, hashtext($2))"
_UNLOCK = "SELECT pg_advisory_unlock($1, hashtext($2))"
_log = structlog.get_logger()


class AdvisoryLocks:
    """The locks of one process in one database. `space` separates names with different purposes."""

    def __init__(self, connect: Callable[[], Awaitable[Any]], limit_seconds: float) -> None:
        """Use a connection that `connect` makes, which ends after SILENT_SECONDS without a query."""
        self._connect = connect
        self._limit_seconds = limit_seconds
        self._connection: asyncpg.Connection[Any] | None = None
        self._turn = asyncio.Lock()  # a connection answers one query at a time
        self._held: set[tuple[int, str]] = set()  # the database would grant its session a lock a second time
        self._words: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def hold(self, space: int, name: str) -> AsyncIterator[bool]:
        """Hold a lock for as long as the context lasts; False if another holder has it.

        Raises:
            OSError, asyncpg.PostgresError: the database does not answer.

        """
        lock = (space, name)
        if lock in self._held:
            yield False
            return
        self._held.add(lock)
        try:
            connection, mine = await self._take(lock)
            try:
                yield mine
            finally:
                if mine:
                    await self._let_go(connection, lock)
        finally:
            self._held.discard(lock)

    async def close(self) -> None:
        """Close the connection, and with it every lock that is still held."""
        connection, self._connection = self._connection, None
        if self._words is not None:
            self._words.cancel()
        if connection is not None:
            await connection.close()

    async def _take(self, lock: tuple[int, str]) -> tuple[Any, bool]:
        async with asyncio.timeout(self._limit_seconds), self._turn:
            if self._connection is None or self._connection.is_closed():
                self._connection = await self._connect()
            mine = bool(await self._connection.fetchval(_TRY, *lock))
        if self._words is None or self._words.done():
            self._words = asyncio.create_task(self._keep_saying())
        return self._connection, mine

    async def _let_go(self, connection: Any, lock: tuple[int, str]) -> None:
        try:
            async with asyncio.timeout(self._limit_seconds), self._turn:
                if await connection.fetchval(_UNLOCK, *lock):
                    return
        except DRIVER_ERRORS as error:
            _log.debug("unlock_failed", error=type(error).__name__)
        _log.warning("advisory_lock_lost", name=lock[1])  # the lock ended with its connection

    async def _keep_saying(self) -> None:
        """Send queries while a lock is held, so that the server keeps the session."""
        while self._held:
            await asyncio.sleep(_WORD_SECONDS)
            connection = self._connection
            if connection is None or connection.is_closed():
                return
            try:
                async with self._turn:
                    await connection.fetchval("SELECT 1")
            except DRIVER_ERRORS as error:
                _log.warning("advisory_locks_lost", error=type(error).__name__)
                return
