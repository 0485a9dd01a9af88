"""Turns at a server: only a limited number of callers ask it at the same time; the others wait for their turn."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from marketday.kit.errors import Temporary


class TooManyWaiting(Temporary):
    """Too many callers wait for an answer at the same time."""

    slug = "too-many-waiting"


class Turns:
    """Gives turns in the order of asking.

    A turn has a time limit, but waiting for a turn has none: as long as answers arrive, the queue moves, even slowly.
    If a turn ends without an answer, and no other turn got one in that time, the server counts as unavailable, and all
    waiting callers get TimeoutError.
    """

    def __init__(
        self, at_once: int, *, seconds: float, away: tuple[type[Exception], ...] = (), most_waiting: int = 10_000
    ) -> None:
        """Give `at_once` turns of at most `seconds` at a time, and let at most `most_waiting` wait for one.

        `away` are the errors that, like TimeoutError, mean that there was no answer.
        """
        self._free = at_once
        self._away: tuple[type[Exception], ...] = (TimeoutError, *away)
        self._seconds = seconds
        self._most_waiting = most_waiting
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._answers = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn and hold it.

        Raises:
            TimeoutError: there was no answer, neither to this turn nor to the turns before it.
            TooManyWaiting: too many callers wait already.

        """
        await self._take()
        answers = self._answers
        try:
            async with asyncio.timeout(self._seconds):
                yield
        except self._away as error:
            if self._answers == answers:
                self._send_away(error)
            raise
        else:
            self._answers += 1
        finally:
            self._pass_on()

    async def _take(self) -> None:
        if self._free:
            self._free -= 1
            return
        if len(self._waiting) >= self._most_waiting:
            raise TooManyWaiting
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled() and mine.exception() is None:
                self._pass_on()  # it was cancelled at the moment when its turn came
            raise

    def _pass_on(self) -> None:
        while self._waiting:
            following = self._waiting.popleft()
            if not following.done():
                following.set_result(None)
                return
        self._free += 1

    def _send_away(self, error: Exception) -> None:
        for one in self._waiting:
            if not one.done():
                one.set_exception(TimeoutError(f"the calls before this one had no answer: {error}"))
        self._waiting.clear()
