"""The JSON documents of the store's API: reservations, orders and payments."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from marketday.drops.checkout import Checked
from marketday.drops.model import Order, Reservation
from marketday.kit.moments import to_text
from marketday.payments.model import OPEN, Payment


class ReservationWish(BaseModel):
    """The wanted item and quantity. The drop's own rules check the values and name what is wrong."""

    model_config = ConfigDict(extra="forbid")

    sku: object = Field(json_schema_extra={"type": "string", "examples": ["DAWN-SERUM-30"]})
    quantity: object = Field(json_schema_extra={"type": "integer", "minimum": 1, "examples": [1]})


class PaymentWish(BaseModel):
    """The payment method: one of the sandbox gateway's cards."""

    model_config = ConfigDict(extra="forbid")

    method: object = Field(json_schema_extra={"type": "string", "examples": ["card_ok"]})


class ReservationDocument(BaseModel):
    """A reservation; amounts are minor units of `currency`, times are UTC."""

    id: UUID
    drop: str
    sku: str
    quantity: int
    unit_price_minor: int
    total_minor: int
    currency: str
    state: Literal["held", "confirmed", "expired", "released"]
    reserved_until: str


class PaymentDocument(BaseModel):
    """A payment. `unknown`: the gateway has not answered yet; ask again."""

    id: UUID
    state: str
    amount_minor: int
    currency: str


class ReservationStatus(ReservationDocument):
    """A reservation, its order if there is one, and the last attempt to pay."""

    order_id: UUID | None
    payment: PaymentDocument | None


class LineDocument(BaseModel):
    """One line of an order."""

    sku: str
    title_ko: str
    title_en: str
    quantity: int
    unit_price_minor: int


class OrderDocument(BaseModel):
    """An order. Its items belong to the shopper."""

    id: UUID
    drop: str
    reservation_id: UUID
    state: Literal["paid", "refunded"]
    currency: str
    total_minor: int
    created_at: str
    lines: list[LineDocument]


class PaidDocument(BaseModel):
    """The result of a payment; `order` is null until the gateway has answered."""

    order: OrderDocument | None
    payment: PaymentDocument


class OrderList(BaseModel):
    """One person's orders of a drop, newest first."""

    orders: list[OrderDocument]


def reservation_document(found: Reservation) -> ReservationDocument:
    """Return a reservation as the API shows it."""
    return ReservationDocument.model_validate(reservation_members(found))


def reservation_status(found: Reservation, order: Order | None, payment: Payment | None) -> ReservationStatus:
    """Return a reservation, with its order and its last payment."""
    return ReservationStatus.model_validate(
        {
            **reservation_members(found),
            "order_id": None if order is None else order.id,
            "payment": None if payment is None else payment_document(payment),
        }
    )


def reservation_members(found: Reservation) -> dict[str, object]:
    """Return the members of a `ReservationDocument`."""
    return {
        "id": found.id,
        "drop": found.drop,
        "sku": found.sku,
        "quantity": found.quantity,
        "unit_price_minor": found.unit_price_minor,
        "total_minor": found.total_minor,
        "currency": found.currency,
        "state": found.state.value,
        "reserved_until": to_text(found.reserved_until),
    }


def payment_document(payment: Payment) -> PaymentDocument:
    """Return a payment with its public state: an open payment without an order is `unknown`."""
    waiting = payment.state in OPEN and payment.order_id is None
    return PaymentDocument(
        id=payment.id,
        state="unknown" if waiting else payment.state.value,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
    )


def order_document(order: Order) -> OrderDocument:
    """Return an order as the API shows it."""
    return OrderDocument.model_validate(
        {
            "id": order.id,
            "drop": order.drop,
            "reservation_id": order.reservation_id,
            "state": order.state,
            "currency": order.currency,
            "total_minor": order.total_minor,
            "created_at": to_text(order.created_at),
            "lines": [
                LineDocument(
                    sku=line.sku,
                    title_ko=line.title_ko,
                    title_en=line.title_en,
                    quantity=line.quantity,
                    unit_price_minor=line.unit_price_minor,
                )
                for line in order.lines
            ],
        }
    )


def paid_document(done: Checked) -> PaidDocument:
    """Return the result of a payment as the API shows it."""
    order = None if done.order is None else order_document(done.order)
    return PaidDocument(order=order, payment=payment_document(done.payment))
