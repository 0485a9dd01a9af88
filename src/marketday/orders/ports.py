"""What carts and orders need from the outside."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from marketday.orders.model import Cart, OpenPayment, Order
from marketday.payments.model import PaymentState


class CartStore(Protocol):
    """Keeps the carts of people who are signed in."""

    async def cart(self, account_id: UUID) -> dict[str, int]:
        """Return quantities by SKU, in the order of their adding."""
        ...

    async def replace(self, account_id: UUID, cart: Cart, now: datetime) -> None:
        """Keep `cart` in the place of the old one; items that do not exist (any more) are left out."""
        ...

    async def put(self, account_id: UUID, sku: str, quantity: int, now: datetime) -> None:
        """Set one line; raises UnknownItem without such a SKU, MixedCurrencies where others are in other money."""
        ...

    async def remove(self, account_id: UUID, sku: str) -> None:
        """Take one line out; nothing happens if it is not there."""
        ...


class OrderStore(Protocol):
    """Keeps orders, their payments and the stock they take. Every method is one transaction."""

    async def place(
        self, order_id: UUID, payment_id: UUID, account_id: UUID, now: datetime, expected_total_minor: int | None
    ) -> Order:
        """Make a pending order of the account's cart and take its units out of the stock, all or none.

        An order that is there already is returned as it stands.

        Raises:
            EmptyCart, OutOfStock, NotForSale, MixedCurrencies: and nothing has changed.
            CheckoutInProgress: another order of this account waits for its payment; nothing has changed.
            TotalChanged: the total is not `expected_total_minor`; nothing has changed.

        """
        ...

    async def confirm(self, order_id: UUID, now: datetime) -> Order:
        """Make a pending order paid and its payment authorised, and take its items out of the cart.

        An order in any other state stays as it is; returns the order as it stands then.
        """
        ...

    async def cancel(self, order_id: UUID, payment_state: PaymentState, now: datetime) -> Order:
        """Cancel a pending order, put its units back, and set its payment to `payment_state`.

        An order in any other state stays as it is; returns the order as it stands then.
        """
        ...

    async def record_payment(self, payment_id: UUID, state: PaymentState, now: datetime) -> None:
        """Write down that a payment has come to `state`, if it can still go there."""
        ...

    async def postpone_payment(self, payment_id: UUID, now: datetime) -> None:
        """Count an open payment as touched, so that others have their turn before it."""
        ...

    async def open_payments(self, before: datetime, *, limit: int) -> list[OpenPayment]:
        """Return payments of mall orders that nobody has touched since `before` and that are not at their end."""
        ...

    async def find(self, order_id: UUID) -> Order | None:
        """Return an order."""
        ...

    async def of_account(self, account_id: UUID, *, limit: int, before: UUID | None) -> list[Order]:
        """Return an account's orders, newest first, from the one before `before` on."""
        ...

    async def all_orders(self, *, origin: str | None, limit: int, before: UUID | None) -> list[Order]:
        """Return everyone's orders, newest first, of one origin or of all."""
        ...

    async def origins(self) -> list[str]:
        """Return the origins that orders have."""
        ...
