"""From the last release to this version while people shop, back, and forward again; then the drop is handed back.

The old processes run from the kept wheel. Everybody who is told of an order must find it in the mall at the end. The
cases below break the new version as one could by mistake; the same way must then stop.
"""

import asyncio
import shutil
from contextlib import asynccontextmanager
from itertools import count, product
from pathlib import Path

import pytest
from release.keep import ENDED, MANY
from release.plane import opened_plane
from release.shop import SERVICES, Person

from marketday.accounts.postgres import seed_people
from marketday.environments.model import State
from marketday.kit.clock import SystemClock
from marketday.kit.database import make_pool
from marketday.kit.migrations import Half, migrate
from marketday.testing.drops import Shop as DropShop

pytestmark = pytest.mark.long
ROOT = Path(__file__).parents[2]
EXPAND, CONTRACT = Half.EXPAND, Half.CONTRACT
OLD, NEW, BOTH = ("old",), ("new",), ("old", "new")
ROUNDS = 2  # people of each kind in each part of the way


class Way:
    """One way from version to version: who comes, and what they are told."""

    def __init__(self, shop, people):
        self.shop, self.people = shop, iter(people)
        self.orders, self.mall_orders = [], []
        self.serving, self.refused = OLD, []

    async def visit(self, *versions):
        """Have people buy: each enters, reserves and pays at the versions of a row, in all combinations."""
        self.serving = versions
        for enters, reserves, pays in product(versions, repeat=3):
            person = next(self.people)
            await self.shop.enter(enters, person)
            reservation = await self.shop.reserve(reserves, person, MANY)
            self.orders.append(await self.shop.pay(pays, person, reservation))
        for version in versions * ROUNDS:
            await self.buy_in_the_mall(version, next(self.people))
        assert self.refused == []

    async def buy_in_the_mall(self, version, person):
        self.mall_orders.append(await self.shop.buy_in_the_mall(version, person, MANY))

    async def shop_all_the_time(self):
        """Buy in the mall again and again, also while tables change."""
        person = next(self.people)
        for turn in count():
            try:
                await self.buy_in_the_mall(self.serving[turn % len(self.serving)], person)
            except AssertionError as error:
                self.refused.append(str(error))
                return
            await asyncio.sleep(0.05)

    async def migrate(self, half):
        """Apply a half of the new version's migrations to both databases, as its Jobs do."""
        await self.shop.migrate("new", "migrate_mall", half.value)
        code = self.shop.code["new"]
        folder = next(each for each in (code / "sql/drop", code.parent / "sql/drop") if each.is_dir())
        await migrate(self.shop.servers.drop_owner, folder, (half,))


@asynccontextmanager
async def on_the_way(shop):
    """Yield the way of a shop, with one person who never stops buying."""
    async with make_pool(shop.servers.mall) as mall:
        way = Way(shop, [Person(token) for _, token in await seed_people(mall, 120, SystemClock().now())])
    await shop.start("old", *SERVICES)
    shopping = asyncio.create_task(way.shop_all_the_time())
    try:
        yield way
    finally:
        shopping.cancel()
        await asyncio.gather(shopping, return_exceptions=True)


async def upgrade_and_back(way, facts):
    """Go forward, back, and forward again."""
    shop = way.shop
    holder = Person("", facts["identity"], facts["admission_token"])
    await way.visit(*OLD)
    await way.migrate(EXPAND)
    await way.visit(*OLD)
    await shop.start("new", *SERVICES)
    # What a person reserved at the last release before the dump is paid at this version, with the tokens of then.
    way.orders.append(await shop.pay("new", holder, facts["held"]))
    await way.visit(*BOTH)
    await way.visit(*OLD)  # nobody is sent to the new one any more
    await shop.stop("new")
    await way.visit(*OLD)
    await shop.start("new", *SERVICES)
    await way.visit(*BOTH)
    await way.visit(*NEW)
    await shop.stop("old")
    await way.migrate(CONTRACT)
    await way.visit(*NEW)


async def hand_back(way, facts, drop):
    """Close the drop, hand it back, and compare with what people were told."""
    shop = way.shop
    async with opened_plane(shop.servers, shop.keys, shop.folder) as plane:
        environments = {one.drop_slug: one for one in await plane.store.all()}
        ended = environments.pop(ENDED)
        plane.receipts.check(ended.outputs["receipt"], ended.id)  # of before
        [environment] = environments.values()
        over = await plane.end(environment)
        assert over.state is State.DESTROYED
        plane.receipts.check(over.outputs["receipt"], over.id)
        sold = plane.receipts.read(over.outputs["receipt"]).claims["promotion"]["orders"]
    assert await DropShop(drop).broken_sums() == []
    told = {*way.orders, facts["order"]}
    in_drop = {str(row["id"]) for row in await drop.fetch("SELECT id FROM orders WHERE state = 'paid'")}
    assert in_drop == told
    async with make_pool(shop.servers.mall) as mall:
        paid = {str(row["id"]) for row in await mall.fetch("SELECT id FROM orders WHERE state = 'paid'")}
        lent = "SELECT quantity, returned FROM allocations WHERE environment_id = $1 AND sku = $2"
        units = await mall.fetchrow(lent, environment.id, MANY)
    assert told | {*way.mall_orders, facts["mall_order"]} <= paid
    assert sold == len(told) + 1  # and the one that was taken back
    assert units["quantity"] - units["returned"] == len(told)


async def test_people_shop_from_the_last_release_to_this_version_and_back(shop, kept, drop):
    async with on_the_way(shop) as way:
        await upgrade_and_back(way, kept.facts)
    assert len(way.orders) >= 2 * 8 + 5
    await hand_back(way, kept.facts, drop)


def changed(file, old, new):
    def change(folder):
        path = folder / "src/marketday" / file
        text = path.read_text("utf-8")
        assert text.count(old) == 1, file
        path.write_text(text.replace(old, new), "utf-8")

    return change


def migration(database, statement, half=""):
    def change(folder):
        (folder / "sql" / database / f"9001_careless{half}.sql").write_text(statement, "utf-8")

    return change


CARELESS = {
    "an expand that renames a column of the mall": (
        migration("mall", "ALTER TABLE orders RENAME COLUMN total_minor TO total"),
        r"old mall POST /v1/orders: 500",
    ),
    "an expand that renames a column of the drop": (
        migration("drop", "ALTER TABLE payments RENAME COLUMN reason TO why"),
        r"old store POST .*: 50",
    ),
    "an expand that allows less than before": (
        migration("mall", "ALTER TABLE orders ADD COLUMN channel text; "
                          "ALTER TABLE orders ADD CHECK (channel IS NOT NULL) NOT VALID"),
        r"old mall POST /v1/orders: 500",
    ),
    "admissions of another version": (
        changed("waitingroom/tokens.py", "_VERSION = 2", "_VERSION = 3"),
        r"new store POST .*: 40[13]",
    ),
    "a field of the room that only the new version writes": (
        changed("waitingroom/records.py", 'name_ko=fields["name_ko"]', 'name_ko=fields["title_ko"]'),
        '"status":500',
    ),
    "identities that only the new version knows": (
        changed("accounts/tokens.py", 'AUDIENCE = "marketday"', 'AUDIENCE = "marketday-2"'),
        r"store POST .*: 401",
    ),
    "a contract that removes what the new version still needs": (
        migration("mall", "ALTER TABLE orders DROP COLUMN total_minor", ".contract"),
        r"new mall POST /v1/orders: 500",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CARELESS)
async def test_a_careless_version_is_stopped_on_the_way(shop, kept, tmp_path, name):
    change, said = CARELESS[name]
    folder = tmp_path / "careless"
    shutil.copytree(ROOT / "src/marketday", folder / "src/marketday")
    shutil.copytree(ROOT / "sql", folder / "sql")
    change(folder)
    shop.code = {**shop.code, "new": folder / "src"}
    shop.patience_seconds = 20  # it will be stopped anyway, and some services answer 503 until then
    with pytest.raises(AssertionError, match=said):
        async with on_the_way(shop) as way:
            await upgrade_and_back(way, kept.facts)
