"""Settle a payment: order and capture, or void. Each step can be repeated by any process.

The store does the steps while a shopper waits; the worker does those that were left over. Every step reads the
record first, so it may be done several times, by several processes, and after a process was killed.
"""

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from marketday.drops.errors import DropError
from marketday.drops.model import ReservationPayment
from marketday.payments.errors import PaymentError
from marketday.payments.model import PaymentState
from marketday.payments.ports import SETTLE_AFTER_SECONDS, Gateway, GatewayPayment, GatewayState
from marketday.telemetry.metrics import ORDERS, PAYMENTS

if TYPE_CHECKING:
    from marketday.drops.postgres.store import PostgresDropStore

NO_ANSWER = "gateway-timeout"  # the reason for voiding a payment whose outcome was unknown
_log = structlog.get_logger()


class Settlement:
    """Brings payments to an end: captured with an order, declined, or voided."""

    def __init__(self, store: "PostgresDropStore", gateway: Gateway) -> None:
        """Use the drop's `store` and the payment `gateway`."""
        self._store = store
        self._gateway = gateway

    async def apply(self, payment: ReservationPayment, answer: GatewayPayment) -> None:
        """Act on the gateway's answer to an authorisation: order and capture, decline, or void."""
        reference = payment.payment.id
        if answer.authorised:
            await self._confirm(payment)
        elif answer.state is GatewayState.DECLINED:
            await self._move(payment, PaymentState.DECLINED, answer.reason)
        else:
            await self._store.move_payment(reference, PaymentState.VOIDING, NO_ANSWER)
            await self._void(payment)

    async def settle_payments(
        self, *, authorising_seconds: float = SETTLE_AFTER_SECONDS, most: int = 100, at_once: int = 8
    ) -> tuple[int, int]:
        """Bring open payments to an end; returns how many ended, and how many have to wait.

        A payment in `authorising` is not touched for `authorising_seconds`, because a store may still work on it. This
        is longer than any gateway's client may wait, so after it that store has its answer, or has ended. An error of
        one payment does not stop the others.
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
            match payment.payment.state:
                case PaymentState.AUTHORISED:
                    return await self._capture(payment)
                case PaymentState.VOIDING:
                    return await self._void(payment)
            known = await self._gateway.lookup(reference)
            if known is None:
                # From here on a late authorisation cannot become an order, because the state is 'voiding'.
                if not await self._store.move_payment(reference, PaymentState.VOIDING, NO_ANSWER):
                    return False
                return await self._void(payment)
            await self.apply(payment, known)
        except (PaymentError, DropError) as error:
            _log.warning("payment_not_settled", payment=str(reference), problem=error.slug, detail=error.detail)
        except Exception:  # noqa: BLE001 - an error of one payment does not stop the others
            _log.exception("payment_not_settled", payment=str(reference))
        else:
            return True
        await self._postpone(reference)
        return False

    async def _confirm(self, payment: ReservationPayment) -> None:
        # The order has its payment's id, which is the gateway's reference: so it is unique beyond this database too.
        if await self._store.confirm(payment.payment.id, payment.payment.id) == "confirmed":
            ORDERS.labels(payment.drop).inc()
            await self._capture(payment)
        else:
            await self._void(payment)

    async def _capture(self, payment: ReservationPayment) -> bool:
        answer = await self._gateway.capture(payment.payment.id)
        if answer.state is GatewayState.CAPTURED:
            return await self._move(payment, PaymentState.CAPTURED)
        _log.error("capture_refused", payment=str(payment.payment.id), gateway_state=answer.state)
        await self._postpone(payment.payment.id)
        return False

    async def _void(self, payment: ReservationPayment) -> bool:
        answer = await self._gateway.void(payment.payment.id)
        if answer.state in (GatewayState.VOIDED, GatewayState.DECLINED):
            return await self._move(payment, PaymentState.VOIDED)
        _log.error("void_refused", payment=str(payment.payment.id), gateway_state=answer.state)
        await self._postpone(payment.payment.id)
        return False

    async def _move(self, payment: ReservationPayment, wanted: PaymentState, reason: str = "") -> bool:
        moved = await self._store.move_payment(payment.payment.id, wanted, reason)
        if moved:
            PAYMENTS.labels(payment.drop, wanted).inc()
        return moved

    async def _postpone(self, reference: UUID) -> None:
        try:
            await self._store.postpone_payment(reference)
        except DropError:
            return  # the database is unavailable; the next round tries again
