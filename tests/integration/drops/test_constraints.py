"""What the drop's database refuses by itself, even if all code above it were wrong."""

import asyncpg
import pytest

from marketday.drops.postgres.store import PostgresDropStore
from marketday.kit.database import connect
from marketday.testing.drops import Shop, request

from . import paying

# Every row of a table once more, with another id and other values.
_AGAIN = """
INSERT INTO {0}
SELECT (jsonb_populate_record({0}, to_jsonb({0}) || jsonb_build_object('id', gen_random_uuid(), {1}))).* FROM {0}
"""
WRONG = {
    "oversold": "UPDATE stock SET sold = total",
    "reserved-below-zero": "UPDATE stock SET reserved = -1",
    "sold-below-zero": "UPDATE stock SET reserved = 0, sold = -1",
    "over-limit": "UPDATE allowances SET taken = limit_per_person + 1",
    "taken-below-zero": "UPDATE allowances SET taken = -1",
    "quantity-of-nothing": "UPDATE reservations SET quantity = 0",
    "key-of-a-reservation": _AGAIN.format("reservations", "'state', 'expired'"),
    "key-of-a-payment": _AGAIN.format("payments", "'state', 'declined'"),
    "second-living-payment": _AGAIN.format("payments", "'idempotency_key', 'another'"),
    "second-order": _AGAIN.format("orders", "'state', 'refunded'"),
    "captured-without-an-order": "UPDATE payments SET order_id = NULL, state = 'captured'",
    "another-commitment": "UPDATE draws SET commitment = sha256('another')",
}


@pytest.fixture
async def sold(shop: Shop, store: PostgresDropStore) -> Shop:
    """A drop of which one unit is sold, and one is held."""
    await shop.drop()
    await shop.item()
    for wish in (request(), request()):
        assert (await store.reserve([wish]))[0].outcome == "reserved"
    begun = await paying.begin(store, wish.reservation_id, wish.person_id)
    assert begun.payment is not None
    assert await paying.confirm(store, begun.payment.payment.id) == "confirmed"
    await shop.owner.execute(
        "INSERT INTO draws SELECT slug, bytes, sha256(bytes) FROM drops, decode($1, 'hex') AS bytes", "00" * 32
    )
    return shop


@pytest.mark.parametrize("statement", WRONG.values(), ids=WRONG)
async def test_the_database_refuses(sold: Shop, statement: str):
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await sold.owner.execute(statement)
    assert await sold.broken_sums() == []


@pytest.mark.parametrize("role", ["store", "worker"])
async def test_services_cannot_change_what_was_handed_over(sold: Shop, request: pytest.FixtureRequest, role: str):
    connection = await connect(request.getfixturevalue(f"{role}_database_url"))
    try:
        for change in (
            "UPDATE items SET limit_per_person = 100",
            "UPDATE drops SET closes_at = closes_at + interval '1 day'",
            "DELETE FROM orders",
            "DELETE FROM reservations",
            "INSERT INTO stock VALUES ('dawn-serum', 'ANOTHER', 1)",
            "UPDATE draws SET seed = sha256('mine')",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(change)
    finally:
        await connection.close()
