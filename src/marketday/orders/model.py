"""Carts, orders, and the next step of a payment that is still open. Pure: no clock, no ids, no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum, auto
from uuid import UUID

from marketday.orders.errors import FullCart, InvalidQuantity
from marketday.payments.model import PaymentState
from marketday.payments.ports import GatewayState

MALL = "mall"  # the origin of the mall's own orders; every other origin is a drop's slug
LARGEST_QUANTITY = 99
MOST_LINES = 30

Cart = Mapping[str, int]  # quantity by SKU


class OrderState(StrEnum):
    """The state of an order."""

    PENDING = "pending"  # its units are taken from the stock, and its payment is running
    PAID = "paid"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One item of an order, with its title and price at the time of the sale."""

    sku: str
    title_ko: str
    title_en: str
    quantity: int
    unit_price_minor: int

    @property
    def total_minor(self) -> int:
        """Quantity times price."""
        return self.quantity * self.unit_price_minor


@dataclass(frozen=True, slots=True)
class Order:
    """An order of the mall, or one handed back from a drop; `payment_state` is the state of its last payment."""

    id: UUID
    account_id: UUID
    origin: str
    state: OrderState
    currency: str
    total_minor: int
    created_at: datetime
    lines: tuple[OrderLine, ...]
    payment_id: UUID | None
    payment_state: PaymentState | None

    @property
    def from_drop(self) -> bool:
        """Whether this order was made in a drop."""
        return self.origin != MALL


@dataclass(frozen=True, slots=True)
class OpenPayment:
    """A payment that is not finished, and the state of its order."""

    id: UUID
    order_id: UUID
    state: PaymentState
    order_state: OrderState


class PaymentStep(Enum):
    """The next step for an open payment."""

    CONFIRM = auto()  # the money and the units are reserved: the order is paid
    CANCEL = auto()  # no money: the units go back to the stock, then the payment is voided
    CAPTURE = auto()
    VOID = auto()
    RECORD = auto()  # the gateway has already finished; record its state


def next_step(payment: OpenPayment, found: GatewayState | None) -> PaymentStep:
    """Return the next step for `payment`; `found` is the payment at the gateway (None if it is unknown there).

    A pending order still has its units, so it can always be confirmed. The shopper knows that a cancelled order is
    cancelled, so money that arrives for it later is released.
    """
    if payment.order_state is OrderState.PENDING:
        return PaymentStep.CONFIRM if found in (GatewayState.AUTHORISED, GatewayState.CAPTURED) else PaymentStep.CANCEL
    if found in (None, GatewayState.AUTHORISED):
        return PaymentStep.CAPTURE if payment.order_state is OrderState.PAID else PaymentStep.VOID
    return PaymentStep.RECORD


def check_quantity(quantity: int) -> int:
    """Return `quantity`.

    Raises:
        InvalidQuantity: below 1 or above 99.

    """
    if not 1 <= quantity <= LARGEST_QUANTITY:
        raise InvalidQuantity(f"{str(quantity)[:20]}; expected 1 to {LARGEST_QUANTITY}")
    return quantity


def with_line(cart: Cart, sku: str, quantity: int) -> dict[str, int]:
    """Return `cart` with the quantity of `sku` set to `quantity`.

    Raises:
        InvalidQuantity: below 1 or above 99.
        FullCart: the cart already has 30 different items.

    """
    changed = {**cart, sku: check_quantity(quantity)}
    if len(changed) > MOST_LINES and sku not in cart:
        raise FullCart(f"{MOST_LINES} different items; expected at most that")
    return changed


def with_more(cart: Cart, sku: str, quantity: int) -> dict[str, int]:
    """Return `cart` with `quantity` added to `sku`, at most 99 in total; raises like `with_line`."""
    return with_line(cart, sku, min(cart.get(sku, 0) + check_quantity(quantity), LARGEST_QUANTITY))


def merged(own: Cart, guest: Cart) -> dict[str, int]:
    """Return the cart after sign-in: for each item the larger of the two quantities, not their sum.

    Items of the guest's cart that do not fit are left out.
    """
    cart = dict(own)
    for sku, quantity in guest.items():
        if sku in cart or len(cart) < MOST_LINES:
            cart[sku] = max(quantity, cart.get(sku, 0))
    return cart
