"""A payment, its states and the ways between them. Pure: no clock, no network, no database."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class PaymentState(StrEnum):
    """Where a payment stands, as its own plane has recorded it."""

    AUTHORISING = "authorising"  # the gateway is being asked
    UNKNOWN = "unknown"  # it was asked and did not answer
    AUTHORISED = "authorised"  # an order was made of it; the money is not taken yet
    CAPTURED = "captured"
    VOIDING = "voiding"  # no order may be made of it any more; the gateway has yet to hear it
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
    # An order rests on it: whoever comes late with a wish to void it finds the way closed. It can be refunded.
    PaymentState.AUTHORISED: frozenset({PaymentState.CAPTURED}),
    PaymentState.CAPTURED: frozenset({PaymentState.REFUNDED}),
    PaymentState.VOIDING: frozenset({PaymentState.VOIDED}),
    PaymentState.DECLINED: frozenset(),
    PaymentState.VOIDED: frozenset(),
    PaymentState.REFUNDED: frozenset(),
}

# While one of these stands for a reservation, no second payment may be begun for it.
LIVING = frozenset(
    {
        PaymentState.AUTHORISING,
        PaymentState.UNKNOWN,
        PaymentState.AUTHORISED,
        PaymentState.CAPTURED,
        PaymentState.VOIDING,
    }
)
# These still need an answer from the gateway; no plane may close its books over them.
OPEN = LIVING - {PaymentState.CAPTURED}


def may_become(present: PaymentState, wanted: PaymentState) -> bool:
    """Say whether a payment in state `present` may go to `wanted`; staying where it is is always allowed."""
    return wanted == present or wanted in _WAYS[present]


@dataclass(frozen=True, slots=True)
class Payment:
    """One attempt to pay; `id` is the reference under which the gateway knows it."""

    id: UUID
    state: PaymentState
    amount_minor: int
    currency: str
    order_id: UUID | None = None
    reason: str = ""
