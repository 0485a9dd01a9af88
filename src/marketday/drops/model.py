"""The facts of a drop's store: the drop, its items, reservations, orders. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from marketday.payments.model import Payment


class SalePhase(StrEnum):
    """The phase of a drop."""

    UPCOMING = "upcoming"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Drop:
    """A drop as it was handed over. Times are UTC; `rates` is the definition's rate_limits table.

    `zone` is the time zone of the times on its pages.
    """

    slug: str
    name_ko: str
    name_en: str
    room_opens_at: datetime
    opens_at: datetime
    closes_at: datetime
    hold_seconds: int
    admission_seconds: int
    rates: Mapping[str, Any]
    zone: str = "UTC"

    @property
    def last_offer_at(self) -> datetime:
        """The last moment at which a unit that comes back is offered, as `offered_until` in `sql/drop` has it."""
        return self.closes_at + timedelta(seconds=self.hold_seconds + 60 - min(self.hold_seconds, 30))

    def phase(self, now: datetime) -> SalePhase:
        """Return the phase at `now`. At the moment of opening it is open; at the moment of closing it is closed."""
        if now < self.opens_at:
            return SalePhase.UPCOMING
        return SalePhase.OPEN if now < self.closes_at else SalePhase.CLOSED


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as a file. Its `name` is a hash of its content, so that caches may keep it for ever."""

    name: str
    kind: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a drop sells; `body_html` was made safe at the import."""

    sku: str
    title_ko: str
    title_en: str
    body_html: str
    picture: Picture | None
    price_minor: int
    currency: str
    limit_per_person: int


class ReservationState(StrEnum):
    """The state of a reservation."""

    HELD = "held"
    CONFIRMED = "confirmed"
    EXPIRED = "expired"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Reservation:
    """Stock held for one person until `reserved_until`."""

    id: UUID
    drop: str
    sku: str
    person_id: UUID
    quantity: int
    unit_price_minor: int
    currency: str
    state: ReservationState
    reserved_until: datetime

    @property
    def total_minor(self) -> int:
        """What it costs, in minor units."""
        return self.unit_price_minor * self.quantity


class StandbyState(StrEnum):
    """What became of a person's wish to get a unit that comes back."""

    WAITING = "waiting"
    OFFERED = "offered"  # a unit came back, and is reserved for this person
    BOUGHT = "bought"
    MISSED = "missed"  # the offer expired or was released
    SOLD_OUT = "sold_out"  # no unit can come back
    CLOSED = "closed"  # the drop is over, and no offer is made any more


@dataclass(frozen=True, slots=True)
class Standby:
    """A person in line for a unit that comes back; `ahead` is how many get one before, None if not waiting."""

    id: UUID
    drop: str
    sku: str
    quantity: int
    waiting: bool
    asked_at: datetime
    sold_out: bool
    closed: bool
    ahead: int | None
    reservation: Reservation | None

    @property
    def state(self) -> StandbyState:
        """What became of it."""
        if self.reservation is not None:
            match self.reservation.state:
                case ReservationState.HELD:
                    return StandbyState.OFFERED
                case ReservationState.CONFIRMED:
                    return StandbyState.BOUGHT
            return StandbyState.MISSED
        if self.sold_out:
            return StandbyState.SOLD_OUT
        return StandbyState.CLOSED if self.closed else StandbyState.WAITING


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line of an order."""

    sku: str
    title_ko: str
    title_en: str
    quantity: int
    unit_price_minor: int


@dataclass(frozen=True, slots=True)
class Order:
    """A person's order: it exists only after the store has committed it."""

    id: UUID
    drop: str
    person_id: UUID
    reservation_id: UUID
    state: str
    currency: str
    total_minor: int
    created_at: datetime
    lines: tuple[OrderLine, ...]


@dataclass(frozen=True, slots=True)
class ReservationPayment:
    """A payment, what it is for, and the order that it became."""

    payment: Payment
    drop: str
    reservation_id: UUID
    person_id: UUID
    sku: str
    quantity: int
    order: Order | None = None


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """One person's request to pay; `payment_id` is the id that the payment gets if it begins."""

    payment_id: UUID
    reservation_id: UUID
    person_id: UUID
    key: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """A message that the same happened to these people: `kind` is reservation.held, order.confirmed, ..."""

    id: int
    drop: str
    kind: str
    people: Sequence[UUID]
    body: Mapping[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class OpenWork:
    """The parts of a drop that are not settled yet."""

    held_reservations: int
    open_payments: int
    untold_messages: int
    held_until: datetime | None = None  # when the last held reservation expires

    @property
    def drained(self) -> bool:
        """Whether nothing is left to settle."""
        return not (self.held_reservations or self.open_payments or self.untold_messages)


@dataclass(frozen=True, slots=True)
class BegunPayment:
    """The result of beginning to pay: an outcome's name, and the payment if there is one (see `sql/drop`)."""

    outcome: str
    payment: ReservationPayment | None
