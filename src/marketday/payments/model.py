"""A payment, its states and the allowed changes. Pure: no clock, no network, no database."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class PaymentState(StrEnum):
    """The state of a payment, as its own plane has recorded it."""

    AUTHORISING = "authorising"  # the request to the gateway is running
    UNKNOWN = "unknown"  # the gateway did not answer
    AUTHORISED = "authorised"  # the order exists; the money is not taken yet
    CAPTURED = "captured"
    VOIDING = "voiding"  # it can no longer become an order; the gateway is not informed yet
    DECLINED = "declined"
    VOIDED = "voided"
    REFUNDED = "refunded"


_WAYS: dict[PaymentState, frozenset[PaymentState]] = {
    PaymentState.AUTHORISING: frozenset(
        {
            PaymentState.UNKNOWN,
            PaymentState.AUTHORISED,
            PaymentState.DECLINED,
            PaymentState.VOIDING,
            PaymentState.VOIDED,
        }
    ),
    PaymentState.UNKNOWN: frozenset(
        {PaymentState.AUTHORISED, PaymentState.DECLINED, PaymentState.VOIDING, PaymentState.VOIDED}
    ),
    # An order exists for it, so it cannot be voided any more. Without money at the gateway its order is taken back.
    PaymentState.AUTHORISED: frozenset({PaymentState.CAPTURED}),
    PaymentState.CAPTURED: frozenset({PaymentState.REFUNDED}),
    PaymentState.VOIDING: frozenset({PaymentState.VOIDED, PaymentState.REFUNDED}),
    PaymentState.DECLINED: frozenset(),
    PaymentState.VOIDED: frozenset(),
    PaymentState.REFUNDED: frozenset(),
}

# While a reservation has a payment in one of these states, no second payment may begin.
LIVING = frozenset(
    {
        PaymentState.AUTHORISING,
        PaymentState.UNKNOWN,
        PaymentState.AUTHORISED,
        PaymentState.CAPTURED,
        PaymentState.VOIDING,
    }
)
# These still need an answer from the gateway; a plane must not finish while it has such payments.
OPEN = LIVING - {PaymentState.CAPTURED}


def may_become(present: PaymentState, wanted: PaymentState) -> bool:
    """Return whether a payment may change from `present` to `wanted`; keeping its state is always allowed."""
    return wanted == present or wanted in _WAYS[present]


@dataclass(frozen=True, slots=True)
class Payment:
    """One attempt to pay; `id` is its reference at the gateway."""

    id: UUID
    state: PaymentState
    amount_minor: int
    currency: str
    order_id: UUID | None = None
    reason: str = ""
