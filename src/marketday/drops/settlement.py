"""Settle a payment: order and capture, or void. Each step can be repeated by any process.

The store does the steps while a shopper waits; the worker does those that were left over. Every step reads the
record first, so it may be done several times, by several processes, and after a process was killed.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from marketday.drops.errors import DropError, StoreUnavailable
from marketday.drops.model import ReservationPayment
from marketday.kit.batching import MicroBatch
from marketday.payments.errors import PaymentError
from marketday.payments.model import OPEN, PaymentState
from marketday.payments.ports import SETTLE_AFTER_SECONDS, Gateway, GatewayPayment, GatewayState
from marketday.telemetry.metrics import ORDERS, PAYMENTS

if TYPE_CHECKING:
    from marketday.drops.postgres.store import PostgresDropStore

NO_ANSWER = "gateway-timeout"  # the reason for voiding a payment whose outcome was unknown
NO_MONEY = "no-money-at-gateway"  # the reason for taking an order back: its money was voided or refunded at the gateway
# What a payment has become whose money the gateway does not hold, or no longer.
_WITHOUT_MONEY = {
    GatewayState.VOIDED: PaymentState.VOIDED,
    GatewayState.DECLINED: PaymentState.VOIDED,
    GatewayState.REFUNDED: PaymentState.REFUNDED,
}
_log = structlog.get_logger()


class Settlement:
    """Brings payments to an end: captured with an order, declined, voided, or refunded."""

    def __init__(self, store: "PostgresDropStore", gateway: Gateway, *, record_seconds: float = 0.0) -> None:
        """Use the drop's `store` and the payment `gateway`; the captures of `record_seconds` are recorded together."""
        self._store = store
        self._gateway = gateway
        self._confirming: MicroBatch[UUID, ReservationPayment] = MicroBatch(
            store.confirm_payments, unavailable=StoreUnavailable
        )
        self._capturing: MicroBatch[UUID, bool] = MicroBatch(
            self._captured, unavailable=StoreUnavailable, rest_seconds=record_seconds
        )

    async def apply(self, payment: ReservationPayment, answer: GatewayPayment) -> ReservationPayment:
        """Act on the gateway's answer to an authorisation: order, decline, or void; return the payment as it is then.

        The money of an order is taken afterwards, with `take` and `record_capture`.
        """
        if answer.authorised:
            return await self._order(payment)
        if answer.state is GatewayState.DECLINED:
            return await self.move(payment, PaymentState.DECLINED, answer.reason)
        payment = await self.move(payment, PaymentState.VOIDING, NO_ANSWER)
        return await self._void(payment) if payment.payment.state is PaymentState.VOIDING else payment

    async def take(self, payment: ReservationPayment) -> PaymentState:
        """Take the money of an order at the gateway; return the state that the payment has then.

        It is `authorised` if the gateway does not give the money now. If the money was voided, refunded, or has expired
        there, it never will: then the order is taken back, and its units are free.
        """
        reference = payment.payment.id
        answer = await self._gateway.capture(reference)
        if answer.state is GatewayState.CAPTURED:
            return PaymentState.CAPTURED
        _log.error("capture_refused", payment=str(reference), gateway_state=answer.state)
        ended = _WITHOUT_MONEY.get(answer.state)
        if ended is None:
            await self._postpone(reference)
            return PaymentState.AUTHORISED
        if await self._store.take_back_order(reference, ended, NO_MONEY):
            PAYMENTS.labels(payment.drop, ended).inc()
        return ended

    async def record_capture(self, payment: ReservationPayment) -> bool:
        """Record that the money is taken; return whether it is on record now."""
        recorded = await self._capturing.ask(payment.payment.id)
        if recorded:
            PAYMENTS.labels(payment.drop, PaymentState.CAPTURED).inc()
        return recorded

    async def move(self, payment: ReservationPayment, wanted: PaymentState, reason: str = "") -> ReservationPayment:
        """Bring a payment to a state, if its present state allows that; return it as it is then."""
        reference = payment.payment.id
        (moved,) = await self._store.move_payments([reference], wanted, reason)
        if not moved:
            return await self._store.payment(reference) or payment
        PAYMENTS.labels(payment.drop, wanted).inc()
        present = replace(payment.payment, state=wanted, reason=reason or payment.payment.reason)
        return replace(payment, payment=present)

    async def settle_payments(
        self, *, authorising_seconds: float = SETTLE_AFTER_SECONDS, most: int = 100, at_once: int = 8
    ) -> tuple[int, int]:
        """Bring open payments to an end; returns how many ended, and how many have to wait.

        A payment in `authorising` is not touched for `authorising_seconds`, because a store may still work on it. This
        is longer than any gateway's client may wait, so after it that store has its answer, or has ended. One in
        `authorised` is left to its store for some seconds too. An error of one payment does not stop the others.
        """
        turns = asyncio.Semaphore(at_once)

        async def settle(payment: ReservationPayment) -> bool:
            async with turns:
                return await self._settle(payment)

        unsettled = await self._store.unsettled_payments(authorising_seconds, most)
        results = await asyncio.gather(*(settle(each) for each in unsettled))
        return sum(results), len(results) - sum(results)

    async def _settle(self, payment: ReservationPayment) -> bool:
        reference = payment.payment.id
        try:
            if payment.payment.state is PaymentState.AUTHORISED:
                return await self._capture(payment)
            if payment.payment.state is not PaymentState.VOIDING:
                known = await self._gateway.lookup(reference)
                if known is not None:
                    payment = await self.apply(payment, known)
                    if payment.payment.state is PaymentState.AUTHORISED:
                        return await self._capture(payment)
                    return payment.payment.state not in OPEN
                # From here on a late authorisation cannot become an order, because the state is 'voiding'.
                payment = await self.move(payment, PaymentState.VOIDING, NO_ANSWER)
                if payment.payment.state is not PaymentState.VOIDING:
                    return False
            return (await self._void(payment)).payment.state not in OPEN
        except (PaymentError, DropError) as error:
            _log.warning("payment_not_settled", payment=str(reference), problem=error.slug, detail=error.detail)
        except Exception:  # noqa: BLE001 - an error of one payment does not stop the others
            _log.exception("payment_not_settled", payment=str(reference))
        await self._postpone(reference)
        return False

    async def close(self) -> None:
        """Record now what is waiting to be recorded."""
        await self._capturing.close()

    async def _order(self, payment: ReservationPayment) -> ReservationPayment:
        found = await self._confirming.ask(payment.payment.id)
        if found.order is None:
            return await self._void(found)
        if found.payment.state is PaymentState.AUTHORISED:
            ORDERS.labels(found.drop).inc()
        return found

    async def _capture(self, payment: ReservationPayment) -> bool:
        taken = await self.take(payment)
        return await self.record_capture(payment) if taken is PaymentState.CAPTURED else taken not in OPEN

    async def _captured(self, payments: Sequence[UUID]) -> list[bool]:
        return await self._store.move_payments(payments, PaymentState.CAPTURED)

    async def _void(self, payment: ReservationPayment) -> ReservationPayment:
        answer = await self._gateway.void(payment.payment.id)
        if answer.state is GatewayState.CAPTURED:  # at the gateway's own desk: nobody gets anything for this money
            answer = await self._gateway.refund(payment.payment.id)
        if answer.state in _WITHOUT_MONEY:
            return await self.move(payment, _WITHOUT_MONEY[answer.state])
        _log.error("void_refused", payment=str(payment.payment.id), gateway_state=answer.state)
        await self._postpone(payment.payment.id)
        return payment

    async def _postpone(self, reference: UUID) -> None:
        try:
            await self._store.postpone_payment(reference)
        except DropError:
            return  # the database is unavailable; the next round tries again
