"""Checkout, and the loop that finishes payments after a crash. The gateway is never called inside a lock."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog

from marketday.kit.clock import Clock
from marketday.kit.ids import new_id
from marketday.orders.errors import PaymentDeclined, PaymentUnanswered, UnknownOrder
from marketday.orders.model import MALL, OpenPayment, Order, OrderState, PaymentStep, next_step
from marketday.orders.ports import OrderStore
from marketday.payments.errors import GatewayRefused, OutcomeUnknown, PaymentError
from marketday.payments.model import PaymentState
from marketday.payments.ports import MALL_GROUP, Gateway, GatewayPayment, GatewayState, Purpose, goods_of
from marketday.telemetry.metrics import ORDERS, PAYMENTS

SETTLE_BATCH = 100
SETTLE_AT_ONCE = 8
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class OrderPage:
    """Some orders, newest first; `after` is for requesting the next page, None on the last page."""

    orders: list[Order]
    after: UUID | None


class OrderService:
    """Makes orders from carts and finishes their payments."""

    def __init__(self, store: OrderStore, gateway: Gateway, clock: Clock) -> None:
        """Use `store` and `gateway`."""
        self._store = store
        self._gateway = gateway
        self._clock = clock

    async def check_out(
        self, order_id: UUID, account_id: UUID, method: str, *, expected_total_minor: int | None = None
    ) -> Order:
        """Buy the items in the cart; the same `order_id` returns the same order.

        First the units leave the stock, then the money is authorised, then the order is paid, and at the end the
        money is captured. If a crash stops this, `settle_pending` finishes or undoes it.

        Raises:
            EmptyCart, OutOfStock, NotForSale, MixedCurrencies, TotalChanged, CheckoutInProgress: nothing
                has changed.
            PaymentDeclined, PaymentUnanswered: the order is cancelled, its units are in the stock again.

        """
        order = await self._store.place(order_id, new_id(), account_id, self._clock.now(), expected_total_minor)
        if order.state is OrderState.PENDING:
            order = await self._pay(order, method)
        if order.state is OrderState.CANCELLED:
            declined = order.payment_state is PaymentState.DECLINED
            raise (PaymentDeclined if declined else PaymentUnanswered)(order_id=str(order.id))
        return order

    async def order_of(self, account_id: UUID, order_id: UUID) -> Order:
        """Return one order; raises UnknownOrder, also for another person's order."""
        order = await self._store.find(order_id)
        if order is None or order.account_id != account_id:
            raise UnknownOrder(f"{order_id} is not one of your orders")
        return order

    async def orders_of(self, account_id: UUID, *, limit: int = 20, after: UUID | None = None) -> OrderPage:
        """Return an account's orders, newest first."""
        return _page(await self._store.of_account(account_id, limit=limit + 1, before=after), limit)

    async def all_orders(self, *, origin: str | None = None, limit: int = 50, after: UUID | None = None) -> OrderPage:
        """Return everyone's orders, newest first, of one origin or of all."""
        return _page(await self._store.all_orders(origin=origin, limit=limit + 1, before=after), limit)

    async def origins(self) -> list[str]:
        """Return the origins that orders have: `mall` and the slugs of drops."""
        return await self._store.origins()

    async def settle_pending(self, older_than: timedelta) -> int:
        """Finish payments that were not checked for `older_than`; return how many are settled now.

        If the gateway does not answer, the payment stays open and is checked after all others, so that it does not
        delay them.
        """
        turns = asyncio.Semaphore(SETTLE_AT_ONCE)

        async def settle(payment: OpenPayment) -> bool:
            async with turns:
                try:
                    await self._settle(payment)
                except PaymentError as error:
                    _log.warning("payment_left_open", payment=str(payment.id), problem=error.slug)
                except Exception:  # noqa: BLE001 - an error of one payment must not stop the others
                    _log.exception("payment_left_open", payment=str(payment.id))
                else:
                    return True
                await self._postpone(payment.id)
                return False

        found = await self._store.open_payments(self._clock.now() - older_than, limit=SETTLE_BATCH)
        return sum(await asyncio.gather(*(settle(payment) for payment in found)))

    async def _postpone(self, payment_id: UUID) -> None:
        try:
            await self._store.postpone_payment(payment_id, self._clock.now())
        except Exception as error:  # noqa: BLE001 - the next round tries again
            _log.warning("payment_not_postponed", payment=str(payment_id), problem=type(error).__name__)

    async def _pay(self, order: Order, method: str) -> Order:
        payment_id = _payment_of(order)
        goods = goods_of((line.sku, line.quantity) for line in order.lines)
        purpose = Purpose(MALL_GROUP, order.account_id, order.id, goods)
        try:
            answer = await self._gateway.authorise(payment_id, order.total_minor, order.currency, method, purpose)
        except (OutcomeUnknown, GatewayRefused):
            return await self._give_up(order.id, payment_id)
        if answer.authorised:
            return await self._confirm(order.id, payment_id)
        PAYMENTS.labels(MALL, answer.state).inc()
        return await self._store.cancel(order.id, PaymentState(answer.state), self._clock.now())

    async def _confirm(self, order_id: UUID, payment_id: UUID) -> Order:
        order = await self._store.confirm(order_id, self._clock.now())
        try:
            if order.state is OrderState.PAID:
                ORDERS.labels(MALL).inc()
                await self._record(await self._gateway.capture(payment_id))
            else:  # the order was cancelled during the payment, and the shopper was informed
                await self._record(await self._gateway.void(payment_id))
        except PaymentError as error:
            _log.warning("payment_left_open", payment=str(payment_id), problem=error.slug)
        return await self._store.find(order_id) or order

    async def _give_up(self, order_id: UUID, payment_id: UUID) -> Order:
        """Cancel the order first, so that the answer is certain; void the payment now, or later in the settle loop."""
        order = await self._store.cancel(order_id, PaymentState.VOIDING, self._clock.now())
        if order.state is OrderState.CANCELLED:
            try:
                await self._record(await self._gateway.void(payment_id))
            except PaymentError as error:
                _log.warning("payment_left_open", payment=str(payment_id), problem=error.slug)
        return order

    async def _settle(self, payment: OpenPayment) -> None:
        found = await self._gateway.lookup(payment.id)
        step = next_step(payment, found.state if found else None)
        _log.info("payment_settled", payment=str(payment.id), order=str(payment.order_id), step=step.name.lower())
        if step is PaymentStep.CONFIRM:
            await self._confirm(payment.order_id, payment.id)
        elif step is PaymentStep.CANCEL and found is not None and found.state is GatewayState.DECLINED:
            await self._store.cancel(payment.order_id, PaymentState.DECLINED, self._clock.now())
        elif step is PaymentStep.CANCEL:
            await self._give_up(payment.order_id, payment.id)
        elif step is PaymentStep.CAPTURE:
            await self._record(await self._gateway.capture(payment.id))
        elif step is PaymentStep.VOID:
            await self._record(await self._gateway.void(payment.id))
        elif found is not None:
            await self._record(found)

    async def _record(self, answer: GatewayPayment) -> None:
        if answer.state is not GatewayState.AUTHORISED:
            PAYMENTS.labels(MALL, answer.state).inc()
            await self._store.record_payment(answer.reference, PaymentState(answer.state), self._clock.now())


def _payment_of(order: Order) -> UUID:
    if order.payment_id is None:
        raise UnknownOrder(f"order {order.id} has no payment; expected a pending order of the mall")
    return order.payment_id


def _page(found: list[Order], limit: int) -> OrderPage:
    return OrderPage(found[:limit], found[limit - 1].id if len(found) > limit else None)
