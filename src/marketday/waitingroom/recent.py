"""A ledger whose draws are read every two seconds, however often they are asked for."""

import asyncio
from collections.abc import Sequence
from time import monotonic

from marketday.waitingroom.model import Draw, EntryRecord
from marketday.waitingroom.ports import DrawLedger, DrawRecord

SECONDS = 1.9  # so that whoever asks every two seconds sees something new each time


class RecentDraws:
    """A `DrawLedger` over another one. The draws are at most two seconds old, and never older than our own record."""

    def __init__(self, ledger: DrawLedger, seconds: float = SECONDS) -> None:
        """Ask `ledger`, and keep its draws for `seconds`."""
        self._ledger = ledger
        self._seconds = seconds
        self._draws: list[DrawRecord] = []
        self._good_until = 0.0
        self._reading = asyncio.Lock()

    async def draws(self) -> list[DrawRecord]:
        """Return the draws of every drop in the database."""
        async with self._reading:
            if monotonic() >= self._good_until:
                asked_at = monotonic()
                self._draws = await self._ledger.draws()
                self._good_until = asked_at + self._seconds
            return self._draws

    async def record(self, slug: str, draw: Draw) -> None:
        """Record that the draw was published."""
        await self._ledger.record(slug, draw)
        self._good_until = 0.0

    async def registered(self, slug: str) -> tuple[int, int]:
        """Return how many entries, and how many admitted ones, the register has."""
        return await self._ledger.registered(slug)

    async def register(self, slug: str, records: Sequence[EntryRecord]) -> None:
        """Write entries into the register."""
        await self._ledger.register(slug, records)
