"""Answers of the catalogue that are equal for everybody, kept until what they show changes.

A page of the catalogue costs four queries and several milliseconds, a kept one a tenth of that. So the mall's ordinary
visitors need little of a machine that a drop keeps busy. Nothing expires: the database notifies every process of the
mall of each change, also of one made by another program (sql/mall/0011). Every `seconds` a process asks the database
whether it has heard of all; it always asks after a write of its own, and for people who are signed in.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from starlette.types import Message

from marketday.catalog.model import Product
from marketday.kit.errors import MarketdayError, Temporary

_MOST_BYTES = 32 * 1024 * 1024
_PAUSE_SECONDS = 1.0  # after a question without an answer, in which the framework answers everything
Key = tuple[object, ...]


async def _always() -> bool:
    return True


@dataclass(slots=True)
class Shown:
    """What an answer shows: whose stock, whose availability alone, and whether all else is still as it was."""

    stock: frozenset[str] = frozenset()  # ids of products
    availability: frozenset[str] = frozenset()
    still: Callable[[], Awaitable[bool]] = _always
    kept: bool = False

    def has(self, product: str, availability: str) -> bool:
        """Return whether it shows the stock of a product, or its `availability` if that changed too."""
        return product in self.stock or (bool(availability) and product in self.availability)


@dataclass(frozen=True, slots=True)
class SharedAnswer:
    """An answer as it was sent: its first message, its body, and the route that made it."""

    start: Message
    body: bytes
    route: Any
    shown: Shown


@dataclass(slots=True)
class SharedAnswers:
    """The kept answers of one process, those used lately.

    `confirm` returns when `changed` was called for every change so far, and raises Temporary if nobody knows.
    """

    confirm: Callable[[], Awaitable[None]]
    seconds: float = 2.0
    most_bytes: int = _MOST_BYTES
    changes: int = 0  # how many were heard
    forgotten: Callable[[], None] = lambda: None  # called when anything may have changed
    _kept: "OrderedDict[Key, SharedAnswer]" = field(default_factory=OrderedDict)
    _bytes: int = 0
    _confirmed_at: float = float("-inf")
    _failed_at: float = float("-inf")
    _doubts: int = 0
    _asking: "asyncio.Task[bool] | None" = None

    async def find(self, key: Key) -> SharedAnswer | None:
        """Return the kept answer, if all that it shows is still so; call `current` before."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        try:
            still = await kept.shown.still()
        except MarketdayError:  # the framework meets it too, and says so
            still = False
        if not still:
            self._remove(key)
            return None
        if self._kept.get(key) is not kept:  # it changed while we asked
            return None
        self._kept.move_to_end(key)
        return kept

    async def current(self, *, strictly: bool) -> bool:
        """Return whether all changes were heard: with `strictly` until now, otherwise until `seconds` ago at most."""
        now = time.monotonic()
        if now - self._failed_at < _PAUSE_SECONDS:
            return False
        age = now - self._confirmed_at
        if strictly or age >= self.seconds:
            return await self._asked()
        if age >= self.seconds / 2 and (self._asking is None or self._asking.done()):
            self._asking = asyncio.create_task(self._asked())  # nobody waits for it
        return True

    async def _asked(self) -> bool:
        begun, doubts = time.monotonic(), self._doubts
        try:
            await self.confirm()
        except Temporary:
            self.doubt()
            self._failed_at = time.monotonic()
            return False
        if doubts == self._doubts:
            self._confirmed_at = begun
        return True

    def doubt(self) -> None:
        """Ask whether all changes were heard before the next answer: this process may have made one."""
        self._doubts += 1
        self._confirmed_at = float("-inf")

    def keep(self, key: Key, answer: SharedAnswer, changes: int) -> None:
        """Keep an answer that was begun when `changes` had been heard; nothing is kept if one was heard since."""
        if changes != self.changes or len(answer.body) > self.most_bytes:
            return
        self._remove(key)
        self._kept[key] = answer
        self._bytes += len(answer.body)
        while self._bytes > self.most_bytes:
            self._remove(next(iter(self._kept)))

    def changed(self, notified: str) -> None:
        """Forget the answers that show what changed; `notified` is as the triggers of sql/mall/0011 write it."""
        self.changes += 1
        product, _, availability = notified.partition(" ")
        for key in [key for key, kept in self._kept.items() if not product or kept.shown.has(product, availability)]:
            self._remove(key)
        if not product:
            self.forgotten()

    def _remove(self, key: Key) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._bytes -= len(kept.body)


def shows(
    scope: Any,
    *,
    stock_of: Iterable[Product] = (),
    availability_of: Iterable[Product] = (),
    still: Callable[[], Awaitable[bool]] = _always,
) -> None:
    """Say that the answer to a request is equal for everybody, and what it shows; without this it is not kept.

    `still` says whether what is not in the catalogue is still as in the answer.
    """
    shown = scope.get("shown")
    if shown is not None:
        shown.stock, shown.availability = _ids(stock_of), _ids(availability_of)
        shown.still, shown.kept = still, True


def _ids(products: Iterable[Product]) -> frozenset[str]:
    return frozenset(str(product.id) for product in products)
