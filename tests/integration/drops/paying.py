"""The two steps of a payment that the database decides about, one payment at a time."""

from uuid import UUID

from marketday.drops.model import BegunPayment, PaymentRequest
from marketday.drops.postgres.store import PostgresDropStore
from marketday.kit.ids import new_id


async def begin(
    store: PostgresDropStore,
    reservation: UUID,
    person: UUID,
    key: str = "key",
    body: bytes = b"",
    new: UUID | None = None,
) -> BegunPayment:
    """Begin to pay for a reservation."""
    (begun,) = await store.begin_payments([PaymentRequest(new or new_id(), reservation, person, key, body)])
    return begun


async def confirm(store: PostgresDropStore, payment: UUID) -> str:
    """Make the order of a payment: confirmed; lost if its reservation is gone; refused if it can become no order."""
    before = await store.payment(payment)
    (found,) = await store.confirm_payments([payment])
    if found.order is not None:
        return "confirmed"
    return "lost" if before is None or found.payment.state is not before.payment.state else "refused"
