"""A ledger that reads the draws every two seconds at most, however often they are requested."""

from datetime import datetime

from marketday.kit.clock import Clock
from marketday.kit.fresh import Fresh
from marketday.waitingroom.model import Draw
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
        """Record a draw."""
        await self._ledger.record(slug, draw)
        self._draws.forget()

    async def places(self, slug: str) -> int:
        """Return how many places are recorded."""
        return await self._ledger.places(slug)

    async def called(self, slug: str, serving_number: int, now: datetime) -> None:
        """Record a serving number."""
        await self._ledger.called(slug, serving_number, now)
