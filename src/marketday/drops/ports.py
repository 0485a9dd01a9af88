"""What the store of a drop needs of its database. Every write can be repeated."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from marketday.drops.model import Drop, Item, OpenWork, Order, OutboxMessage, Reservation, ReservationPayment
from marketday.drops.reservation import ReservationAnswer, ReservationRequest
from marketday.drops.stock import StockSummary
from marketday.payments.model import PaymentState


@dataclass(frozen=True, slots=True)
class BegunPayment:
    """How an attempt to pay began: an outcome's name, and the payment where there is one (see `sql/drop`)."""

    outcome: str
    payment: ReservationPayment | None


class ReservationStore(Protocol):
    """Stock and reservations. Every call raises `StoreUnavailable` while the database is away."""

    async def reserve(self, requests: Sequence[ReservationRequest]) -> list[ReservationAnswer]:
        """Decide a batch in the order of arrival, and commit it; one answer a request, in the same order."""
        ...

    async def release(self, reservation_id: UUID, person_id: UUID) -> str:
        """Give a held reservation up: released, unknown_reservation, already_paid or payment_in_progress."""
        ...

    async def reservation(self, reservation_id: UUID, person_id: UUID) -> Reservation | None:
        """Return a person's reservation; None where there is none or it is another's."""
        ...

    async def reservations_of(self, drop: str, person_id: UUID) -> list[Reservation]:
        """Return what a person holds now, the newest first."""
        ...

    async def drop(self, slug: str) -> Drop | None:
        """Return a drop that this database sells."""
        ...

    async def items(self, drop: str) -> list[Item]:
        """Return what a drop sells, in its own order."""
        ...

    async def stock_summary(self, drop: str) -> StockSummary:
        """Return how much of a drop there is now."""
        ...


class CheckoutStore(Protocol):
    """Payments and orders. Every call raises `StoreUnavailable` while the database is away."""

    async def begin_payment(
        self, payment_id: UUID, reservation_id: UUID, person_id: UUID, key: str, fingerprint: bytes
    ) -> BegunPayment:
        """Write down that a payment begins, or say why it does not (see `sql/drop/0004_checkout.sql`)."""
        ...

    async def confirm(self, payment_id: UUID, order_id: UUID) -> str:
        """Make the order of an authorised payment: confirmed, lost or refused. Repeating it makes no second order."""
        ...

    async def move_payment(self, payment_id: UUID, wanted: PaymentState, reason: str = "") -> bool:
        """Bring a payment to `wanted` if its state allows that; say whether it is there now."""
        ...

    async def postpone_payment(self, payment_id: UUID) -> None:
        """Put a payment that could not be settled now behind the others."""
        ...

    async def payment(self, payment_id: UUID) -> ReservationPayment | None:
        """Return a payment."""
        ...

    async def latest_payment(self, reservation_id: UUID) -> ReservationPayment | None:
        """Return the last attempt to pay for a reservation."""
        ...

    async def unsettled_payments(self, authorising_seconds: float, most: int) -> list[ReservationPayment]:
        """Return open payments, longest untouched first: those `authorising` only after `authorising_seconds`."""
        ...

    async def order(self, order_id: UUID, person_id: UUID) -> Order | None:
        """Return a person's order; None where there is none or it is another's."""
        ...

    async def order_of_reservation(self, reservation_id: UUID, person_id: UUID) -> Order | None:
        """Return the order that a person's reservation became."""
        ...

    async def orders_of(self, drop: str, person_id: UUID) -> list[Order]:
        """Return what a person bought in a drop, the newest first."""
        ...


class UpkeepStore(Protocol):
    """What the worker does between shoppers. Every call raises `StoreUnavailable` while the database is away."""

    async def stock_summary(self, drop: str) -> StockSummary:
        """Return how much of a drop there is now."""
        ...

    async def expire_due(self, now: datetime | None = None, most: int = 500) -> int:
        """Give back at most `most` reservations whose time is over at `now` (None: the database's clock)."""
        ...

    async def open_work(self, drop: str) -> OpenWork:
        """Return what of a drop is not settled yet."""
        ...

    async def fetch_outbox(self, most: int = 500) -> list[OutboxMessage]:
        """Return messages that nobody was told yet, the oldest first."""
        ...

    async def mark_relayed(self, ids: Sequence[int]) -> None:
        """Note that these messages were told."""
        ...
