"""A value that is read again where it is old, once for all who ask at the same time."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from marketday.kit.clock import Clock

_T = TypeVar("_T")


class Fresh(Generic[_T]):
    """What `read` returned, at most `seconds` old. A failure is told to everyone who waited for it, and not kept."""

    def __init__(self, read: Callable[[], Awaitable[_T]], *, seconds: float, clock: Clock) -> None:
        """Read nothing yet."""
        self._read = read
        self._kept_for = timedelta(seconds=seconds)
        self._clock = clock
        self._reading: asyncio.Future[_T] | None = None
        self._begun_at: datetime | None = None

    async def get(self) -> _T:
        """Return the value; raises whatever `read` raises."""
        reading = self._reading if self._is_fresh() else None
        if reading is None:
            reading = self._reading = asyncio.ensure_future(self._read())
            self._begun_at = self._clock.now()
        try:
            return await asyncio.shield(reading)  # who goes away does not take the others' answer along
        except Exception:
            if self._reading is reading:
                self._reading = None
            raise

    def _is_fresh(self) -> bool:
        if self._reading is None or self._begun_at is None:
            return False
        return not self._reading.done() or self._clock.now() - self._begun_at < self._kept_for
