"""Micro-batches: requests that arrive while a database works are sent together afterwards, as one call.

One commit for fifty requests costs as much as one for a single request, and a busy row is locked once for all fifty, so
they do not wait for each other. Nobody waits for a batch to fill: if no batch is at work, the next one begins at once.
Under load it fills by itself, with the requests that arrive while the one before it is decided.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

from marketday.kit.errors import Temporary

PATIENCE_SECONDS = 2.5  # half of what a caller waits at most; the other half is for the batch itself
_MOST_SPOILT = 32  # failed statements until the rest is refused: enough to find several bad requests

_Q = TypeVar("_Q")
_A = TypeVar("_A")


class MicroBatch(Generic[_Q, _A]):
    """Collects requests and decides them in batches, one after the other, in the order of arrival."""

    def __init__(
        self,
        decide: Callable[[Sequence[_Q]], Awaitable[Sequence[_A | Exception]]],
        *,
        unavailable: type[Temporary],
        largest: int = 256,
        most_waiting: int = 10_000,
        patience_seconds: float = PATIENCE_SECONDS,
        rest_seconds: float = 0.0,
    ) -> None:
        """Give batches of at most `largest` to `decide`, with a rest after each.

        A rest is for requests for whose answer nobody waits: there are fewer batches, and they are larger.

        An answer that is an exception is raised in its caller. While one batch is decided the next one is collected.
        Requests are refused with `unavailable` if more than `most_waiting` wait already, if they have waited for
        `patience_seconds` when a batch ends, and if `decide` raises that itself after such a time.
        """
        self._unavailable = unavailable
        self._decide = decide
        self._largest = largest
        self._most_waiting = most_waiting
        self._patience_seconds = patience_seconds
        self._rest_seconds = rest_seconds
        self._hurry = asyncio.Event()
        self._waiting: deque[tuple[float, _Q, asyncio.Future[_A]]] = deque()
        self._running: asyncio.Task[None] | None = None

    async def ask(self, request: _Q) -> _A:
        """Return the answer to `request`, once its batch is committed.

        Raises:
            Temporary: too many wait already, or the database is unavailable.

        """
        if len(self._waiting) >= self._most_waiting:
            raise self._unavailable("too many requests wait already", retry_after=1)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[_A] = loop.create_future()
        self._waiting.append((loop.time(), request, answer))
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        return await answer

    async def close(self) -> None:
        """Wait until every request is answered, without a rest."""
        self._hurry.set()
        while self._running is not None and not self._running.done():
            await asyncio.wait([self._running])
        self._hurry.clear()

    async def _run(self) -> None:
        while batch := self._next():
            try:
                await self._answer(batch)
            finally:  # in any case nobody waits for ever
                _fail(batch, self._unavailable("the decision was interrupted", retry_after=1))
            if self._rest_seconds:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._hurry.wait(), self._rest_seconds)

    def _next(self) -> list[tuple[_Q, "asyncio.Future[_A]"]]:
        batch: list[tuple[_Q, asyncio.Future[_A]]] = []
        too_early = asyncio.get_running_loop().time() - self._patience_seconds
        while self._waiting and len(batch) < self._largest:
            since, request, answer = self._waiting.popleft()
            if answer.done():  # its caller may have been cancelled
                continue
            if since < too_early:
                answer.set_exception(self._unavailable("the database is slow to answer", retry_after=1))
            else:
                batch.append((request, answer))
        return batch

    async def _answer(self, batch: Sequence[tuple[_Q, "asyncio.Future[_A]"]]) -> None:
        """Decide a batch; if one request makes it fail, find it by halving the batch, and decide the others."""
        now = asyncio.get_running_loop().time
        parts, tries, began = deque([batch]), 0, now()
        while parts:
            part = parts.popleft()
            try:
                decided = await self._decide([request for request, _ in part])
            except self._unavailable as error:
                for rest in (part, *parts):
                    _fail(rest, error)
                if now() - began > self._patience_seconds:  # a silent database: the next batch would wait as long
                    self._refuse_waiting(error)
                return
            except Exception as error:  # noqa: BLE001 - the error of one request must not fail the others
                tries += 1
                if len(part) > 1 and tries < _MOST_SPOILT:
                    half = len(part) // 2
                    parts.extendleft((part[half:], part[:half]))
                elif tries == 1:
                    parts.append(part)  # now it sees what another process has done
                else:
                    _fail(part, error)
            else:
                _give(part, decided)

    def _refuse_waiting(self, error: Exception) -> None:
        _fail([(request, answer) for _, request, answer in self._waiting], error)
        self._waiting.clear()


def _give(batch: Sequence[tuple[_Q, "asyncio.Future[_A]"]], decided: Sequence[_A | Exception]) -> None:
    for (_, answer), value in zip(batch, decided, strict=True):
        if answer.done():
            continue
        if isinstance(value, Exception):
            answer.set_exception(value)
        else:
            answer.set_result(value)


def _fail(batch: Sequence[tuple[_Q, "asyncio.Future[_A]"]], error: Exception) -> None:
    for _, answer in batch:
        if not answer.done():
            answer.set_exception(error)
