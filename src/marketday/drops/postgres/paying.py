"""Payments in PostgreSQL. Each answer has the payment, what it is for, and its order, so nothing is read after it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from marketday.drops.errors import StoreFault
from marketday.drops.model import BegunPayment, Order, OrderLine, PaymentRequest, ReservationPayment
from marketday.drops.postgres.database import DropDatabase
from marketday.kit.database import load_queries
from marketday.payments.model import Payment, PaymentState, may_become

if TYPE_CHECKING:
    import asyncpg

_SQL = load_queries(__package__, "paying.sql")


async def begin(database: DropDatabase, requests: Sequence[PaymentRequest]) -> list[BegunPayment]:
    """Record that these payments begin; one answer a request, in the same order."""
    rows = await database.fetch(
        _SQL["begin"],
        [each.payment_id for each in requests],
        [each.reservation_id for each in requests],
        [each.person_id for each in requests],
        [each.key for each in requests],
        [each.fingerprint for each in requests],
    )
    return [BegunPayment(row["outcome"], None if row["id"] is None else _payment(row)) for row in rows]


async def confirm(database: DropDatabase, payments: Sequence[UUID]) -> list[ReservationPayment]:
    """Make the orders of authorised payments; return the payments as they are then, in the same order."""
    found = {row["id"]: _payment(row) for row in await database.fetch(_SQL["confirm"], list(payments))}
    if missing := [str(reference) for reference in payments if reference not in found]:
        raise StoreFault(f"payment {missing[0]} is missing", retry_after=1)
    return [found[reference] for reference in payments]


async def move(database: DropDatabase, payments: Sequence[UUID], wanted: PaymentState, reason: str = "") -> list[bool]:
    """Bring payments to the state `wanted`, if theirs allows that; return of each whether it has that state now."""
    sources = [state for state in PaymentState if may_become(state, wanted)]
    moved = {row["id"] for row in await database.fetch(_SQL["move"], list(payments), wanted, sources, reason)}
    return [reference in moved for reference in payments]


async def take_back(database: DropDatabase, payment: UUID, ended: PaymentState, reason: str) -> bool:
    """End the order of a payment that the gateway has no money for; return whether this call did so."""
    return bool(await database.value(_SQL["take_back"], payment, ended, reason))


async def postpone(database: DropDatabase, payment: UUID) -> None:
    """Move a payment that could not be settled now to the end of the queue."""
    await database.execute(_SQL["postpone"], payment)


async def one(database: DropDatabase, payment: UUID) -> ReservationPayment | None:
    """Return a payment."""
    rows = await database.fetch(_SQL["one"], payment)
    return _payment(rows[0]) if rows else None


async def latest(database: DropDatabase, reservation: UUID, person: UUID) -> ReservationPayment | None:
    """Return a person's last attempt to pay for a reservation."""
    rows = await database.fetch(_SQL["latest"], reservation, person)
    return _payment(rows[0]) if rows else None


async def unsettled(database: DropDatabase, authorising_seconds: float, most: int) -> list[ReservationPayment]:
    """Return open payments, those not touched for longest first; `authorising` ones only after so many seconds."""
    return [_payment(row) for row in await database.fetch(_SQL["unsettled"], authorising_seconds, most)]


def _payment(row: "asyncpg.Record") -> ReservationPayment:
    payment = Payment(
        id=row["id"],
        state=PaymentState(row["state"]),
        amount_minor=row["amount_minor"],
        currency=row["currency"],
        order_id=row["order_id"],
        reason=row["reason"],
    )
    return ReservationPayment(
        payment,
        row["drop_slug"],
        row["reservation_id"],
        row["person_id"],
        row["sku"],
        row["quantity"],
        None if row["order_id"] is None else _order(row),
    )


def _order(row: "asyncpg.Record") -> Order:
    line = OrderLine(row["sku"], row["title_ko"], row["title_en"], row["quantity"], row["unit_price_minor"])
    return Order(
        id=row["order_id"],
        drop=row["drop_slug"],
        person_id=row["person_id"],
        reservation_id=row["reservation_id"],
        state=row["order_state"],
        currency=row["currency"],
        total_minor=row["total_minor"],
        created_at=row["ordered_at"],
        lines=(line,),
    )
