"""What carts and orders need from outside."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from marketday.orders.model import Cart, OpenPayment, Order
from marketday.payments.model import PaymentState


class CartStore(Protocol):
    """Stores the carts of people who are signed in."""

    async def cart(self, account_id: UUID) -> dict[str, int]:
        """Return quantities by SKU, in the order in which they were added."""
        ...

    async def replace(self, account_id: UUID, cart: Cart, now: datetime) -> None:
        """Replace the old cart by `cart`; items that do not exist (any more) are left out."""
        ...

    async def put(self, account_id: UUID, sku: str, quantity: int, now: datetime) -> None:
        """Set one line; raises UnknownItem for an unknown SKU, MixedCurrencies if the cart has another currency."""
        ...

    async def remove(self, account_id: UUID, sku: str) -> None:
        """Remove one line; nothing happens if it is not there."""
        ...


class OrderStore(Protocol):
    """Stores orders and payments, and changes the stock. Every method is one transaction."""

    async def place(
        self, order_id: UUID, payment_id: UUID, account_id: UUID, now: datetime, expected_total_minor: int | None
    ) -> Order:
        """Make a pending order from the account's cart and take its units from the stock, all or none.

        An existing order is returned unchanged.

        Raises:
            EmptyCart, OutOfStock, NotForSale, MixedCurrencies: nothing has changed.
            CheckoutInProgress: another order of this account waits for its payment; nothing has changed.
            TotalChanged: the total is not `expected_total_minor`; nothing has changed.

        """
        ...

    async def confirm(self, order_id: UUID, now: datetime) -> Order:
        """Set a pending order to paid and its payment to authorised, and remove its items from the cart.

        An order in any other state stays unchanged. Return the order after the call.
        """
        ...

    async def cancel(self, order_id: UUID, payment_state: PaymentState, now: datetime) -> Order:
        """Cancel a pending order, put its units back, and set its payment to `payment_state`.

        An order in any other state stays unchanged. Return the order after the call.
        """
        ...

    async def record_payment(self, payment_id: UUID, state: PaymentState, now: datetime) -> None:
        """Record the new `state` of a payment, if this change is allowed."""
        ...

    async def postpone_payment(self, payment_id: UUID, now: datetime) -> None:
        """Set the time of the last check of an open payment, so that other payments come first."""
        ...

    async def open_payments(self, before: datetime, *, limit: int) -> list[OpenPayment]:
        """Return open payments of mall orders that were last checked before `before`."""
        ...

    async def find(self, order_id: UUID) -> Order | None:
        """Return an order."""
        ...

    async def of_account(self, account_id: UUID, *, limit: int, before: UUID | None) -> list[Order]:
        """Return an account's orders that are older than the order `before`, newest first."""
        ...

    async def all_orders(self, *, origin: str | None, limit: int, before: UUID | None) -> list[Order]:
        """Return everyone's orders, newest first, of one origin or of all."""
        ...

    async def origins(self) -> list[str]:
        """Return the origins that orders have."""
        ...
