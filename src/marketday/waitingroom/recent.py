"""A ledger that reads the draws every two seconds at most, however often they are requested."""

from collections.abc import Sequence

from marketday.kit.clock import Clock
from marketday.kit.fresh import Fresh
from marketday.waitingroom.model import Draw, EntryRecord
from marketday.waitingroom.ports import DrawLedger, DrawRecord

SECONDS = 1.9  # less than two, so that a caller that asks every two seconds gets a new answer each time


class RecentDraws:
    """A `DrawLedger` over another one. The draws are at most two seconds old, and read again after our own `record`."""

    def __init__(self, ledger: DrawLedger, clock: Clock) -> None:
        """Read from `ledger` and write to it."""
        self._ledger = ledger
        self._draws = Fresh(ledger.draws, seconds=SECONDS, clock=clock)

    async def draws(self) -> list[DrawRecord]:
        """Return the draws of every drop in the database."""
        return await self._draws.get()

    async def record(self, slug: str, draw: Draw) -> None:
        """Record that the draw was published."""
        await self._ledger.record(slug, draw)
        self._draws.forget()

    async def registered(self, slug: str) -> tuple[int, int]:
        """Return how many entries, and how many admitted ones, the register has."""
        return await self._ledger.registered(slug)

    async def register(self, slug: str, records: Sequence[EntryRecord]) -> None:
        """Write entries into the register."""
        await self._ledger.register(slug, records)
