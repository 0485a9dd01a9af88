"""What is done for the room while people wait: publish the draw, call the next, write the board.

The worker calls each of these again and again; each may be interrupted anywhere and repeated.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from marketday.catalog.stock import StockState, stock_state
from marketday.kit.moments import from_milliseconds, to_milliseconds
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
        """Work on `rooms`, with the draws in `ledger`."""
        self._rooms = rooms
        self._ledger = ledger
        self._written: dict[str, tuple[Board, datetime]] = {}  # the board that was written last, and when
        self._called_at: dict[str, datetime] = {}
        self._cohorts: dict[str, int] = {}  # how many were in the room at the opening
        self._paces: dict[str, tuple[Pace, datetime]] = {}  # and when it was decided

    async def open_due(self, record: DrawRecord, now: datetime) -> Draw | None:
        """Publish the draw of a drop that has opened: first in the ledger, then in the room. Return None before that.

        It is decided only once who takes part: everyone who was in the room when this was called first. Their places
        are recorded before the draw is, so no loss in Valkey can change it; until then, None is returned.

        Raises:
            ForeignSeed: the recorded seed does not match the room's commitment.

        """
        if now < record.opens_at:
            return None
        facts = await self._rooms.facts(record.slug)
        if commitment(record.seed) != facts.commitment:
            raise ForeignSeed(f"the seed of {record.slug!r} does not match its commitment; the draw stays closed")
        if record.cohort is None:
            cohort = await self._recorded_cohort(record.slug, now)
            if cohort is None:
                return None
            at = from_milliseconds(to_milliseconds(now))  # as the room has it
            await self._ledger.record(record.slug, Draw(record.seed, cohort, at))
            record = next(each for each in await self._ledger.draws() if each.slug == record.slug)
        return await self._rooms.open(record.slug, record.seed, record.published_at or now, record.cohort)

    async def _recorded_cohort(self, slug: str, now: datetime) -> int | None:
        entries = (await self._rooms.snapshot(slug, now)).entries
        # There are fewer than at first if Valkey lost some; nobody was told of those.
        cohort = self._cohorts[slug] = min(self._cohorts.get(slug, entries), entries)
        return cohort if await self._ledger.places(slug) >= cohort else None

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
        called = wanted - room.serving_number
        if called:
            await self._ledger.called(record.slug, wanted, now)
        await self._rooms.call(record.slug, wanted, now)
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
