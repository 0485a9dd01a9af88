"""Paying: from a reservation to an order, or to the reason why not. No lock is held while the gateway is called."""

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog

from marketday.drops.errors import (
    AlreadyPaid,
    InvalidMethod,
    PaymentDeclined,
    PaymentInProgress,
    ReservationExpired,
    StoreUnavailable,
    UnknownOrder,
    UnknownReservation,
)
from marketday.drops.model import BegunPayment, Order, PaymentRequest, ReservationPayment
from marketday.drops.requests import check_key, fingerprint
from marketday.drops.settlement import Settlement
from marketday.kit.batching import MicroBatch
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
        self._recording: dict[UUID, asyncio.Task[None]] = {}  # by payment: captured at the gateway, not recorded yet
        self._beginning: MicroBatch[PaymentRequest, BegunPayment] = MicroBatch(
            store.begin_payments, unavailable=StoreUnavailable
        )

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
        attempt = await self._store.latest_payment(reservation_id, person_id)
        return (None, None) if attempt is None else (attempt.order, attempt.payment)

    async def close(self) -> None:
        """Wait until the payments under way have ended, and what they led to is recorded."""
        while self._running:
            await asyncio.wait(self._running.values())
        await self._settlement.close()
        while self._recording:
            await asyncio.sleep(0)  # they ask first
            await self._settlement.close()

    def _forget(self, press: tuple[UUID, str, bytes], done: "asyncio.Task[Checked]") -> None:
        del self._running[press]
        if not done.cancelled():
            done.exception()  # perhaps nobody waits for the result any more

    async def _pay(self, reservation_id: UUID, person_id: UUID, key: str, body: bytes, method: str) -> Checked:
        begun = await self._beginning.ask(PaymentRequest(new_id(), reservation_id, person_id, key, body))
        if begun.payment is None:
            raise _REFUSALS[begun.outcome](f"reservation {reservation_id}")
        if begun.outcome == "started":
            return self._conclude(await self._carry_out(begun.payment, method))
        found = await self._outcome(begun.payment)
        if found.payment.state is PaymentState.AUTHORISING:  # the process that began it may have ended
            found = await self._carry_out(found, method)  # asking the gateway again is the same payment
        return self._conclude(found)

    async def _carry_out(self, begun: ReservationPayment, method: str) -> ReservationPayment:
        """Ask the gateway, and return the payment as it is recorded then."""
        payment = begun.payment
        purpose = Purpose(begun.drop, begun.person_id, begun.reservation_id, goods_of([(begun.sku, begun.quantity)]))
        try:
            answer = await self._gateway.authorise(payment.id, payment.amount_minor, payment.currency, method, purpose)
            found = await self._settlement.apply(begun, answer)
        except OutcomeUnknown as error:
            _log.warning("payment_unknown", payment=str(payment.id), problem=error.slug, detail=error.detail)
            return await self._settlement.move(begun, PaymentState.UNKNOWN)
        except GatewayRefused as error:
            _log.error("gateway_refused", payment=str(payment.id), detail=error.detail)
            return await self._settlement.move(begun, PaymentState.DECLINED, error.slug)
        except PaymentError as error:  # the worker voids it later
            _log.error("void_failed", payment=str(payment.id), problem=error.slug)
            return await self._store.payment(payment.id) or begun
        return await self._capture(found) if found.payment.state is PaymentState.AUTHORISED else found

    async def _capture(self, found: ReservationPayment) -> ReservationPayment:
        """Take the money of an order that is committed; return the payment as it is then.

        Nobody waits for the record that the money is taken: the worker repairs it.
        """
        reference = found.payment.id
        try:
            taken = await self._settlement.take(found)
        except PaymentError as error:  # the worker captures it later
            _log.error("capture_failed", payment=str(reference), problem=error.slug)
            return found
        if taken is PaymentState.CAPTURED:
            self._recording[reference] = asyncio.create_task(self._record(found))
        elif taken is not PaymentState.AUTHORISED:  # the order was taken back
            return await self._store.payment(reference) or found
        return found

    async def _record(self, captured: ReservationPayment) -> None:
        try:
            await self._settlement.record_capture(captured)
        except MarketdayError as error:  # the worker captures it again, which changes nothing at the gateway
            _log.warning("capture_not_recorded", payment=str(captured.payment.id), problem=error.slug)
        finally:
            del self._recording[captured.payment.id]

    async def _outcome(self, found: ReservationPayment) -> ReservationPayment:
        """Return the recorded outcome; if another request still waits for the gateway, wait for that request."""
        deadline = asyncio.get_running_loop().time() + self._patience_seconds
        while found.payment.state is PaymentState.AUTHORISING and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(_POLL_SECONDS)
            found = await self._store.payment(found.payment.id) or found
        return found

    def _conclude(self, found: ReservationPayment) -> Checked:
        payment = found.payment
        if payment.id in self._recording:  # the gateway has captured it, and the record follows
            payment = replace(payment, state=PaymentState.CAPTURED)
        if found.order is not None:
            return Checked(payment, found.order)
        if payment.state is PaymentState.DECLINED:  # the reason is the gateway's own text
            raise PaymentDeclined(payment.reason, payment={"id": str(payment.id), "state": payment.state.value})
        if payment.reason == _EXPIRED:
            raise ReservationExpired(f"reservation {found.reservation_id}; nothing is charged")
        if payment.state is PaymentState.VOIDED:
            raise PaymentDeclined(payment.reason, payment={"id": str(payment.id), "state": payment.state.value})
        return Checked(payment, None)
