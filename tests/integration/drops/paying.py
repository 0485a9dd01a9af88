"""The two steps of a payment that the database decides about, one payment at a time."""

from uuid import UUID

from marketday.drops.model import BegunPayment
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
    return await store.begin_payment(new or new_id(), reservation, person, key, body)


async def confirm(store: PostgresDropStore, payment: UUID) -> str:
    """Make the order of a payment: confirmed, or why there is none."""
    return await store.confirm(payment, payment)
