"""The final window on two real databases: what comes home, what is refused, and what a repetition changes."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from marketday.handback.errors import EquationsBroken, HasOrders, InvalidReceipt, SourceUnavailable
from marketday.handback.model import ReceiptKind, Window
from marketday.kit.ids import new_id
from marketday.payments.ports import GatewayState
from marketday.testing.rows import PRICE_MINOR
from marketday.testing.sales import SKU, books_of, sell_drop

from .conftest import HOLDER


async def test_every_order_comes_home_with_a_receipt(sold):
    receipt = await sold.service().hand_back(sold.window)
    holds = await sold.mall_holds()
    assert len(holds["orders"]) == len(holds["lines"]) == len(holds["payments"]) == 7
    assert {(order["origin"], order["environment_id"], order["state"]) for order in holds["orders"]} == {
        ("dawn-serum", sold.window.environment_id, "paid")
    }
    assert holds["stock"] == [{"sku": SKU, "stock": 93}]
    assert [row["returned"] for row in holds["allocations"]] == [13]
    assert receipt.kind is ReceiptKind.HANDED_BACK
    claims = receipt.claims
    assert claims["promotion"] == {"orders": 7, "units_lent": 20, "units_sold": 7, "units_returned": 13}
    assert claims["tables"]["reservations"]["rows"] == 8
    assert {
        "table": "payments",
        "state": "captured",
        "currency": "KRW",
        "rows": 7,
        "amount_minor": 7 * PRICE_MINOR,
    } in (claims["sums"])
    assert "nobody_is_over_the_limit" in claims["equations"]
    assert claims["point"]["lsn"]
    assert await sold.link_roles() == []


@pytest.mark.parametrize("ended", [GatewayState.VOIDED, GatewayState.REFUNDED])
async def test_an_order_that_was_taken_back_comes_home_as_refunded(sold, ended):
    """Its money was voided or refunded at the gateway before the drop recorded that it was taken."""
    order = await sold.drop.fetchval("SELECT min(id::text)::uuid FROM orders")
    await sold.drop.execute("UPDATE payments SET state = 'authorised' WHERE id = $1", order)
    assert await sold.drop.fetchval("SELECT take_back_order($1, $2, 'no money')", order, ended.value)
    await sold.drop.execute("UPDATE outbox SET relayed_at = now()")
    await sold.drop.execute(
        "UPDATE payments SET updated_at = created_at WHERE id = $1", order
    )  # the drop is in the future
    sold.books.entries = [
        replace(entry, payment=replace(entry.payment, state=ended)) if entry.payment.reference == order else entry
        for entry in sold.books.entries
    ]
    receipt = await sold.service().hand_back(sold.window)
    assert receipt.claims["promotion"] == {"orders": 7, "units_lent": 20, "units_sold": 6, "units_returned": 14}
    holds = await sold.mall_holds()
    assert {one["id"]: one["state"] for one in holds["orders"]}[order] == "refunded"
    assert holds["stock"] == [{"sku": SKU, "stock": 94}]


async def test_the_receipt_is_kept_as_a_file_and_is_genuine(sold):
    receipt = await sold.service().hand_back(sold.window)
    [file] = sold.folder.iterdir()
    assert file.name == f"{sold.window.environment_id}.json"
    content = json.loads(file.read_text("utf-8"))
    assert content == {"receipt": receipt.token, "summary": receipt.claims}
    sold.verifier.check(receipt.token, sold.window.environment_id)
    with pytest.raises(InvalidReceipt, match="is for environment"):
        sold.verifier.check(receipt.token, new_id())


async def test_a_second_hand_back_changes_nothing(sold):
    first = await sold.service().hand_back(sold.window)
    before = await sold.mall_holds()
    again = await sold.service().hand_back(sold.window)
    assert again.token == first.token
    assert await sold.mall_holds() == before


async def test_units_come_back_once_however_often_it_is_promoted(sold):
    await sold.service()._bringing.bring(sold.window)
    first = await sold.promotions.promote(sold.window)
    before = await sold.mall_holds()
    assert await sold.promotions.promote(sold.window) == first
    assert await sold.mall_holds() == before


async def test_a_lost_file_is_written_again(sold):
    first = await sold.service().hand_back(sold.window)
    [file] = sold.folder.iterdir()
    file.unlink()
    await sold.service().hand_back(sold.window)
    assert json.loads(file.read_text("utf-8"))["receipt"] == first.token


async def test_another_drop_in_the_same_database_stays_there(sold):
    people = [row["person_id"] for row in await sold.drop.fetch("SELECT person_id FROM entries LIMIT 2")]
    from datetime import UTC, datetime

    await sell_drop(sold.drop, people, datetime(2026, 12, 1, tzinfo=UTC), stock=3, slug="smoke-00000001")
    receipt = await sold.service().hand_back(sold.window)
    assert receipt.claims["promotion"]["orders"] == 7
    assert receipt.claims["tables"]["drops"]["rows"] == 1
    assert receipt.claims["tables"]["order_lines"]["rows"] == 7


@pytest.mark.parametrize(
    ("seconds", "offered", "accepted"), [(355, True, True), (370, True, False), (20, False, False)]
)
async def test_only_a_unit_that_came_back_may_be_reserved_after_the_close(sold, seconds, offered, accepted):
    """It was offered to somebody who waited; see sql/drop/0010_standbys.sql."""
    order = await sold.drop.fetchrow("SELECT id, reservation_id FROM orders ORDER BY created_at LIMIT 1")
    later = sold.window.promised.closes_at - sold.window.promised.opens_at + timedelta(seconds=seconds)
    for statement in (
        "UPDATE orders SET created_at = created_at + $2 WHERE id = $1",
        "UPDATE payments SET created_at = created_at + $2, updated_at = updated_at + $2 WHERE order_id = $1",
        (
            "UPDATE reservations SET created_at = created_at + $2, settled_at = settled_at + $2 "
            "WHERE id = (SELECT reservation_id FROM orders WHERE id = $1)"
        ),
    ):
        await sold.drop.execute(statement, order["id"], later)
    if offered:
        key = f"standby-{order['reservation_id']}"
        await sold.drop.execute(
            "UPDATE reservations SET idempotency_key = $2 WHERE id = $1", order["reservation_id"], key
        )
    sold.books.entries = await books_of(sold.drop, HOLDER)
    if accepted:
        assert (await sold.service().hand_back(sold.window)).claims["promotion"]["orders"] == 7
        return
    with pytest.raises(EquationsBroken, match="moments_follow_each_other"):
        await sold.service().hand_back(sold.window)


async def test_a_link_left_over_is_closed_first(sold):
    await sold.drop.execute(f"CREATE ROLE {sold.window.link_role} LOGIN PASSWORD 'left over'")
    await sold.drop.execute(f"GRANT SELECT ON orders TO {sold.window.link_role}")
    await sold.service().hand_back(sold.window)
    assert await sold.link_roles() == []


async def test_the_link_can_read_what_is_copied_and_nothing_else(sold):
    import asyncpg

    async with sold.links.open(sold.window) as snapshot:
        connection = snapshot._connection
        assert await connection.fetchval("SELECT current_user") == sold.window.link_role
        assert await connection.fetchval("SELECT count(*) FROM public.orders") == 7
        with pytest.raises(asyncpg.PostgresError):
            async with connection.transaction():
                await connection.fetch("SELECT * FROM public.outbox")
        with pytest.raises(asyncpg.PostgresError):
            async with connection.transaction():
                await connection.execute("DELETE FROM public.orders")
    assert await sold.link_roles() == []


async def test_the_link_is_closed_when_what_used_it_fails(sold):
    async def use_it():
        async with sold.links.open(sold.window):
            assert len(await sold.link_roles()) == 1
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        await use_it()
    assert await sold.link_roles() == []


async def test_sessions_of_a_link_are_ended_with_it(sold):
    async def use_it():
        async with sold.links.open(sold.window) as snapshot:
            async with sold.links.open(sold.window):
                pass
            assert await sold.drop.fetch("SELECT FROM pg_stat_activity WHERE usename = $1", sold.window.link_role) == []
            await snapshot.sums()

    with pytest.raises(SourceUnavailable):
        await use_it()


async def test_a_database_that_is_away_may_come_back(sold):
    away = Window(sold.window.environment_id, "dawn-serum", "postgresql://x:y@127.0.0.1:1/drop")
    with pytest.raises(SourceUnavailable):
        await sold.service().hand_back(away)
    assert (await sold.mall_holds())["orders"] == []


class TestNeverOpened:
    async def test_orders_forbid_it(self, sold):
        with pytest.raises(HasOrders, match="7 reservations, payments or orders"):
            await sold.service().never_opened(sold.window, reachable=True, must_look=False)
        assert (await sold.mall_holds())["receipts"] == []

    async def test_all_units_come_back(self, sold):
        sold.books.entries.clear()
        await sold.drop.execute("DELETE FROM drops")
        receipt = await sold.service().never_opened(sold.window, reachable=True, must_look=True)
        holds = await sold.mall_holds()
        assert holds["stock"] == [{"sku": SKU, "stock": 100}]
        assert receipt.kind is ReceiptKind.NEVER_OPENED
        assert receipt.claims["database_looked_at"] is True
        sold.verifier.check(receipt.token, sold.window.environment_id)
        again = await sold.service().never_opened(sold.window, reachable=True, must_look=True)
        assert again.token == receipt.token
        assert await sold.mall_holds() == holds

    async def test_an_empty_cluster_has_no_orders(self, sold, mall_database_url):
        sold.books.entries.clear()
        window = Window(sold.window.environment_id, "dawn-serum", mall_database_url.rpartition("/")[0] + "/postgres")
        receipt = await sold.service().never_opened(window, reachable=True, must_look=True)
        assert receipt.claims["database_looked_at"] is True

    async def test_what_cannot_be_reached_is_no_proof_once_the_room_may_have_opened(self, sold):
        sold.books.entries.clear()
        away = Window(sold.window.environment_id, "dawn-serum", "postgresql://x:y@127.0.0.1:1/drop")
        for reachable in (True, False):
            with pytest.raises(SourceUnavailable):
                await sold.service().never_opened(away, reachable=reachable, must_look=True)
        assert (await sold.mall_holds())["receipts"] == []
        receipt = await sold.service().never_opened(away, reachable=True, must_look=False)
        assert receipt.claims["database_looked_at"] is False
