"""Keeps answers, and reads them again when they are old, once for all callers that ask at the same time."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Generic, TypeVar, TypeVarTuple

from marketday.kit.clock import Clock

_T = TypeVar("_T")
_Asked = TypeVarTuple("_Asked")


class Fresh(Generic[_T, *_Asked]):
    """The answers of `read`, at most `seconds` old.

    A caller that is cancelled does not end the reading: the others still get its answer. An error is raised in
    every waiting caller, and not kept. Answers are never removed, so ask only for few different things.
    """

    def __init__(self, read: Callable[[*_Asked], Awaitable[_T]], *, seconds: float, clock: Clock) -> None:
        """Keep `read` and `seconds`; nothing is read yet."""
        self._read = read
        self._kept_for = timedelta(seconds=seconds)
        self._clock = clock
        self._readings: dict[tuple[*_Asked], tuple[asyncio.Future[_T], datetime]] = {}

    async def get(self, *asked: *_Asked) -> _T:
        """Return the answer; raises the error that `read` raises."""
        reading = self._fresh(asked)
        if reading is None:
            reading = asyncio.ensure_future(self._read(*asked))
            self._readings[asked] = (reading, self._clock.now())
            reading.add_done_callback(partial(self._ended, asked))
        return await asyncio.shield(reading)

    def forget(self, *asked: *_Asked) -> None:
        """Read again at the next call, even if a reading is under way: it may have begun too early."""
        self._readings.pop(asked, None)

    def _fresh(self, asked: tuple[*_Asked]) -> asyncio.Future[_T] | None:
        reading, begun_at = self._readings.get(asked, (None, None))
        if reading is None or begun_at is None or not reading.done():
            return reading
        age = self._clock.now() - begun_at
        return reading if timedelta() <= age < self._kept_for else None  # a clock may be set back

    def _ended(self, asked: tuple[*_Asked], reading: asyncio.Future[_T]) -> None:
        failed = reading.cancelled() or reading.exception() is not None
        if failed and self._readings.get(asked, (None,))[0] is reading:
            del self._readings[asked]
