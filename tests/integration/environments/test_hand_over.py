import asyncio
import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from marketday.drops.definition import parse
from marketday.drops.errors import UnreadablePicture
from marketday.drops.postgres import handover
from marketday.environments.errors import RecordsUnavailable
from marketday.environments.model import Step, requested
from marketday.environments.plane.hand_over import MallHandOver
from marketday.environments.plane.reaching import drop_connection, rooms
from marketday.environments.ports import Access
from marketday.environments.postgres.store import PostgresEnvironments
from marketday.kit.database import create_pool
from marketday.kit.ids import new_id
from marketday.testing.definitions import DAWN_SERUM, dawn_serum
from marketday.testing.environments import FilePlane
from marketday.testing.rows import PRICE_MINOR, add_product, mall_stock
from marketday.testing.sales import item_of
from marketday.waitingroom.errors import UnknownDrop

SKU = "DAWN-SERUM-30"


@pytest.fixture
async def mall(mall_database_url):
    pool = await create_pool(mall_database_url, max_size=8)
    yield pool
    await pool.close()


@pytest.fixture
def access(drop_database_url, valkey_url):
    return Access(drop_database_url, valkey_url, "http://127.0.0.1:1", "event.localhost")


async def _environment(mall, definition=None):
    definition = definition or dawn_serum()
    environment = requested(new_id(), definition, definition.schedule())
    await PostgresEnvironments(mall).add(environment)
    return environment


@pytest.fixture(params=["files", "servers"])
async def giving(request, mall, access, tmp_path):
    """Every hand-over, with an environment and the way to its servers: the tests' own writes files."""
    await add_product(mall, SKU)
    environment = await _environment(mall)
    if request.param == "servers":
        return MallHandOver(mall, tmp_path), environment, access
    plane = FilePlane(tmp_path)
    await plane.apply(environment)
    return plane, environment, await plane.access(environment)


async def test_a_hand_over_can_be_repeated_as_can_the_rooms_opening_and_closing(giving):
    hand_over, environment, access = giving
    done = await hand_over.hand_over(environment, access)
    assert done.detail.startswith("400 units")
    assert await hand_over.hand_over(environment, access) == done
    assert bytes.fromhex(done.outputs["commitment"])
    handed_over = environment.having_done(Step.HAND_OVER, done.outputs, environment.schedule.build_at)
    opens_at = environment.schedule.opens_at
    await hand_over.close_room(handed_over, access, opens_at)  # none is published yet
    for _ in range(2):
        await hand_over.publish(handed_over, access)
    for _ in range(2):
        await hand_over.close_room(handed_over, access, opens_at)


async def _everything(access):
    async with drop_connection(access) as drop:
        tables = ("drops", "items", "stock", "draws")
        return {table: [dict(row) for row in await drop.fetch(f"SELECT * FROM public.{table}")] for table in tables}


async def test_the_drop_gets_goods_facts_and_a_seed(mall, access, tmp_path):
    (tmp_path / "serum.svg").write_text("<svg/>")
    await add_product(mall, SKU, picture="media/serum.svg")
    environment = await _environment(mall)
    hand_over = MallHandOver(mall, tmp_path)
    done = await hand_over.hand_over(environment, access)
    assert await mall_stock(mall) == {SKU: 600}
    written = await _everything(access)
    [item] = written["items"]
    assert (item["title_ko"], item["title_en"]) == ("새벽 세럼 (30 ml)", "Dawn Serum (30 ml)")
    assert (item["price_minor"], item["currency"], item["limit_per_person"]) == (PRICE_MINOR, "KRW", 2)
    assert item["image"].startswith("data:image/svg+xml;base64,")
    assert written["stock"][0]["total"] == 400
    assert written["drops"][0]["rates"]["inside"] == 120
    [draw] = written["draws"]
    assert done.outputs["commitment"] == hashlib.sha256(draw["seed"]).hexdigest()
    async with rooms(access) as room:
        with pytest.raises(UnknownDrop):  # until it is known to sell
            await room.facts("dawn-serum")
        handed_over = environment.having_done(Step.HAND_OVER, done.outputs, environment.schedule.build_at)
        await hand_over.publish(handed_over, access)
        facts = await room.facts("dawn-serum")
    assert facts.commitment == draw["commitment"]
    assert facts.room_opens_at == environment.schedule.opens_at - timedelta(minutes=30)


async def test_a_picture_by_url_comes_along_and_one_that_does_not_come_fails_nothing(mall, access, tmp_path):
    async def fetch(sources):
        return {source: "data:image/png;base64,AAAA" for source in sources if "good" in source}

    more = '\n[[drop.products]]\nsku = "DAWN-MASK"\nstock = 9\nlimit_per_person = 1\n'
    await add_product(mall, SKU, picture="https://example.com/good.png")
    await add_product(mall, "DAWN-MASK", picture="https://example.com/away.png")
    environment = await _environment(mall, parse(DAWN_SERUM + more))
    await MallHandOver(mall, tmp_path, fetch).hand_over(environment, access)
    items = (await _everything(access))["items"]
    assert {item["sku"]: item["image"] for item in items} == {SKU: "data:image/png;base64,AAAA", "DAWN-MASK": ""}


async def test_a_picture_that_the_store_cannot_show_is_refused_before_anything_is_lent(mall, access, tmp_path):
    async def fetch(sources):
        return dict.fromkeys(sources, "data:text/html;base64,PGI+")

    await add_product(mall, SKU, picture="https://example.com/page.html")
    environment = await _environment(mall)
    with pytest.raises(UnreadablePicture, match=f"picture of {SKU}: data:text/html.*expected data:"):
        await MallHandOver(mall, tmp_path, fetch).hand_over(environment, access)
    assert await mall_stock(mall) == {SKU: 1000}
    assert (await _everything(access))["items"] == []


async def test_what_is_sold_without_limit_can_be_lent(mall):
    await add_product(mall, SKU, stock=3)
    await mall.execute("UPDATE variants SET unlimited = true")
    environment = await _environment(mall)
    await handover.lend(mall, environment.id, [item_of(400)])
    assert await mall_stock(mall) == {SKU: -397}


async def test_a_second_hand_over_changes_nothing(mall, access, tmp_path):
    await add_product(mall, SKU)
    environment = await _environment(mall)
    hand_over = MallHandOver(mall, tmp_path)
    first = await hand_over.hand_over(environment, access)
    before = await _everything(access)
    await mall.execute("UPDATE variants SET price_minor = 1")
    assert await hand_over.hand_over(environment, access) == first
    assert await _everything(access) == before
    assert await mall_stock(mall) == {SKU: 600}


async def test_too_little_is_named_and_nothing_is_taken(mall, access, tmp_path):
    more = '\n[[drop.products]]\nsku = "DAWN-MASK"\nstock = 9\nlimit_per_person = 1\n'
    definition = parse(DAWN_SERUM + more)
    await add_product(mall, SKU, stock=399)
    await add_product(mall, "DAWN-MASK", stock=10)
    environment = await _environment(mall, definition)
    with pytest.raises(handover.TooLittleStock, match="DAWN-SERUM-30: has 399, needs 400"):
        await MallHandOver(mall, tmp_path).hand_over(environment, access)
    assert await mall_stock(mall) == {"DAWN-MASK": 10, SKU: 399}
    assert await mall.fetch("SELECT * FROM allocations") == []


async def test_what_the_mall_does_not_have_is_named(mall, access, tmp_path):
    environment = await _environment(mall)
    with pytest.raises(handover.NotInTheMall, match=SKU):
        await MallHandOver(mall, tmp_path).hand_over(environment, access)


async def test_lending_twice_at_once_takes_the_units_once(mall):
    await add_product(mall, SKU, stock=1000)
    environment = await _environment(mall)
    await asyncio.gather(*(handover.lend(mall, environment.id, [item_of(400)]) for _ in range(6)))
    assert await mall_stock(mall) == {SKU: 600}
    with pytest.raises(handover.LentOtherwise):
        await handover.lend(mall, environment.id, [item_of(401)])


async def test_a_mall_that_sells_meanwhile_is_never_short(mall):
    await add_product(mall, SKU, stock=450)
    environment = await _environment(mall)

    async def sell():
        await mall.execute("UPDATE variants SET stock = stock - 5 WHERE sku = $1 AND stock >= 5", SKU)

    await asyncio.gather(handover.lend(mall, environment.id, [item_of(400)]), *(sell() for _ in range(10)))
    assert await mall_stock(mall) == {SKU: 0}


async def test_a_database_that_is_away_may_come_back(mall, access, tmp_path):
    await add_product(mall, SKU)
    environment = await _environment(mall)
    away = Access("postgresql://nobody@127.0.0.1:1/drop", access.valkey_url, access.address, access.host)
    with pytest.raises(RecordsUnavailable):
        await MallHandOver(mall, tmp_path).hand_over(environment, away)
    await MallHandOver(mall, tmp_path).hand_over(environment, access)
    assert await mall_stock(mall) == {SKU: 600}


async def _lend(mall, environment, units):
    await handover.lend(mall, environment.id, await handover.read_items(mall, [(SKU, units, 2)], Path("media")))


async def test_what_a_drop_can_have_counts_what_it_has_and_tells_what_others_have(mall):
    await add_product(mall, SKU, stock=900)
    mine, definition = await _environment(mall), dawn_serum()
    other = await _environment(mall, definition.model_copy(update={"slug": "other-drop"}))
    await _lend(mall, mine, 400)
    await _lend(mall, other, 300)
    [good] = (await handover.read_goods(mall, [SKU, "NO-SUCH"], "dawn-serum")).values()
    assert (good.sku, good.stock, good.lent) == (SKU, 600, {"other-drop": 300})
    assert (good.price_minor, good.currency, good.status) == (PRICE_MINOR, "KRW", "active")
    await mall.execute("UPDATE variants SET archived = true")
    assert (await handover.read_goods(mall, [SKU], "third-drop"))[SKU].status == "archived"


ENDS = {
    "last year": [("2026-12-10T20", "2099-12-31T22"), ("2026-12-10T21:00:00", "2099-12-31T23:59:59")],
    "first year": [("2026-12-10", "2000-01-01")],
    "an instant": [("2026-12-10T21:00:00", "2026-12-10T20:00:00.000001")],
    "a month": [("2026-12-10T21", "2027-01-10T20")],
    "longest names": [("dawn-serum", "a-" * 19 + "ab"), ("Dawn Serum", "눈🌨️" * 66)],
    "slowest": [
        ("admissions_per_second = 20", "admissions_per_second = 0.01"),
        ("hold_seconds = 300", "hold_seconds = 3600"),
    ],
}


@pytest.mark.parametrize("end", ENDS)
async def test_what_a_check_accepts_at_its_ends_is_handed_over_and_published(mall, access, tmp_path, end):
    text = DAWN_SERUM
    for old, new in ENDS[end]:
        assert old in text
        text = text.replace(old, new)
    await add_product(mall, SKU)
    definition = parse(text)
    environment = await _environment(mall, definition)
    hand_over = MallHandOver(mall, tmp_path)
    done = await hand_over.hand_over(environment, access)
    handed_over = environment.having_done(Step.HAND_OVER, done.outputs, environment.schedule.build_at)
    await hand_over.publish(handed_over, access)
    await hand_over.close_room(handed_over, access, environment.schedule.opens_at)
    async with rooms(access) as room:
        facts = await room.facts(definition.slug)
    assert facts.opens_at < facts.closes_at <= environment.schedule.opens_at
