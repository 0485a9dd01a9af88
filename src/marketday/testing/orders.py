"""Carts, stock and orders in memory."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from marketday.orders.errors import (
    CheckoutInProgress,
    EmptyCart,
    MixedCurrencies,
    NotForSale,
    OutOfStock,
    TotalChanged,
    UnknownItem,
    UnknownOrder,
)
from marketday.orders.model import MALL, Cart, OpenPayment, Order, OrderLine, OrderState
from marketday.payments.model import OPEN, PaymentState, may_become


@dataclass(slots=True)
class MemoryVariant:
    """What an item costs and how many are left."""

    stock: int
    price_minor: int = 1000
    currency: str = "KRW"
    for_sale: bool = True
    unlimited: bool = False


class MemoryShop:
    """A `CartStore` and an `OrderStore` that pass the same tests as those in PostgreSQL.

    No method waits for anything, so that each of them is a transaction by itself.
    """

    def __init__(self, variants: dict[str, MemoryVariant]) -> None:
        self.variants = variants
        self.carts: dict[UUID, dict[str, int]] = {}
        self.orders: dict[UUID, Order] = {}
        self.touched: dict[UUID, datetime] = {}

    async def cart(self, account_id: UUID) -> dict[str, int]:
        """Return quantities by SKU."""
        return dict(self.carts.get(account_id, {}))

    async def replace(self, account_id: UUID, cart: Cart, now: datetime) -> None:
        """Replace the old cart by `cart`."""
        self.carts[account_id] = {sku: quantity for sku, quantity in cart.items() if sku in self.variants}
        self.touched[account_id] = now

    async def put(self, account_id: UUID, sku: str, quantity: int, now: datetime) -> None:
        """Set one line; raises UnknownItem, MixedCurrencies."""
        if sku not in self.variants:
            raise UnknownItem(f"{sku!r} at {now}")
        others = {self.variants[other].currency for other in self.carts.get(account_id, {}) if other != sku}
        if others - {self.variants[sku].currency}:
            raise MixedCurrencies(f"{sku!r}, {sorted(others)}")
        self.carts.setdefault(account_id, {})[sku] = quantity

    async def remove(self, account_id: UUID, sku: str) -> None:
        """Remove one line."""
        self.carts.get(account_id, {}).pop(sku, None)

    async def place(
        self, order_id: UUID, payment_id: UUID, account_id: UUID, now: datetime, expected_total_minor: int | None
    ) -> Order:
        """Make a pending order from the account's cart and take its units, all or none; see the port."""
        if order_id in self.orders:
            return self.orders[order_id]
        if any(each.account_id == account_id and each.state is OrderState.PENDING for each in self.orders.values()):
            raise CheckoutInProgress(retry_after=2)
        cart = self.carts.get(account_id, {})
        lines, currency = self._priced(cart)
        total = sum(line.total_minor for line in lines)
        if expected_total_minor not in (None, total):
            raise TotalChanged(f"{expected_total_minor}, {total}", total_minor=total)
        for line in lines:
            self.variants[line.sku].stock -= line.quantity
        order = Order(
            id=order_id,
            account_id=account_id,
            origin=MALL,
            state=OrderState.PENDING,
            currency=currency,
            total_minor=total,
            created_at=now,
            lines=tuple(lines),
            payment_id=payment_id,
            payment_state=PaymentState.AUTHORISING,
        )
        return self._keep(order, now)

    async def confirm(self, order_id: UUID, now: datetime) -> Order:
        """Set a pending order to paid; see the port."""
        order = self._get(order_id)
        if order.state is not OrderState.PENDING:
            return order
        for line in order.lines:
            self.carts.get(order.account_id, {}).pop(line.sku, None)
        return self._keep(replace(order, state=OrderState.PAID, payment_state=PaymentState.AUTHORISED), now)

    async def cancel(self, order_id: UUID, payment_state: PaymentState, now: datetime) -> Order:
        """Cancel a pending order and put its units back; see the port."""
        order = self._get(order_id)
        if order.state is not OrderState.PENDING:
            return order
        for line in order.lines:
            self.variants[line.sku].stock += line.quantity
        return self._keep(replace(order, state=OrderState.CANCELLED, payment_state=payment_state), now)

    async def record_payment(self, payment_id: UUID, state: PaymentState, now: datetime) -> None:
        """Record the new `state` of a payment, if this change is allowed."""
        for order in list(self.orders.values()):
            if order.payment_id == payment_id and order.payment_state and may_become(order.payment_state, state):
                self._keep(replace(order, payment_state=state), now)

    async def postpone_payment(self, payment_id: UUID, now: datetime) -> None:
        """Set the time of the last check of an open payment."""
        for order in self.orders.values():
            if order.payment_id == payment_id:
                self.touched[order.id] = now

    async def open_payments(self, before: datetime, *, limit: int) -> list[OpenPayment]:
        """Return open payments that were last checked before `before`."""
        found = [
            OpenPayment(order.payment_id, order.id, order.payment_state, order.state)
            for order in self.orders.values()
            if order.payment_id and order.payment_state in OPEN and self.touched[order.id] <= before
        ]
        return sorted(found, key=lambda payment: self.touched[payment.order_id])[:limit]

    async def find(self, order_id: UUID) -> Order | None:
        """Return an order."""
        return self.orders.get(order_id)

    async def of_account(self, account_id: UUID, *, limit: int, before: UUID | None) -> list[Order]:
        """Return an account's orders, newest first."""
        return self._newest([each for each in self.orders.values() if each.account_id == account_id], limit, before)

    async def all_orders(self, *, origin: str | None, limit: int, before: UUID | None) -> list[Order]:
        """Return everyone's orders, newest first, of one origin or of all."""
        return self._newest([each for each in self.orders.values() if origin in (None, each.origin)], limit, before)

    async def origins(self) -> list[str]:
        """Return the origins that orders have."""
        return sorted({order.origin for order in self.orders.values()})

    def _priced(self, cart: Cart) -> tuple[list[OrderLine], str]:
        if not cart:
            raise EmptyCart
        for sku in sorted(cart):
            variant = self.variants[sku]
            if variant.for_sale and not variant.unlimited and variant.stock < cart[sku]:
                raise OutOfStock(f"{cart[sku]} of {sku}", sku=sku, left=max(0, variant.stock))
        unsold = sorted(sku for sku in cart if not self.variants[sku].for_sale)
        if unsold:
            raise NotForSale(unsold[0], sku=unsold[0])
        currencies = {self.variants[sku].currency for sku in cart}
        if len(currencies) > 1:
            raise MixedCurrencies(str(currencies))
        lines = [OrderLine(sku, f"{sku} ko", f"{sku} en", cart[sku], self.variants[sku].price_minor) for sku in cart]
        return lines, currencies.pop()

    def _get(self, order_id: UUID) -> Order:
        if order_id not in self.orders:
            raise UnknownOrder(str(order_id))
        return self.orders[order_id]

    def _keep(self, order: Order, now: datetime) -> Order:
        self.orders[order.id] = order
        self.touched[order.id] = now
        return order

    @staticmethod
    def _newest(orders: list[Order], limit: int, before: UUID | None) -> list[Order]:
        newest = sorted(orders, key=lambda order: order.id, reverse=True)
        return [order for order in newest if before is None or order.id < before][:limit]
