"""Micro-batches: what arrives while the database is at work goes to it together, as one statement.

One commit for fifty requests costs what one commit for one does, and one hot stock row that is locked once for
fifty is never fought over.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from marketday.drops.errors import StoreUnavailable
from marketday.kit.outages import ANSWER_SECONDS

PATIENCE_SECONDS = ANSWER_SECONDS / 2  # and as long for the batch itself
_MOST_SPOILT = 32  # statements that fail before whoever is left is refused: several guilty requests are found with them

_Q = TypeVar("_Q")
_A = TypeVar("_A")


class MicroBatch(Generic[_Q, _A]):
    """Gathers requests and has them decided together, one batch after the other, in the order of arrival."""

    def __init__(
        self,
        decide: Callable[[Sequence[_Q]], Awaitable[Sequence[_A]]],
        *,
        gather_seconds: float = 0.002,
        largest: int = 256,
        most_waiting: int = 10_000,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """Hand batches of at most `largest` to `decide`, the first one after `gather_seconds`.

        While one batch is decided the next one gathers by itself. More than `most_waiting` are refused at once, and
        whoever has waited for `patience_seconds` when a batch ends is refused then.
        """
        self._decide = decide
        self._gather_seconds = gather_seconds
        self._largest = largest
        self._most_waiting = most_waiting
        self._patience_seconds = patience_seconds
        self._waiting: deque[tuple[float, _Q, asyncio.Future[_A]]] = deque()
        self._running: asyncio.Task[None] | None = None

    async def ask(self, request: _Q) -> _A:
        """Return the answer to `request`, once its batch is committed.

        Raises:
            StoreUnavailable: too many wait already, or the database is away.

        """
        if len(self._waiting) >= self._most_waiting:
            raise StoreUnavailable("too many requests wait already", retry_after=1)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[_A] = loop.create_future()
        self._waiting.append((loop.time(), request, answer))
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        return await answer

    async def close(self) -> None:
        """Wait until everything that was asked is answered."""
        while self._running is not None and not self._running.done():
            await asyncio.wait([self._running])

    async def _run(self) -> None:
        await asyncio.sleep(self._gather_seconds)
        while batch := self._next():
            await self._answer(batch)

    def _next(self) -> list[tuple[_Q, "asyncio.Future[_A]"]]:
        batch: list[tuple[_Q, asyncio.Future[_A]]] = []
        too_early = asyncio.get_running_loop().time() - self._patience_seconds
        while self._waiting and len(batch) < self._largest:
            since, request, answer = self._waiting.popleft()
            if answer.done():  # whoever asked may have gone away by now
                continue
            if since < too_early:
                answer.set_exception(StoreUnavailable("the database is slow to answer", retry_after=1))
            else:
                batch.append((request, answer))
        return batch

    async def _answer(self, batch: Sequence[tuple[_Q, "asyncio.Future[_A]"]]) -> None:
        """Have a batch decided; where one request spoils it, find that one by halving, and decide the others."""
        parts, tries = deque([batch]), 0
        while parts:
            part = parts.popleft()
            try:
                decided = await self._decide([request for request, _ in part])
            except StoreUnavailable as error:
                _fail(part, error)
                while parts:
                    _fail(parts.popleft(), error)
            except Exception as error:  # noqa: BLE001 - whatever one request brings on stays its own
                tries += 1
                if len(part) > 1 and tries < _MOST_SPOILT:
                    half = len(part) // 2
                    parts.extendleft((part[half:], part[:half]))
                elif tries == 1:
                    parts.append(part)  # what another process did meanwhile is visible now
                else:
                    _fail(part, error)
            else:
                for (_, answer), value in zip(part, decided, strict=True):
                    if not answer.done():
                        answer.set_result(value)


def _fail(batch: Sequence[tuple[_Q, "asyncio.Future[_A]"]], error: Exception) -> None:
    for _, answer in batch:
        if not answer.done():
            answer.set_exception(error)
