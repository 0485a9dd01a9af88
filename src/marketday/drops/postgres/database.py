"""A drop's database, with a limit for each wait; here the driver's errors become our own errors."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import structlog

from marketday.drops.errors import StoreFault, StoreUnavailable
from marketday.kit.database import ANSWER_SECONDS, AWAY

_log = structlog.get_logger()


class DropDatabase:
    """One pool, or one connection. Every call raises StoreUnavailable while the database is unavailable."""

    def __init__(
        self, pool: "asyncpg.Pool[Any] | asyncpg.Connection[Any]", *, timeout_seconds: float = ANSWER_SECONDS
    ) -> None:
        """Use `pool`; after `timeout_seconds`, waiting included, the database counts as unavailable."""
        self._pool = pool
        self._timeout_seconds = timeout_seconds

    async def fetch(self, query: str, *values: Any) -> list["asyncpg.Record"]:
        """Return the rows of `query`."""
        async with self._speaking():
            return await self._pool.fetch(query, *values)

    async def value(self, query: str, *values: Any) -> Any:
        """Return the first value of the first row of `query`."""
        return (await self.fetch(query, *values))[0][0]

    async def execute(self, query: str, *values: Any) -> None:
        """Do `query`, which returns nothing."""
        async with self._speaking():
            await self._pool.execute(query, *values)

    @asynccontextmanager
    async def _speaking(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._timeout_seconds):
                yield
        except AWAY as error:
            raise StoreUnavailable(type(error).__name__, retry_after=1) from error
        except asyncpg.PostgresError as error:
            _log.error("statement_refused", error=type(error).__name__, sqlstate=error.sqlstate)
            raise StoreFault(type(error).__name__, retry_after=1) from error
