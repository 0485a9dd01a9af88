"""What is true of the mall's orders whatever people ask for. Refusals and errors are allowed here.

tests/guards removes the layers of each truth one at a time (the truth must hold), and all together (it must not).
"""

from contextlib import suppress
from datetime import UTC, datetime

import asyncpg
import pytest

from marketday.kit.ids import new_id
from marketday.orders.errors import OrderError
from marketday.orders.postgres import PostgresCartStore, PostgresOrderStore
from marketday.payments.model import PaymentState
from marketday.testing.orders import MemoryVariant

NOW = datetime(2026, 12, 10, 11, tzinfo=UTC)


@pytest.fixture
async def people(shelf):
    await shelf.fill({"A": MemoryVariant(3), "B": MemoryVariant(100)})
    return await shelf.people(5)


async def place(pool, person, sku="A"):
    """Put one unit into the cart and check out; return the order, or None if that is refused or fails."""
    await PostgresCartStore(pool).put(person, sku, 1, NOW)
    with suppress(OrderError, asyncpg.PostgresError):
        return await PostgresOrderStore(pool).place(new_id(), new_id(), person, NOW, None)


async def test_no_unit_is_sold_that_there_is_not(pool, shelf, people):
    for person in people:
        await place(pool, person)
    assert (await shelf.left())["A"] >= 0


async def test_an_account_has_one_checkout_under_way(pool, people):
    for _ in range(2):
        await place(pool, people[0], "B")
    assert await pool.fetchval("SELECT count(*) FROM orders WHERE state = 'pending'") == 1


async def test_what_is_cancelled_is_never_paid(pool, people):
    order, store = await place(pool, people[0]), PostgresOrderStore(pool)
    await store.cancel(order.id, PaymentState.DECLINED, NOW)
    assert (await store.confirm(order.id, NOW)).state == "cancelled"


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(
            "INSERT INTO orders (id, account_id, state, currency, total_minor)"
            " SELECT gen_random_uuid(), account_id, state, currency, total_minor FROM orders",
            id="second-checkout",
        ),
        pytest.param("UPDATE order_lines SET quantity = 0", id="quantity-of-nothing"),
        pytest.param("UPDATE variants SET price_minor = -1", id="price-below-zero"),
        pytest.param("UPDATE payments SET state = 'melted'", id="another-state"),
    ],
)
async def test_the_database_refuses(pool, people, statement):
    await place(pool, people[0])
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await pool.execute(statement)
