"""What the worker does, one method a loop: it brings the room's keeper together with the store's stock and outbox."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from uuid import UUID

import structlog

from marketday.apps.worker_pace import StorePace
from marketday.drops.ports import UpkeepStore
from marketday.drops.settlement import Settlement
from marketday.kit.clock import Clock
from marketday.kit.errors import MarketdayError
from marketday.telemetry.metrics import STOCK
from marketday.waitingroom.errors import UnknownDrop
from marketday.waitingroom.keeper import RoomKeeper, Stock
from marketday.waitingroom.ports import DrawLedger, DrawRecord, RoomStore

OUTBOX_PORTION = 500
LEFT_THE_STORE = frozenset({"order.confirmed"})  # after these a person has what they came for, and makes room

HOLDS = "reservation.held"  # after it a person has taken from the stock, and counts there

_log = structlog.get_logger()


class Rounds:
    """The loops' turns, over every drop in the database: the drop itself, and smoke tests that come and go."""

    def __init__(
        self,
        rooms: RoomStore,
        ledger: DrawLedger,
        upkeep: UpkeepStore,
        settlement: Settlement,
        pace: StorePace,
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

    async def publish_draws(self) -> None:
        """Publish the draw of every drop whose opening has come."""
        await self._each_drop(lambda record: self._keeper.open_due(record, self._clock.now()))

    async def call_people(self) -> None:
        """Move the serving numbers."""

        async def call(record: DrawRecord) -> None:
            stock = await self._stock(record.slug)
            await self._keeper.call_next(record, stock, self._pace.p95_seconds, self._clock.now())

        now = self._clock.now()
        await self._each_drop(call, lambda record: record.opens_at <= now < record.closes_at)

    async def write_boards(self) -> None:
        """Tell everyone waiting what is left."""

        async def write(record: DrawRecord) -> None:
            await self._keeper.write_board(record, await self._stock(record.slug), self._clock.now())

        await self._each_drop(write)

    async def export_entries(self) -> None:
        """Write the entries of closed drops into the register."""
        await self._each_drop(lambda record: self._keeper.export(record, self._clock.now()))

    async def expire_reservations(self) -> None:
        """Give back stock that was held too long."""
        await self._upkeep.expire_due()

    async def settle_payments(self) -> None:
        """Bring payments that were left open to an end."""
        await self._settlement.settle_payments()

    async def relay_outbox(self) -> None:
        """Tell the room who has left the store and who has decided, until nothing is left to tell."""
        while True:
            messages = await self._upkeep.fetch_outbox(OUTBOX_PORTION)
            leaving: dict[str, list[UUID]] = defaultdict(list)
            holding: dict[str, list[UUID]] = defaultdict(list)
            for message in messages:
                if message.kind in LEFT_THE_STORE:
                    leaving[message.drop].append(message.person_id)
                elif message.kind == HOLDS:
                    holding[message.drop].append(message.person_id)
            for drop, people in leaving.items():
                await self._rooms.leave(drop, people)
            for drop, people in holding.items():
                await self._rooms.decided(drop, people)
            if messages:
                await self._upkeep.mark_relayed([message.id for message in messages])
            if len(messages) < OUTBOX_PORTION:
                return

    async def measure_store(self) -> None:
        """Learn how slow the store is."""
        await self._pace.measure()

    async def _stock(self, slug: str) -> Stock:
        summary = await self._upkeep.stock_summary(slug)
        for state in ("total", "reserved", "sold"):
            STOCK.labels(slug, state).set(getattr(summary, state))
        return Stock(left=summary.left, reserved=summary.reserved)

    async def _each_drop(
        self, work: Callable[[DrawRecord], Awaitable[object]], due: Callable[[DrawRecord], bool] = lambda _: True
    ) -> None:
        """Do `work` for each drop that is `due`; one that fails does not keep the others from theirs."""
        failure: Exception | None = None
        for record in await self._ledger.draws():
            if not due(record):
                continue
            try:
                await work(record)
            except UnknownDrop:
                continue  # its room is not published yet, or gone already
            except MarketdayError as error:
                _log.warning("drop_failed", drop=record.slug, problem=error.slug, detail=error.detail)
                failure = error
            except Exception as error:  # noqa: BLE001 - one drop's trouble is not the others'
                _log.exception("drop_broke", drop=record.slug)
                failure = error
        if failure is not None:
            raise failure
