"""Faults put in by hand: each is found and named, and nothing of a wrong drop enters the mall."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from marketday.handback.copy import DirectCopier
from marketday.handback.errors import CopyDiffers, EquationsBroken, PromotionDiffers
from marketday.handback.postgres.stage import PostgresStage
from marketday.handback.postgres.staging import PostgresStaging, staged
from marketday.handback.tables import TABLES
from marketday.testing.rows import PRICE_MINOR, add_accounts
from marketday.testing.sales import SKU

CHANGED = "UPDATE {schema}.orders SET total_minor = total_minor - 1"
MISSING = "DELETE FROM {schema}.entries WHERE index = 3"
EXTRA = "INSERT INTO {schema}.allowances VALUES ('dawn-serum', 'NO-SUCH', gen_random_uuid(), 1, 2)"
DISTURBANCES = {"changed": CHANGED, "missing": MISSING, "extra": EXTRA}


class DisturbedStaging(PostgresStaging):
    """Staging in which something goes wrong after a copy, as often as asked."""

    def __init__(self, sold, statement, times):
        super().__init__(sold.mall, sold.mall_url)
        self._statement, self.times = statement, times

    @asynccontextmanager
    async def open(self, window):
        async with super().open(window) as stage:
            real = stage.copy_in

            async def copy_in(table, source):
                await real(table, source)
                if table.name == TABLES[-1].name and self.times:
                    self.times -= 1
                    await self._mall.execute(self._statement.format(schema=window.staging))

            stage.copy_in = copy_in
            yield stage


@pytest.mark.parametrize("kind", DISTURBANCES)
async def test_a_disturbed_copy_is_repaired_by_copying_again(sold, kind):
    sold.staging = DisturbedStaging(sold, DISTURBANCES[kind], times=1)
    receipt = await sold.service().hand_back(sold.window)
    assert sold.staging.times == 0
    assert receipt.claims["promotion"]["orders"] == 7


@pytest.mark.parametrize("kind", DISTURBANCES)
async def test_a_copy_that_stays_wrong_stops_the_day_and_names_the_row(sold, kind):
    sold.staging = DisturbedStaging(sold, DISTURBANCES[kind], times=2)
    before = await sold.mall_holds()
    with pytest.raises(CopyDiffers, match=kind):
        await sold.service().hand_back(sold.window)
    assert await sold.mall_holds() == before
    assert await sold.link_roles() == []


ONE_ORDER = "(SELECT min(id::text)::uuid FROM orders)"
ONE_PERSON = f"(SELECT person_id FROM orders WHERE id = {ONE_ORDER})"
FAULTS = {
    "oversold": ("UPDATE stock SET sold = 21", "stock_is_sold_and_left"),
    "sold without an order": ("UPDATE stock SET sold = sold + 1", "stock_is_sold_and_left"),
    "more stock than was lent": ("UPDATE stock SET total = 21", "stock_is_sold_and_left"),
    "still reserved": ("UPDATE stock SET reserved = 1", "stock_is_sold_and_left"),
    "payment missing": (f"DELETE FROM payments WHERE order_id = {ONE_ORDER}", "orders_are_paid_exactly"),
    "payment too small": (
        f"UPDATE payments SET amount_minor = amount_minor - 1 WHERE order_id = {ONE_ORDER}",
        "orders_are_paid_exactly",
    ),
    "payment in another currency": (
        f"UPDATE payments SET currency = 'USD' WHERE order_id = {ONE_ORDER}",
        "orders_are_paid_exactly",
    ),
    "payment not captured": (
        f"UPDATE payments SET state = 'authorised' WHERE order_id = {ONE_ORDER}",
        "payments_are_settled",
    ),
    "line of another amount": (
        f"UPDATE order_lines SET unit_price_minor = 1 WHERE order_id = {ONE_ORDER}",
        "orders_are_paid_exactly",
    ),
    "a price that was never handed over": (
        "UPDATE items SET price_minor = price_minor + 1",
        "items_are_those_lent",
    ),
    "order without a line": (f"DELETE FROM order_lines WHERE order_id = {ONE_ORDER}", "there_are_no_orphans"),
    "buyer without an account": (
        f"UPDATE orders SET person_id = gen_random_uuid() WHERE id = {ONE_ORDER}",
        "there_are_no_orphans",
    ),
    "reservation held": (
        "UPDATE reservations SET state = 'held' WHERE state = 'released'",
        "reservations_are_settled",
    ),
    "confirmed without an order": (
        "UPDATE reservations SET state = 'confirmed' WHERE state = 'released'",
        "reservations_are_settled",
    ),
    "over the limit": (
        f"UPDATE orders SET person_id = {ONE_PERSON} WHERE id IN (SELECT id FROM orders ORDER BY id LIMIT 3)",
        "nobody_is_over_the_limit",
    ),
    "allowance that no order explains": ("UPDATE allowances SET taken = 2", "nobody_is_over_the_limit"),
    "another seed": (
        "UPDATE draws SET seed = sha256('x'), commitment = sha256(sha256('x'))",
        "the_draw_is_the_promised_one",
    ),
    "no draw": ("DELETE FROM draws", "the_draw_is_the_promised_one"),
    "index shared": (
        "UPDATE entries SET index = 0",
        "entries_have_one_place_each",
    ),
}


async def test_every_contradiction_of_a_drop_is_found(sold):
    async with sold.links.open(sold.window) as snapshot, sold.staging.open(sold.window) as stage:
        for fault, (statement, equation) in FAULTS.items():
            await DirectCopier().start(sold.window, snapshot, stage, again=False)
            await sold.evidence().gather(sold.window, stage)
            assert not any((await stage.problems()).values())
            async with staged(sold.mall, sold.window) as connection:
                await connection.execute(statement)
            assert (await stage.problems())[equation], fault


async def test_a_drop_that_contradicts_itself_stops_the_day(sold):
    before = await sold.mall_holds()
    await sold.drop.execute(f"DELETE FROM payments WHERE order_id = {ONE_ORDER}")
    with pytest.raises(EquationsBroken, match="orders_are_paid_exactly"):
        await sold.service().hand_back(sold.window)
    assert await sold.mall_holds() == before


async def test_a_drop_that_was_mended_by_hand_is_handed_back(sold):
    await sold.drop.execute("UPDATE stock SET sold = sold + 1")
    with pytest.raises(EquationsBroken, match=f"{SKU}: lent 20, stock 20, sold 8, reserved 0, ordered 7"):
        await sold.service().hand_back(sold.window)
    await sold.drop.execute("UPDATE stock SET sold = sold - 1")
    assert (await sold.service().hand_back(sold.window)).claims["promotion"]["units_sold"] == 7


async def test_what_the_mall_holds_otherwise_is_not_written_over(sold):
    [person] = await add_accounts(sold.mall, 1)
    order = await sold.drop.fetchval("SELECT id FROM orders ORDER BY id LIMIT 1")
    await sold.mall.execute(
        "INSERT INTO orders (id, account_id, origin, environment_id, state, currency, total_minor) "
        "VALUES ($1, $2, 'dawn-serum', $3, 'paid', 'KRW', $4)",
        *(order, person, sold.window.environment_id, PRICE_MINOR),
    )
    before = await sold.mall_holds()
    with pytest.raises(PromotionDiffers, match=str(order)):
        await sold.service().hand_back(sold.window)
    assert await sold.mall_holds() == before


async def test_a_variant_that_is_gone_is_named(sold):
    await sold.mall.execute("DELETE FROM products")
    with pytest.raises(PromotionDiffers, match=SKU):
        await sold.service().hand_back(sold.window)
    assert (await sold.mall_holds())["orders"] == []


async def test_promoting_twice_at_once_promotes_once(sold):
    receipts = await asyncio.gather(
        *(sold.promotions.promote(sold.window) for _ in range(4)) if await _staged(sold) else []
    )
    assert len({(one.orders, one.units_returned) for one in receipts}) == 1
    holds = await sold.mall_holds()
    assert len(holds["orders"]) == 7
    assert holds["stock"] == [{"sku": SKU, "stock": 93}]


async def _staged(sold):
    await sold.service()._bringing.bring(sold.window)
    return True


class Killed(BaseException):
    """What a killed process feels."""


STAGES = ["prepare", "copy_in", "digests", "sums", "problems", "promote", "put"]


async def test_killed_before_and_after_every_stage_it_goes_on(sold, monkeypatch):
    for stage in STAGES:
        for when in ("before", "after"):
            with monkeypatch.context() as patch:
                _die_at(sold, stage, when, patch)
                with pytest.raises(Killed):
                    await sold.service().hand_back(sold.window)
            assert await sold.link_roles() == [], (stage, when)
    receipt = await sold.service().hand_back(sold.window)
    holds = await sold.mall_holds()
    assert len(holds["orders"]) == len(holds["lines"]) == len(holds["payments"]) == 7
    assert holds["stock"] == [{"sku": SKU, "stock": 93}]
    assert len(holds["receipts"]) == 1
    assert receipt.claims["promotion"]["units_returned"] == 13
    assert [file.suffix for file in sold.folder.iterdir()] == [".json"]


def _die_at(sold, stage, when, patch):
    part = next(one for one in (PostgresStage, sold.promotions, sold.receipts) if hasattr(one, stage))
    real = getattr(part, stage)

    async def dying(*arguments):
        if when == "after":
            await real(*arguments)
        raise Killed

    async def dying_stream(*arguments):
        if when == "after":
            async for row in real(*arguments):
                yield row
        raise Killed

    patch.setattr(part, stage, dying_stream if stage == "digests" else dying)
