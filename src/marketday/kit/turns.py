"""Turns at a server: so many ask it at a time, and the others wait for as long as it answers."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from marketday.kit.errors import Temporary


class TooManyWaiting(Temporary):
    """More wait for an answer than may wait at a time."""

    slug = "too-many-waiting"


class Turns:
    """Gives turns in the order of asking.

    A turn has a limit of time, waiting for one has none: while answers come, the line moves on, however slow this
    process or the server is. Only when a turn ends without an answer, and nobody else got one meanwhile, is the server
    silent, and everyone who waits is told so.
    """

    def __init__(
        self, at_once: int, *, seconds: float, away: tuple[type[Exception], ...] = (), most_waiting: int = 10_000
    ) -> None:
        """Give `at_once` turns of at most `seconds` at a time, and let at most `most_waiting` wait for one.

        `away` are the errors, beside TimeoutError, by which a turn says that it had no answer.
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
            TimeoutError: no answer came, to this turn or to those before it.
            TooManyWaiting: the line is too long.

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
                self._pass_on()  # the turn came at the moment of going away
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
                one.set_exception(TimeoutError(f"those before had no answer: {error}"))
        self._waiting.clear()
