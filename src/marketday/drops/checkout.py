"""Paying: from a reservation to an order, or to the reason why not. No lock is held while the gateway is called."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog

from marketday.drops.errors import (
    AlreadyPaid,
    InvalidMethod,
    PaymentDeclined,
    PaymentInProgress,
    ReservationExpired,
    UnknownOrder,
    UnknownReservation,
)
from marketday.drops.model import Order, ReservationPayment
from marketday.drops.requests import check_key, fingerprint
from marketday.drops.settlement import Settlement
from marketday.kit.errors import MarketdayError
from marketday.kit.idempotency import IdempotencyConflict
from marketday.kit.ids import new_id
from marketday.payments.cards import CARDS
from marketday.payments.errors import GatewayRefused, OutcomeUnknown, PaymentError
from marketday.payments.model import Payment, PaymentState
from marketday.payments.ports import Gateway, Purpose, goods_of

if TYPE_CHECKING:
    from marketday.drops.postgres.store import PostgresDropStore

_POLL_SECONDS = 0.1
_EXPIRED = "reservation-expired"
_log = structlog.get_logger()

_REFUSALS: dict[str, type[MarketdayError]] = {
    "conflict": IdempotencyConflict,
    "unknown_reservation": UnknownReservation,
    "already_paid": AlreadyPaid,
    "payment_in_progress": PaymentInProgress,
    "reservation_expired": ReservationExpired,
}


@dataclass(frozen=True, slots=True)
class Checked:
    """What paying led to. `order` is None while the result is not known yet; send the same key again to learn it."""

    payment: Payment
    order: Order | None


class Checkout:
    """What shoppers do to pay. Every method raises `StoreUnavailable` while the database is unavailable."""

    def __init__(
        self, store: "PostgresDropStore", gateway: Gateway, settlement: Settlement, *, patience_seconds: float = 4.0
    ) -> None:
        """Wait at most `patience_seconds` for the outcome of a payment that another request is making."""
        self._store = store
        self._gateway = gateway
        self._settlement = settlement
        self._patience_seconds = patience_seconds
        self._running: dict[tuple[UUID, str, bytes], asyncio.Task[Checked]] = {}

    async def pay(self, reservation_id: UUID, person_id: UUID, key: str | None, method: Any) -> Checked:
        """Pay for a reservation; returns once the order is committed, or when the gateway did not answer.

        The payment is finished even if the caller disconnects. The same key with the same body waits for the payment
        that is under way, or returns its outcome again.

        Raises:
            PaymentDeclined: the reservation stays held; try again with another key.
            ReservationExpired: too late; nothing is charged.
            PaymentInProgress, AlreadyPaid: there is another payment for it.
            DropError: an invalid value, or an unknown reservation.

        """
        if method not in CARDS:
            raise InvalidMethod(f"method is {repr(method)[:80]}; expected one of {', '.join(CARDS)}")
        press = (person_id, check_key(key), fingerprint(str(reservation_id), method))
        task = self._running.get(press)
        if task is None:
            task = asyncio.create_task(self._pay(reservation_id, *press, method))
            self._running[press] = task
            task.add_done_callback(lambda done: self._forget(press, done))
        return await asyncio.shield(task)

    async def order(self, order_id: UUID, person_id: UUID) -> Order:
        """Return a person's order.

        Raises:
            UnknownOrder: there is none, or it is another person's.

        """
        found = await self._store.order(order_id, person_id)
        if found is None:
            raise UnknownOrder(f"you have no order {order_id}")
        return found

    async def orders_of(self, drop: str, person_id: UUID) -> list[Order]:
        """Return what a person bought in a drop, the newest first."""
        return await self._store.orders_of(drop, person_id)

    async def progress(self, reservation_id: UUID, person_id: UUID) -> tuple[Order | None, Payment | None]:
        """Return the order that a reservation became, and the last attempt to pay for it."""
        order = await self._store.order_of_reservation(reservation_id, person_id)
        attempt = await self._store.latest_payment(reservation_id)
        return order, attempt.payment if attempt is not None and attempt.person_id == person_id else None

    async def close(self) -> None:
        """Wait until the payments under way have ended."""
        if self._running:
            await asyncio.wait(list(self._running.values()))

    def _forget(self, press: tuple[UUID, str, bytes], done: "asyncio.Task[Checked]") -> None:
        del self._running[press]
        if not done.cancelled():
            done.exception()  # perhaps nobody waits for the result any more

    async def _pay(self, reservation_id: UUID, person_id: UUID, key: str, body: bytes, method: str) -> Checked:
        begun = await self._store.begin_payment(new_id(), reservation_id, person_id, key, body)
        if begun.payment is None:
            raise _REFUSALS[begun.outcome](f"reservation {reservation_id}")
        if begun.outcome == "started":
            await self._carry_out(begun.payment, method)
        return await self._outcome(begun.payment.payment.id)

    async def _carry_out(self, begun: ReservationPayment, method: str) -> None:
        payment = begun.payment
        try:
            goods = goods_of([(begun.sku, begun.quantity)])
            purpose = Purpose(begun.drop, begun.person_id, begun.reservation_id, goods)
            answer = await self._gateway.authorise(payment.id, payment.amount_minor, payment.currency, method, purpose)
            await self._settlement.apply(begun, answer)
        except OutcomeUnknown as error:
            _log.warning("payment_unknown", payment=str(payment.id), problem=error.slug, detail=error.detail)
            await self._store.move_payment(payment.id, PaymentState.UNKNOWN)
        except GatewayRefused as error:
            _log.error("gateway_refused", payment=str(payment.id), detail=error.detail)
            await self._store.move_payment(payment.id, PaymentState.DECLINED, error.slug)
        except PaymentError as error:  # the order is committed; the worker captures it later
            _log.error("capture_failed", payment=str(payment.id), problem=error.slug)

    async def _outcome(self, payment_id: UUID) -> Checked:
        """Return the recorded outcome; if another request still waits for the gateway, wait for that request."""
        deadline = asyncio.get_running_loop().time() + self._patience_seconds
        while True:
            found = await self._store.payment(payment_id)
            if found is None:
                raise UnknownReservation(f"payment {payment_id} is missing")
            waited = asyncio.get_running_loop().time() >= deadline
            if found.payment.state is not PaymentState.AUTHORISING or waited:
                return await self._conclude(found)
            await asyncio.sleep(_POLL_SECONDS)

    async def _conclude(self, found: ReservationPayment) -> Checked:
        payment = found.payment
        if payment.order_id is not None:
            return Checked(payment, await self.order(payment.order_id, found.person_id))
        if payment.state is PaymentState.DECLINED:  # the reason is the gateway's own text
            raise PaymentDeclined(payment.reason, payment={"id": str(payment.id), "state": payment.state.value})
        if payment.reason == _EXPIRED:
            raise ReservationExpired(f"reservation {found.reservation_id}; nothing is charged")
        if payment.state is PaymentState.VOIDED:
            raise PaymentDeclined(payment.reason, payment={"id": str(payment.id), "state": payment.state.value})
        return Checked(payment, None)
