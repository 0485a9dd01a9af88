"""Requests and answers of the mall's API. Money is integer minor units; times are ISO 8601 in UTC."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from marketday.accounts.model import Account, Role
from marketday.catalog.model import Item
from marketday.kit.money import LARGEST_MINOR
from marketday.orders.model import Cart, Order, OrderState
from marketday.orders.service import OrderPage
from marketday.payments.cards import Card
from marketday.payments.model import PaymentState
from marketday.web.problems import Problem


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class NewAccount(_In):
    """A request for a new account."""

    email: str = Field(max_length=1000, examples=["mina@example.com"])
    password: str = Field(max_length=1000, description="10 to 200 bytes of UTF-8.")
    name: str = Field(max_length=1000, description="1 to 100 characters.")


class Credentials(_In):
    """The e-mail address and password of a sign-in."""

    email: str = Field(max_length=1000)
    password: str = Field(max_length=1000)


class AccountOut(BaseModel):
    """An account."""

    id: UUID
    email: str
    name: str
    role: Role
    created_at: datetime

    @classmethod
    def of(cls, account: Account) -> Self:
        """Return the account as the API shows it."""
        return cls(
            id=account.id,
            email=account.email,
            name=account.name,
            role=account.role,
            created_at=account.created_at,
        )


class SessionOut(AccountOut):
    """An account that has just signed in, and the session's secret, for clients without cookies."""

    session: str


class IdentityToken(BaseModel):
    """A token that proves a person's identity to the stores of drops."""

    token: str
    expires_at: datetime


class CartLineIn(_In):
    """The quantity of an item."""

    quantity: int = Field(description="1 to 99.")


class CartLine(BaseModel):
    """One item in the cart; `stock` is the number of available units, `for_sale` whether it can be ordered."""

    sku: str
    handle: str
    title_ko: str
    title_en: str
    quantity: int
    unit_price_minor: int
    total_minor: int
    currency: str
    stock: int
    unlimited: bool
    for_sale: bool

    @property
    def short(self) -> bool:
        """Whether fewer units are available than wanted."""
        return not self.unlimited and self.stock < self.quantity


class Amount(BaseModel):
    """Money: minor units and their currency."""

    amount_minor: int
    currency: str


class CartOut(BaseModel):
    """A cart and its total; while it is empty `currency` is null.

    Items in different currencies cannot be ordered together: then `total` is missing, and `totals` has one total for
    each currency.
    """

    lines: list[CartLine]
    total_minor: int | None
    currency: str | None
    totals: list[Amount]

    @classmethod
    def of(cls, cart: Cart, items: dict[str, Item]) -> Self:
        """Return the cart with the catalogue's data of its items."""
        lines = [_cart_line(items[sku], quantity) for sku, quantity in cart.items() if sku in items]
        sums: dict[str, int] = {}
        for line in lines:
            sums[line.currency] = sums.get(line.currency, 0) + line.total_minor
        totals = [Amount(amount_minor=amount, currency=currency) for currency, amount in sums.items()]
        only = totals[0] if len(totals) == 1 else None
        total = only.amount_minor if only else None if totals else 0
        return cls(lines=lines, total_minor=total, currency=only.currency if only else None, totals=totals)

    @property
    def mixed(self) -> bool:
        """Whether its items have prices in more than one currency."""
        return len(self.totals) > 1


def _cart_line(item: Item, quantity: int) -> CartLine:
    variant = item.variant
    return CartLine(
        sku=variant.sku,
        handle=item.handle,
        title_ko=item.title_ko,
        title_en=item.title_en,
        quantity=quantity,
        unit_price_minor=variant.price_minor,
        total_minor=quantity * variant.price_minor,
        currency=variant.currency,
        stock=max(0, variant.stock),
        unlimited=variant.unlimited,
        for_sale=item.on_sale,
    )


class CheckOut(_In):
    """How the cart is paid. With `expected_total_minor`, the order is refused if the total differs."""

    method: Card
    expected_total_minor: int | None = Field(default=None, ge=0, le=LARGEST_MINOR)


class OrderLineOut(BaseModel):
    """One item of an order, with the title and price at the time of the sale."""

    sku: str
    title_ko: str
    title_en: str
    quantity: int
    unit_price_minor: int
    total_minor: int


class OrderOut(BaseModel):
    """An order; `origin` is `mall`, or the slug of its drop."""

    id: UUID
    origin: str
    state: OrderState
    payment_state: PaymentState | None
    currency: str
    total_minor: int
    created_at: datetime
    lines: list[OrderLineOut]

    @classmethod
    def of(cls, order: Order) -> Self:
        """Return the order as the API shows it."""
        return cls(**_order(order))


class AdminOrderOut(OrderOut):
    """An order and its account."""

    account_id: UUID

    @classmethod
    def of(cls, order: Order) -> Self:
        """Return the order as the API shows it."""
        return cls(**_order(order), account_id=order.account_id)


def _order(order: Order) -> dict[str, Any]:
    lines = [
        OrderLineOut(
            sku=line.sku,
            title_ko=line.title_ko,
            title_en=line.title_en,
            quantity=line.quantity,
            unit_price_minor=line.unit_price_minor,
            total_minor=line.total_minor,
        )
        for line in order.lines
    ]
    names = ("id", "origin", "state", "payment_state", "currency", "total_minor", "created_at")
    return {name: getattr(order, name) for name in names} | {"lines": lines}


class Orders(BaseModel):
    """Orders, newest first; `after` is for requesting the next page, null on the last page."""

    orders: list[OrderOut]
    after: UUID | None

    @classmethod
    def of(cls, page: OrderPage) -> Self:
        """Return a page as the API shows it."""
        return cls(orders=[OrderOut.of(order) for order in page.orders], after=page.after)


class AdminOrders(BaseModel):
    """Everyone's orders, newest first; `after` is for requesting the next page, null on the last page."""

    orders: list[AdminOrderOut]
    after: UUID | None

    @classmethod
    def of(cls, page: OrderPage) -> Self:
        """Return a page as the API shows it."""
        return cls(orders=[AdminOrderOut.of(order) for order in page.orders], after=page.after)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI descriptions of refusals with these statuses: problem documents (RFC 9457)."""
    content = {"application/problem+json": {"schema": Problem.model_json_schema()}}
    return {status: {"description": "Refused.", "content": content} for status in statuses}
