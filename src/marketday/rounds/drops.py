"""What the worker does, one method a loop: it connects the waiting room's keeper with the store's stock and outbox."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from marketday.drops.settlement import Settlement
from marketday.kit.clock import Clock
from marketday.kit.errors import MarketdayError
from marketday.rounds.loops import Loop
from marketday.telemetry.metrics import STOCK
from marketday.waitingroom.errors import UnknownDrop
from marketday.waitingroom.keeper import RoomKeeper, Stock
from marketday.waitingroom.ports import DrawLedger, DrawRecord, RoomStore
from marketday.waitingroom.recording.service import RoomRecorder

if TYPE_CHECKING:
    from marketday.drops.postgres.store import PostgresDropStore
    from marketday.rounds.http import StorePace

OUTBOX_PORTION = 50  # messages, each about all people of a batch
OPENS_SOON = timedelta(seconds=3)
LEFT_THE_STORE = frozenset({"order.confirmed"})  # after these a person has bought, and leaves room for others

HOLDS = "reservation.held"  # after it a person holds stock, and is counted as its holder

_log = structlog.get_logger()


class DropRounds:
    """The loops' turns, over every drop in the database: the drop itself, and smoke tests that come and go.

    A turn returns whether there is more to do soon; if not, its loop pauses longer.
    """

    def __init__(
        self,
        rooms: RoomStore,
        ledger: DrawLedger,
        upkeep: "PostgresDropStore",
        settlement: Settlement,
        pace: "StorePace",
        clock: Clock,
    ) -> None:
        """Work with what the worker's `create_app` wires."""
        self._rooms = rooms
        self._ledger = ledger
        self._upkeep = upkeep
        self._settlement = settlement
        self._pace = pace
        self._clock = clock
        self._keeper = RoomKeeper(rooms, ledger)
        self._calling = False  # whether people are waiting and there is stock for them

    async def publish_draws(self) -> bool:
        """Publish the draw of every drop whose opening has come; one that opens soon is checked often."""

        async def publish(record: DrawRecord) -> bool:
            await self._keeper.open_due(record, self._clock.now())
            return record.cohort is None and record.opens_at - self._clock.now() < OPENS_SOON

        return await self._each_drop(publish)

    async def call_people(self) -> bool:
        """Move the serving numbers."""

        async def call(record: DrawRecord) -> bool:
            return await self._keeper.call_next(record, self._stock_for_callers, self._pace.speed, self._clock.now())

        now = self._clock.now()
        self._calling = await self._each_drop(call, lambda record: record.opens_at <= now < record.closes_at)
        return self._calling

    async def write_boards(self) -> bool:
        """Publish what is left to everyone waiting."""

        async def write(record: DrawRecord) -> bool:
            await self._keeper.write_board(record, await self._stock(record.slug), self._clock.now())
            return False

        return await self._each_drop(write)

    async def expire_reservations(self) -> bool:
        """Release stock whose reservation has expired."""
        return await self._upkeep.expire_due() > 0

    async def settle_payments(self) -> bool:
        """Settle payments that were left open."""
        return await self._settlement.settle_payments() != (0, 0)

    async def relay_outbox(self) -> bool:
        """Tell the waiting room who left the store and who holds stock, until no message is left.

        Every change of stock makes a message, so if there were any, the boards are written at once.
        """
        told = False
        while True:
            messages = await self._upkeep.fetch_outbox(OUTBOX_PORTION)
            leaving: dict[str, list[UUID]] = defaultdict(list)
            holding: dict[str, list[UUID]] = defaultdict(list)
            for message in messages:
                if message.kind in LEFT_THE_STORE:
                    leaving[message.drop].extend(message.people)
                elif message.kind == HOLDS:
                    holding[message.drop].extend(message.people)
            for drop, people in leaving.items():
                await self._rooms.leave(drop, people)
            for drop, people in holding.items():
                await self._rooms.decided(drop, people)
            if messages:
                await self._upkeep.mark_relayed([message.id for message in messages])
                told = True
            if len(messages) < OUTBOX_PORTION:
                break
        if told:
            await self.write_boards()
        return told

    async def measure_store(self) -> bool:
        """Measure how slow the store is, while that decides how many are called."""
        if self._calling:
            await self._pace.measure()
        else:
            self._pace.forget()
        return self._calling

    async def _stock(self, slug: str) -> Stock:
        summary = await self._upkeep.stock_summary(slug)
        for state in ("total", "reserved", "sold"):
            STOCK.labels(slug, state).set(getattr(summary, state))
        return Stock(left=summary.left, reserved=summary.reserved)

    async def _stock_for_callers(self, slug: str) -> Stock:
        """Return the stock, and if every unit is held, how many people in the store wait for one."""
        stock = await self._stock(slug)
        if stock.left > 0 or stock.reserved == 0:
            return stock
        return replace(stock, standing_by=await self._upkeep.standing_by(slug))

    async def _each_drop(
        self, work: Callable[[DrawRecord], Awaitable[bool]], due: Callable[[DrawRecord], bool] = lambda _: True
    ) -> bool:
        """Do `work` for each drop that is `due`; a failure of one drop does not stop the others.

        Returns whether any of them has more to do soon.
        """
        failure: Exception | None = None
        more = False
        for record in await self._ledger.draws():
            if not due(record):
                continue
            try:
                more |= await work(record)
            except UnknownDrop:
                continue  # its room is not published yet, or already removed
            except MarketdayError as error:
                _log.warning("drop_failed", drop=record.slug, problem=error.slug, detail=error.detail)
                failure = error
            except Exception as error:  # noqa: BLE001 - an error of one drop does not stop the others
                _log.exception("drop_broke", drop=record.slug)
                failure = error
        if failure is not None:
            raise failure
        return more


def loops_of(rounds: DropRounds) -> list[Loop]:
    """Return the loops with their pauses in seconds, while there is something to do and while there is not.

    Idle loops still run often enough: a free place is used within a second, and "sold out" is shown within two seconds,
    of which the edge's cache takes one.
    """
    return [
        Loop("draws", 0.2, 2.0, rounds.publish_draws),
        Loop("calling", 0.25, 0.5, rounds.call_people),
        Loop("outbox", 0.25, 0.5, rounds.relay_outbox),
        Loop("boards", 1.0, 1.0, rounds.write_boards),
        Loop("expiry", 0.1, 1.0, rounds.expire_reservations),
        Loop("settlement", 0.5, 2.0, rounds.settle_payments),
        Loop("pace", 1.0, 1.0, rounds.measure_store),
    ]


def recording_loop(recorder: RoomRecorder) -> Loop:
    """Return the loop of the recorder, which waits by itself while there is nothing to record.

    Its longest turn is for a room with a million people that has to be restored.
    """
    return Loop("places", 0.002, 0.0, recorder.turn, longest_seconds=600.0)
