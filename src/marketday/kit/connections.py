"""Connections to PostgreSQL with a limit for every wait, also when packets are lost and the connection stays open.

After a limit the connection is closed: nobody waits again for a server that has just not answered, and the next caller
gets a new connection. The server ends its side because of the settings that we give it.
"""

import asyncio
from functools import partial
from typing import Any

import asyncpg
import structlog

from marketday.kit.advisory import SILENT_SECONDS, AdvisoryLocks
from marketday.kit.outages import DRIVER_ERRORS

CONNECT_SECONDS = 2.0  # a lost first packet is sent again after one second
_CLOSE_SECONDS = 0.5
_RELEASE_SECONDS = 1.0
_LOOK_SHARE = 0.9  # of a limit: then one who waits looks whether the queue has moved
_log = structlog.get_logger()


class Connection(asyncpg.Connection):
    """A connection that is closed at once when a limit passes, and closes within half a second."""

    def _cancel_current_command(self, waiter: Any, cancel_waiter: Any = None) -> None:  # noqa: ARG002 - the driver's
        """End the connection; the driver itself would ask to end the statement, and wait for an answer.

        The driver calls this whenever a limit passes or a task is cancelled. The server ends the statement because of
        its own limit, or within a second, because it sees that the connection is gone.
        """
        asyncio.get_running_loop().call_soon(self.terminate)

    def get_reset_query(self) -> str:
        """Ask nothing of the server when the connection returns to its pool; the driver itself ends a transaction.

        No caller changes its session: settings are local to a transaction, and advisory locks have another connection.
        So each statement is one round trip, not two.
        """
        return ""

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 - the driver's
        """Close the connection; drop it if that takes too long."""
        try:
            await super().close(timeout=_CLOSE_SECONDS if timeout is None else timeout)
        except DRIVER_ERRORS as error:
            _log.debug("connection_dropped", error=type(error).__name__)  # it is closed either way


class Pool(asyncpg.Pool):
    """A pool with a limit for every wait, and the advisory locks of its process on a connection outside of it."""

    def __init__(self, url: str, *, wait_seconds: float, connection: dict[str, Any], **settings: Any) -> None:
        """Wait for a connection while others return, at least `wait_seconds`; `make_pool` sets the other limits."""
        super().__init__(
            url,
            max_queries=50_000,
            max_inactive_connection_lifetime=300.0,
            loop=None,
            record_class=asyncpg.Record,
            **connection,
            **settings,
        )
        self._wait_seconds = wait_seconds
        self._returned = 0  # how many connections came back to the pool in a good state
        self.locks = AdvisoryLocks(partial(asyncpg.connect, url, **_watched(connection)), 2 * wait_seconds)

    async def _acquire(self, timeout: float | None) -> Any:  # noqa: ASYNC109 - the driver's
        """Take a connection. The driver's own limit would need a task for each, and can swallow a cancellation.

        The limit begins again while connections return: then the database answers, and the queue moves, even slowly.
        """
        seconds = self._wait_seconds if timeout is None else timeout
        loop, returned = asyncio.get_running_loop(), self._returned
        looking: asyncio.TimerHandle

        def look() -> None:
            nonlocal looking, returned
            if self._returned != returned:
                returned = self._returned
                limit.reschedule(loop.time() + seconds)
            looking = loop.call_later(seconds * _LOOK_SHARE, look)

        looking = loop.call_later(seconds * _LOOK_SHARE, look)
        try:
            async with asyncio.timeout(seconds) as limit:
                return await super()._acquire(None)  # type: ignore[misc] # the driver's own, which its stubs leave out
        finally:
            looking.cancel()

    async def release(self, connection: Any, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 - the driver's
        """Return a connection to the pool; one that cannot be reset in time is dropped.

        The caller already has its answer, so this is not an error for it.
        """
        self._returned += not connection.is_closed()
        try:
            await super().release(connection, timeout=_RELEASE_SECONDS if timeout is None else timeout)
        except DRIVER_ERRORS as error:
            _log.debug("connection_thrown_away", error=type(error).__name__)

    async def close(self) -> None:
        """Close all connections; one still in use is closed after the limit."""
        await self.locks.close()
        try:
            async with asyncio.timeout(self._wait_seconds):
                await super().close()
        except TimeoutError:
            _log.warning("pool_closed_in_use")

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def connection_settings(
    application: str, statement_seconds: float, search_path: str, silent_seconds: float = 0
) -> dict[str, Any]:
    """Return the driver's options for a connection on which a statement takes at most `statement_seconds`.

    With `silent_seconds` the server ends a session without queries after that time.
    """
    milliseconds = int(statement_seconds * 1000)
    return {
        "connection_class": Connection,
        "timeout": min(CONNECT_SECONDS, statement_seconds),
        "command_timeout": statement_seconds,
        "server_settings": {
            "application_name": application,
            "timezone": "UTC",
            "search_path": search_path,
            "statement_timeout": str(milliseconds),
            # A client that disappeared does not hold locks for long: the server notices it in a transaction, while it
            # is idle, while its answer is sent, and while its statement runs.
            "idle_in_transaction_session_timeout": str(max(10_000, milliseconds)),
            "idle_session_timeout": str(int(silent_seconds * 1000)),
            "tcp_user_timeout": "10000",
            "client_connection_check_interval": "1000",
            "tcp_keepalives_idle": "10",
            "tcp_keepalives_interval": "5",
            "tcp_keepalives_count": "3",
        },
    }


def _watched(connection: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of a connection whose session ends when its holder sends nothing."""
    silent = {"idle_session_timeout": str(int(SILENT_SECONDS * 1000))}
    return {**connection, "server_settings": {**connection["server_settings"], **silent}}
