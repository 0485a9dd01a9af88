"""The store of a drop in PostgreSQL."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import structlog

from marketday.drops.errors import UnreadablePicture
from marketday.drops.model import (
    BegunPayment,
    Drop,
    Item,
    OpenWork,
    Order,
    OrderLine,
    OutboxMessage,
    PaymentRequest,
    Picture,
    Reservation,
    ReservationPayment,
    ReservationState,
)
from marketday.drops.pictures import picture_of
from marketday.drops.postgres import expiry, paying, reserving
from marketday.drops.postgres.database import DropDatabase
from marketday.drops.requests import ReservationAnswer, ReservationRequest
from marketday.drops.stock import StockLevel, StockSummary, summarise
from marketday.kit.database import ANSWER_SECONDS, load_queries
from marketday.payments.model import PaymentState

_T = TypeVar("_T")
_log = structlog.get_logger()
_SQL = load_queries(__package__)


class PostgresDropStore:
    """Stock, reservations, payments, orders; raises `StoreUnavailable` while the database is unavailable."""

    def __init__(
        self, pool: "asyncpg.Pool[Any] | asyncpg.Connection[Any]", *, timeout_seconds: float = ANSWER_SECONDS
    ) -> None:
        """Use `pool`; after `timeout_seconds`, waiting included, the database counts as unavailable."""
        self._database = DropDatabase(pool, timeout_seconds=timeout_seconds)

    async def reserve(self, requests: Sequence[ReservationRequest]) -> list[ReservationAnswer]:
        """Decide a batch in the order of arrival, and commit it; one answer a request, in the same order."""
        return await reserving.reserve(self._database, requests)

    async def release(self, reservation_id: UUID, person_id: UUID) -> str:
        """Release a held reservation; return released, unknown_reservation, already_paid or payment_in_progress."""
        return str(await self._value("release", reservation_id, person_id))

    async def reservation(self, reservation_id: UUID, person_id: UUID) -> Reservation | None:
        """Return a person's reservation; None if it does not exist or belongs to another person."""
        return _first(map(_reservation, await self._fetch("reservation", reservation_id, person_id)))

    async def reservations_of(self, drop: str, person_id: UUID) -> list[Reservation]:
        """Return what a person holds now, the newest first."""
        return [_reservation(row) for row in await self._fetch("reservations_of", drop, person_id)]

    async def drops(self) -> list[Drop]:
        """Return the drops that this database sells."""
        return [Drop(**row) for row in await self._fetch("drops")]

    async def items(self, drop: str) -> list[Item]:
        """Return what a drop sells, in its own order."""
        return [_item(row) for row in await self._fetch("items", drop)]

    async def stock_summary(self, drop: str) -> StockSummary:
        """Return the stock of a drop as it is now."""
        return summarise(StockLevel(**row) for row in await self._fetch("stock", drop))

    async def standing_by(self, drop: str) -> int:
        """Return how many people who are present wait for a unit of a drop that comes back."""
        return int(await self._value("standing_by", drop))

    async def begin_payments(self, requests: Sequence[PaymentRequest]) -> list[BegunPayment]:
        """Record that payments begin, or return why they cannot (see `sql/README.md`)."""
        return await paying.begin(self._database, requests)

    async def confirm_payments(self, payments: Sequence[UUID]) -> list[ReservationPayment]:
        """Make the orders of authorised payments whose reservation is still held; return the payments as they are then.

        A payment without an order has to be voided. Repeating it makes no second order.
        """
        return await paying.confirm(self._database, payments)

    async def move_payments(self, payments: Sequence[UUID], wanted: PaymentState, reason: str = "") -> list[bool]:
        """Bring payments to a state, if theirs allows that; return of each whether it has that state now."""
        return await paying.move(self._database, payments, wanted, reason)

    async def take_back_order(self, payment_id: UUID, ended: PaymentState, reason: str) -> bool:
        """End the order of an authorised payment that the gateway has no money for; its units are free again.

        The payment becomes `ended`, refunded or voided; repeating it changes nothing. Returns whether this call did so.
        """
        return await paying.take_back(self._database, payment_id, ended, reason)

    async def postpone_payment(self, payment_id: UUID) -> None:
        """Move a payment that could not be settled now to the end of the queue."""
        await paying.postpone(self._database, payment_id)

    async def payment(self, payment_id: UUID) -> ReservationPayment | None:
        """Return a payment."""
        return await paying.one(self._database, payment_id)

    async def latest_payment(self, reservation_id: UUID, person_id: UUID) -> ReservationPayment | None:
        """Return a person's last attempt to pay for a reservation."""
        return await paying.latest(self._database, reservation_id, person_id)

    async def unsettled_payments(self, authorising_seconds: float, most: int) -> list[ReservationPayment]:
        """Return open payments, those not touched for longest first; `authorising` ones only after so many seconds."""
        return await paying.unsettled(self._database, authorising_seconds, most)

    async def order(self, order_id: UUID, person_id: UUID) -> Order | None:
        """Return a person's order; None if it does not exist or belongs to another person."""
        return _first(await self._orders("order", order_id, person_id))

    async def orders_of(self, drop: str, person_id: UUID) -> list[Order]:
        """Return what a person bought in a drop, the newest first."""
        return await self._orders("orders_of", drop, person_id)

    async def expire_due(self, now: datetime | None = None, most: int = expiry.MOST_AT_ONCE) -> int:
        """Expire reservations that are due; see `expiry.py`."""
        return await expiry.expire_due(self._database, now, most)

    async def open_work(self, drop: str) -> OpenWork:
        """Return the parts of a drop that are not settled yet."""
        return OpenWork(**(await self._fetch("open_work", drop))[0])

    async def fetch_outbox(self, most: int = 50) -> list[OutboxMessage]:
        """Return messages that were not sent yet, the oldest first."""
        return [
            OutboxMessage(row["id"], row["drop_slug"], row["kind"], row["people"], row["body"], row["created_at"])
            for row in await self._fetch("fetch_outbox", most)
        ]

    async def mark_relayed(self, ids: Sequence[int]) -> None:
        """Record that these messages were sent."""
        await self._execute("mark_relayed", list(ids))

    async def server_time(self) -> datetime:
        """Return the time by the database's own clock."""
        [row] = await self._database.fetch("SELECT clock_timestamp()")
        moment: datetime = row[0]
        return moment

    async def ping(self) -> None:
        """Return if the database answers."""
        await self._database.fetch("SELECT 1")

    async def _orders(self, query: str, *values: Any) -> list[Order]:
        rows = await self._fetch(query, *values)
        return [_order(list(lines)) for _, lines in groupby(rows, key=lambda row: row["id"])]

    async def _fetch(self, query: str, *values: Any) -> list["asyncpg.Record"]:
        return await self._database.fetch(_SQL[query], *values)

    async def _value(self, query: str, *values: Any) -> Any:
        return await self._database.value(_SQL[query], *values)

    async def _execute(self, query: str, *values: Any) -> None:
        await self._database.execute(_SQL[query], *values)


def _first(found: Iterable[_T]) -> _T | None:
    return next(iter(found), None)


def _item(row: "asyncpg.Record") -> Item:
    facts = dict(row)
    return Item(picture=_picture(row["sku"], facts.pop("image")), **facts)


def _picture(sku: str, image: str) -> Picture | None:
    """Return an item's picture, which the hand-over has checked; a damaged one is left out, and the item is sold."""
    try:
        return picture_of(image)
    except UnreadablePicture as error:
        _log.error("picture_left_out", sku=sku, detail=error.detail)
        return None


def _reservation(row: "asyncpg.Record") -> Reservation:
    return Reservation(
        id=row["id"],
        drop=row["drop_slug"],
        sku=row["sku"],
        person_id=row["person_id"],
        quantity=row["quantity"],
        unit_price_minor=row["unit_price_minor"],
        currency=row["currency"],
        state=ReservationState(row["state"]),
        reserved_until=row["reserved_until"],
    )


def _line(row: "asyncpg.Record") -> OrderLine:
    return OrderLine(row["sku"], row["title_ko"], row["title_en"], row["quantity"], row["unit_price_minor"])


def _order(rows: Sequence["asyncpg.Record"]) -> Order:
    """Return the order of which these rows are the lines."""
    row = rows[0]
    return Order(
        id=row["id"],
        drop=row["drop_slug"],
        person_id=row["person_id"],
        reservation_id=row["reservation_id"],
        state=row["state"],
        currency=row["currency"],
        total_minor=row["total_minor"],
        created_at=row["created_at"],
        lines=tuple(map(_line, rows)),
    )
