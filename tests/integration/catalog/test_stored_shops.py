"""A shop stored by an earlier version, before the present forms of names and amounts."""

import shutil

import pytest

from marketday.catalog.model import Status, Wish
from marketday.catalog.names import handle_of, sku_of
from marketday.catalog.postgres import PostgresProductStore
from marketday.catalog.service import CatalogService
from marketday.kit.database import connect, create_pool
from marketday.kit.files import sql_folder
from marketday.kit.ids import new_id
from marketday.kit.migrations import migrate

ACCOUNT = new_id()
SHOP = {  # handles, and the SKUs of their variants
    "cafe\u0301": ["Cafe\u0301", "Café"],
    "ＴＥＡ": ["ＡＢＣ－１", ".", "a/../b"],
    "tea": ["LENE\u0301", "plain"],
    "a b/c": ["x\u200b"],
}


@pytest.fixture
async def old(postgres_server, tmp_path):
    """A mall of the version before, with goods in it."""
    files = sorted(file for file in sql_folder("mall").glob("*.sql") if file.name < "0007")
    for file in files:
        shutil.copyfile(file, tmp_path / file.name)
    with postgres_server.clone("template1") as name:
        url = postgres_server.url(name)
        await migrate(url, tmp_path)
        connection = await connect(url)
        await fill(connection)
        await connection.close()
        yield url


async def fill(mall):
    await mall.execute(
        "INSERT INTO accounts (id, email, password_hash, name) VALUES ($1, 'a@b.example', '!', 'A')", ACCOUNT
    )
    environment = new_id()
    await mall.execute(
        "INSERT INTO environments (id, drop_slug, state, definition, schedule) VALUES ($1, 'dawn', 'open', '{}', '{}')",
        environment,
    )
    for handle, skus in SHOP.items():
        product = new_id()
        await mall.execute(
            "INSERT INTO products (id, handle, title_ko, title_en, tags) VALUES ($1, $2, $3, $2, $4)",
            product, handle, "Cafe\u0301 Ｓｅｒｕｍ", ["e\u0301"],
        )  # fmt: skip
        for place, sku in enumerate(skus, 1):
            await mall.execute(
                "INSERT INTO variants (sku, product_id, position, price_minor, currency, stock) "
                "VALUES ($1, $2, $3, 1300, $4, 5)",
                sku, product, place, "KRW" if sku == "plain" else "RSD",
            )  # fmt: skip
            await mall.execute("INSERT INTO cart_lines (account_id, sku, quantity) VALUES ($1, $2, 1)", ACCOUNT, sku)
    await mall.execute(
        "INSERT INTO allocations (environment_id, sku, quantity) VALUES ($1, $2, 3)", environment, "LENE\u0301"
    )


async def test_what_is_stored_gets_the_one_form_and_nothing_is_lost(old):
    assert "0007_shop.sql" in await migrate(old, sql_folder("mall"))
    async with await create_pool(old, max_size=2) as pool:
        catalog = CatalogService(PostgresProductStore(pool), new_id)
        products = (await catalog.listing(Wish(size=50, statuses=tuple(Status)))).products
        skus = [variant.sku for product in products for variant in product.variants]
        assert len(products) == len(SHOP)
        assert len(skus) == sum(map(len, SHOP.values()))
        assert {"ABC-1", "Café", "x", "plain", "LENE\u0301"} <= set(skus)
        assert all(sku_of(sku) == sku for sku in skus if sku != "LENE\u0301")
        assert all(handle_of(product.handle) == product.handle for product in products)
        assert {"café", "tea", "a-b-c"} <= {product.handle for product in products}
        assert {row["sku"] for row in await pool.fetch("SELECT sku FROM cart_lines")} == set(skus)
        assert (await catalog.listing(Wish(search="CAFÉ serum"))).total == len(SHOP)
        prices = {variant.sku: variant.price_minor for product in products for variant in product.variants}
        assert (prices["plain"], prices["Café"]) == (1300, 130_000)
        [lent] = [each for product in products for each in product.variants if each.lent]
        assert (lent.sku, lent.lent, lent.units) == ("LENE\u0301", 3, 8)
