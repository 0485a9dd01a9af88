"""One clock for several machines: our own, corrected to the clock of the server that all of them use.

A place, an admission and a purchase are moments that different machines write, and the hand-back compares them. If the
clock of one machine is wrong, its moments contradict the others: an admission was over before it began, or somebody
bought before being let in. So all gates and the worker go by the clock of Valkey, and all stores by the database's.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import structlog

from marketday.kit.clock import Clock
from marketday.kit.tasks import rest

LOOK_SECONDS = 5.0
_FIRST_SECONDS = 2.0  # how long a start may wait for the first answer
_NEAR = timedelta(seconds=0.5)  # less is not corrected: clocks that are kept right differ by milliseconds
_log = structlog.get_logger()


class ServerClock:
    """A `Clock` with the server's time. While the server does not answer, the last difference counts."""

    def __init__(self, clock: Clock, server_time: Callable[[], Awaitable[datetime]]) -> None:
        """Correct `clock` to what `server_time` returns, an aware UTC datetime."""
        self._clock = clock
        self._server_time = server_time
        self._difference = timedelta(0)

    def now(self) -> datetime:
        """Return the present moment as an aware UTC datetime."""
        return self._clock.now() + self._difference

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Look at the server's clock now, and every few seconds while the context lasts."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._look(), _FIRST_SECONDS)
        task = asyncio.create_task(self._keep())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def measure(self) -> None:
        """Ask the server once; half of the answer's time counts as its way.

        Raises:
            Exception: any that `server_time` raises.

        """
        began = time.monotonic()
        server = await self._server_time()
        way = timedelta(seconds=(time.monotonic() - began) / 2)
        difference = server + way - self._clock.now()
        if abs(difference) <= max(_NEAR, way):  # a slow answer says little
            difference = timedelta(0)
        if abs(difference - self._difference) > _NEAR:
            _log.warning("clock_differs", seconds=round(difference.total_seconds(), 1))
        self._difference = difference

    async def _look(self) -> None:
        try:
            await self.measure()
        except Exception as error:  # noqa: BLE001 - without an answer the last difference counts
            _log.info("clock_not_compared", error=type(error).__name__)

    async def _keep(self) -> None:
        while True:
            await rest(LOOK_SECONDS)
            await self._look()
