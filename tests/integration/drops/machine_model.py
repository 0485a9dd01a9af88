"""A drop as one reads about it: plain Python, one thing after the other. The state machine compares the real one."""

from dataclasses import dataclass, field
from uuid import UUID

OPEN = ("authorising", "unknown", "authorised", "voiding")
LIVING = (*OPEN, "captured")


@dataclass
class Item:
    total: int
    limit: int


@dataclass
class Held:
    """A reservation. `left` is how many portions of time it is still held; `returned`: its order was taken back."""

    person: UUID
    sku: str
    quantity: int
    key: str
    left: int
    state: str = "held"
    returned: bool = False


@dataclass
class Paying:
    """A payment: `state` as the drop knows it, `money` as the gateway does (None: it never heard of it)."""

    of: UUID
    person: UUID
    key: str
    method: str
    state: str = "authorising"
    money: str | None = None
    ordered: bool = False


@dataclass
class Gateway:
    down: bool = False  # it does nothing, and does not answer
    deaf: bool = False  # it does what it is asked, and does not answer

    @property
    def answers(self) -> bool:
        return not (self.down or self.deaf)


@dataclass
class Model:
    items: dict[str, Item]
    hold: int
    gateway: Gateway = field(default_factory=Gateway)
    closed: bool = False
    held: dict[UUID, Held] = field(default_factory=dict)
    payments: dict[UUID, Paying] = field(default_factory=dict)

    def units(self, sku: str, *states: str, person: UUID | None = None) -> int:
        return sum(
            one.quantity
            for one in self.held.values()
            if one.sku == sku and one.state in states and person in (None, one.person) and not one.returned
        )

    def reserve(self, new: UUID, person: UUID, sku: str, quantity: int, key: str) -> str:
        known = next((one for one in self.held.values() if (one.person, one.key) == (person, key)), None)
        if known is not None:
            return "replayed" if (known.sku, known.quantity) == (sku, quantity) else "conflict"
        if self.closed:
            return "drop_closed"
        item = self.items[sku]
        if self.units(sku, "held", "confirmed", person=person) + quantity > item.limit:
            return "over_limit"
        if self.units(sku, "confirmed") >= item.total:
            return "sold_out"
        if self.units(sku, "held", "confirmed") + quantity > item.total:
            return "all_reserved"
        self.held[new] = Held(person, sku, quantity, key, self.hold)
        return "reserved"

    def release(self, which: UUID, person: UUID) -> str:
        one = self.held[which]
        if one.person != person:
            return "unknown_reservation"
        if one.state == "confirmed":
            return "already_paid"
        if any(each.of == which and each.state in ("authorising", "unknown") for each in self.payments.values()):
            return "payment_in_progress"
        if one.state == "held":
            one.state = "released"
        return "released"

    def expire(self) -> None:
        for one in self.held.values():
            if one.state == "held" and one.left <= 0:
                one.state = "expired"

    def begin(self, new: UUID, which: UUID, person: UUID, key: str, method: str) -> str:
        one = self.held[which]
        known = next((each for each in self.payments.values() if (each.person, each.key) == (person, key)), None)
        if known is not None:
            return "replayed" if (known.of, known.method) == (which, method) else "conflict"
        if one.person != person:
            return "unknown_reservation"
        if one.state == "confirmed":
            return "already_paid"
        if any(each.of == which and each.state in LIVING for each in self.payments.values()):
            return "payment_in_progress"
        if one.state != "held" or one.left <= 0:
            return "reservation_expired"
        self.payments[new] = Paying(which, person, key, method)
        return "started"

    def authorise(self, payment: Paying) -> bool:
        """Ask the gateway; return whether it answered."""
        if self.gateway.down:
            return False
        first = payment.money is None
        if first and payment.method == "card_timeout":
            return False
        if first:
            payment.money = "declined" if payment.method == "card_declined" else "authorised"
        return not (self.gateway.deaf or (first and payment.method == "card_late"))

    def carry_out(self, payment: Paying) -> None:
        """What a store does with a payment that it began."""
        if self.authorise(payment):
            self.apply(payment)
        elif payment.state == "authorising":
            payment.state = "unknown"

    def confirm(self, payment: Paying) -> str:
        if payment.ordered:
            return "confirmed"
        if payment.state not in ("authorising", "unknown"):
            return "refused"
        if self.held[payment.of].state != "held":
            payment.state = "voiding"
            return "lost"
        self.held[payment.of].state = "confirmed"
        payment.state, payment.ordered = "authorised", True
        return "confirmed"

    def apply(self, payment: Paying) -> None:
        """Act on what the gateway said of a payment."""
        if payment.ordered or payment.money in ("authorised", "captured"):
            if self.confirm(payment) == "confirmed":
                self.capture(payment)
            else:
                self.void(payment)
        elif payment.money == "declined":
            if payment.state in ("authorising", "unknown"):
                payment.state = "declined"
        else:
            if payment.state in ("authorising", "unknown"):
                payment.state = "voiding"
            self.void(payment)

    def capture(self, payment: Paying) -> None:
        if self.gateway.down:
            return
        if payment.money == "authorised":
            payment.money = "captured"
        if self.gateway.answers and payment.state == "authorised":
            payment.state = "voided" if payment.money == "declined" else payment.money
            self.held[payment.of].returned = payment.state != "captured"

    def void(self, payment: Paying) -> None:
        if self.gateway.down:
            return
        if payment.money in (None, "authorised"):
            payment.money = "voided"
        if self.gateway.answers and payment.money == "captured":
            payment.money = "refunded"
        if self.gateway.answers and payment.state == "voiding":
            payment.state = "refunded" if payment.money == "refunded" else "voided"

    def settle(self) -> None:
        """What the worker does with every open payment."""
        for payment in self.payments.values():
            if payment.state == "authorised":
                self.capture(payment)
            elif payment.state == "voiding":
                self.void(payment)
            elif payment.state in ("authorising", "unknown") and self.gateway.answers:
                if payment.money is None:
                    payment.state = "voiding"
                    self.void(payment)
                else:
                    self.apply(payment)
