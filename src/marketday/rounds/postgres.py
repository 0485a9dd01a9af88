"""Only one worker acts at a time: the one that holds an advisory lock in the drop database. The others wait.

The lock belongs to a connection, so it is released when its holder's process ends. A holder whose connection breaks
stops within seconds. Until then two workers may act; this does no harm, because every step of a loop can be repeated.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import structlog

from marketday.kit.database import ANSWER_SECONDS, DRIVER_ERRORS, connect
from marketday.kit.tasks import rest

LOCK = 0x776F726B6572  # "worker"
CHECK_SECONDS = 1.0
SILENT_SECONDS = 5.0  # after this time the database releases the lock of a holder that sends nothing

_log = structlog.get_logger()


class WorkerLock:
    """The lock of the active worker: of all workers of a drop, only the one that holds it acts."""

    def __init__(self, database_url: str) -> None:
        """Compete for the lock in this database."""
        self._url = database_url
        self.acting = False

    async def act_alone(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do `work`, which never ends, while this process holds the lock; return when cancelled."""
        while True:
            try:
                await self._compete(work)
            except DRIVER_ERRORS as error:
                _log.warning("lock_unreachable", error=type(error).__name__)
            await rest(CHECK_SECONDS)

    async def _compete(self, work: Callable[[], Awaitable[None]]) -> None:
        async with asyncio.timeout(ANSWER_SECONDS):  # never wait_for: in Python 3.11 it can swallow a cancellation
            connection = await connect(
                self._url, application="worker-lock", seconds=ANSWER_SECONDS, silent_seconds=SILENT_SECONDS
            )
        try:
            if await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):
                _log.info("acting")
                self.acting = True
                await self._act(work, connection)
        finally:
            self.acting = False
            connection.terminate()

    async def _act(self, work: Callable[[], Awaitable[None]], connection: "asyncpg.Connection[Any]") -> None:
        task = asyncio.ensure_future(work())
        try:
            while not task.done():
                await asyncio.wait([task], timeout=CHECK_SECONDS)
                await connection.fetchval("SELECT 1")
            task.result()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
