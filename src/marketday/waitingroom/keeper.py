"""What is done for the room while people wait: publish the draw, call the next, write the board, keep the register.

The worker calls each of these again and again; each may be interrupted anywhere and repeated.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from marketday.catalog.stock import StockState, stock_state
from marketday.waitingroom.admission import Limits, Load, Pace, StoreSpeed, first_pace, next_pace, next_serving_number
from marketday.waitingroom.draw import commitment
from marketday.waitingroom.errors import ForeignSeed
from marketday.waitingroom.model import Board, Draw, RoomPhase
from marketday.waitingroom.ports import DrawLedger, DrawRecord, RoomStore

RATE_WINDOW_SECONDS = 10.0
COMES_BACK_SHARE = 0.15  # of the held units: more than come back on an ordinary day, so that none is left over
BOARD_STANDS = timedelta(seconds=5)  # after this time the board is written again: a server may have lost it


@dataclass(frozen=True, slots=True)
class Stock:
    """Units of a drop, all its items together: free ones, and ones that are held.

    `standing_by` is how many people in the store wait for a held unit to come back.
    """

    left: int
    reserved: int
    standing_by: int = 0

    @property
    def expected(self) -> int:
        """Units for which people may be called: free ones, and held ones that may come back and find nobody there."""
        return self.left + max(ceil(self.reserved * COMES_BACK_SHARE) - self.standing_by, 0)


StockNow = Callable[[str], Awaitable[Stock]]  # returns the stock of the drop with this slug


class RoomKeeper:
    """Does the worker's part for the rooms of all drops of this environment."""

    def __init__(self, rooms: RoomStore, ledger: DrawLedger) -> None:
        """Work on `rooms`, with the draws and the register in `ledger`."""
        self._rooms = rooms
        self._ledger = ledger
        self._written: dict[str, tuple[Board, datetime]] = {}  # the board that was written last, and when
        self._called_at: dict[str, datetime] = {}
        self._paces: dict[str, tuple[Pace, datetime]] = {}  # and when it was decided

    async def open_due(self, record: DrawRecord, now: datetime) -> Draw | None:
        """Publish the draw of a drop that has opened: first in the room, then in the ledger. Return None before that.

        The room decides only once who took part. If the process is killed in between, the next call reads that decision
        and records it.

        Raises:
            ForeignSeed: the recorded seed does not match the room's commitment.

        """
        if now < record.opens_at:
            return None
        facts = await self._rooms.facts(record.slug)
        if commitment(record.seed) != facts.commitment:
            raise ForeignSeed(f"the seed of {record.slug!r} does not match its commitment; the draw stays closed")
        draw = await self._rooms.open(record.slug, record.seed, now, record.cohort)
        if record.cohort is None:
            await self._ledger.record(record.slug, draw)
        return draw

    async def call_next(self, record: DrawRecord, stock: StockNow, store: StoreSpeed, now: datetime) -> bool:
        """Raise the serving number of an open room as far as the limits of the store allow.

        While every unit is held, some people are called who will stand by: units that come back find them in the store.
        Returns whether people are waiting and there is stock for them. If so, this is called again soon.
        """
        room = await self._rooms.snapshot(record.slug, now)
        if room.draw is None or room.phase(now) is not RoomPhase.OPEN or room.serving_number >= room.entries:
            return False
        units = await stock(record.slug)
        if units.expected <= 0:
            return False
        limits = limits_of(record.rates, room.facts.admission_seconds)
        flow = await self._rooms.flow(
            record.slug,
            now,
            grace_seconds=limits.claim_grace_seconds,
            deciding_seconds=limits.deciding_seconds,
            window_seconds=RATE_WINDOW_SECONDS,
        )
        load = Load(
            serving_number=room.serving_number,
            entries=room.entries,
            inside=room.inside,
            deciding=flow.deciding,
            called_before_grace=flow.called_before_grace,
            came_within_grace=flow.came_within_grace,
            units_left=units.expected,
        )
        pace, decided_at = self._paces.get(
            record.slug, (first_pace(limits), flow.last_called_at or room.draw.published_at)
        )
        pace = next_pace(pace, limits, store, max((now - decided_at).total_seconds(), 0.0))
        wanted = next_serving_number(load, limits, pace)
        await self._rooms.call(record.slug, wanted, now)
        called = wanted - room.serving_number
        self._paces[record.slug] = (replace(pace, credit=pace.credit - called), now)
        if called:
            self._called_at[record.slug] = now
        return True

    async def write_board(self, record: DrawRecord, stock: Stock, now: datetime) -> Board:
        """Publish what is left and how fast people are called, unless the board already has these values."""
        written = self._written.get(record.slug)
        if written is not None and self._still_true(record.slug, written, stock, now):
            return written[0]
        flow = await self._rooms.flow(
            record.slug, now, grace_seconds=0, deciding_seconds=0, window_seconds=RATE_WINDOW_SECONDS
        )
        open_seconds = (now - record.opens_at).total_seconds()
        seconds = min(max(open_seconds, 1.0), RATE_WINDOW_SECONDS)
        board = Board(
            stock=_state(stock),
            left=stock.left,
            rate_per_second=round(flow.called_in_window / seconds, 2),
        )
        await self._rooms.write_board(record.slug, board)
        self._written[record.slug] = (board, now)
        return board

    def _still_true(self, slug: str, written: tuple[Board, datetime], stock: Stock, now: datetime) -> bool:
        """Return whether a board need not be written again: same stock, no recent calls, and not old."""
        board, at = written
        if now - at >= BOARD_STANDS or board.rate_per_second:
            return False
        called_at = self._called_at.get(slug)
        return (called_at is None or called_at < at) and (board.stock, board.left) == (_state(stock), stock.left)

    async def export(self, record: DrawRecord, now: datetime) -> int | None:
        """Write a closed drop's entries into the register, and return how many there are; None before closing."""
        if now < record.closes_at:
            return None
        room = await self._rooms.snapshot(record.slug, now)
        if await self._ledger.registered(record.slug) != (room.entries, room.admitted):
            async for portion in self._rooms.entries(record.slug):
                await self._ledger.register(record.slug, portion)
        return room.entries


def _state(stock: Stock) -> StockState:
    return stock_state(left=stock.left, reserved=stock.reserved)


def limits_of(rates: Mapping[str, float], admission_seconds: float) -> Limits:
    """Return the loop's limits with the two that a drop's `rate_limits` may set.

    If people have only a short time in the store, one third of it is for getting there, and one third for deciding.
    """
    usual = Limits()
    third = admission_seconds / 3
    return replace(
        usual,
        admissions_per_second=float(rates.get("admissions_per_second", usual.admissions_per_second)),
        inside=int(rates.get("inside", usual.inside)),
        claim_grace_seconds=min(usual.claim_grace_seconds, third),
        deciding_seconds=min(usual.deciding_seconds, third),
    )
