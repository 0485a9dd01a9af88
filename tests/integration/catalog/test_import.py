"""Importing into a real database: all or nothing, and no change the second time."""

import asyncio
from pathlib import Path

import pytest

from marketday.catalog.model import Status, Wish
from marketday.kit.files import examples_folder

HEADER = (
    "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,"
    "Variant SKU,Variant Inventory Qty,Variant Price,Image Src"
)
SHIRT = (
    "shirt,Shirt,<p onclick='x()'>Soft<script>x()</script></p>,demo,Tops,men,true,Title,Default Title,,{quantity},50,"
)
TOP = """top,Top,"<p>Two
lines</p>",demo,Tops,women,true,Size,Small,TOP-S,1,60,https://example.com/top.jpg
top,,,,,,,,Medium,TOP-M,2,65,"""
BAD = "bag,Bag,,demo,Bags,,true,Title,Default Title,,few,80,"


def export(*products: str, quantity: int = 3) -> bytes:
    return "\n".join([HEADER, *products]).format(quantity=quantity).encode()


def counts(report):
    return report.created, report.updated, report.unchanged, report.skipped


async def stock(catalog, sku):
    return (await catalog.items([sku]))[sku].variant.stock


async def test_an_import_can_be_read_back(catalog):
    report = await catalog.import_file(export(SHIRT, TOP), currency="USD")
    assert counts(report) == (2, 0, 0, 0)
    top = await catalog.product("top")
    assert [(each.sku, each.options, each.price_minor, each.stock) for each in top.variants] == [
        ("TOP-S", (("Size", "Small"),), 6000, 1),
        ("TOP-M", (("Size", "Medium"),), 6500, 2),
    ]
    assert [image.source for image in top.images] == ["https://example.com/top.jpg"]
    assert (top.category.slug, top.tags, top.status) == ("tops", ("women",), Status.ACTIVE)
    assert (await catalog.product("shirt")).body_html == "<p>Soft</p>"
    assert [(shelf.category.slug, shelf.products) for shelf in await catalog.shelves()] == [("tops", 2)]


async def test_importing_again_changes_nothing_even_after_sales(catalog, pool):
    await catalog.import_file(export(SHIRT, TOP))
    await pool.execute("UPDATE variants SET stock = stock - 1 WHERE sku = 'TOP-M'")
    before = await pool.fetch("SELECT * FROM products ORDER BY handle")
    assert counts(await catalog.import_file(export(SHIRT, TOP))) == (0, 0, 2, 0)
    assert await stock(catalog, "TOP-M") == 1
    assert await pool.fetch("SELECT * FROM products ORDER BY handle") == before


async def test_a_quantity_counted_anew_is_taken(catalog, pool):
    await catalog.import_file(export(SHIRT, quantity=3))
    await pool.execute("UPDATE variants SET stock = 1 WHERE sku = 'SHIRT'")
    assert counts(await catalog.import_file(export(SHIRT, quantity=9))) == (0, 1, 0, 0)
    assert await stock(catalog, "SHIRT") == 9


async def test_a_changed_title_leaves_the_stock_alone(catalog, pool):
    await catalog.import_file(export(SHIRT))
    await pool.execute("UPDATE variants SET stock = 1 WHERE sku = 'SHIRT'")
    assert counts(await catalog.import_file(export(SHIRT.replace("Shirt", "Fine shirt")))) == (0, 1, 0, 0)
    assert (await catalog.product("shirt")).title_ko == "Fine shirt"
    assert await stock(catalog, "SHIRT") == 1


async def test_a_variant_that_is_no_longer_in_the_file_is_archived_and_comes_back(catalog):
    await catalog.import_file(export(TOP))
    await catalog.import_file(export(TOP.splitlines()[0] + "\n" + TOP.splitlines()[1]))
    assert [each.sku for each in (await catalog.product("top")).offered] == ["TOP-S"]
    await catalog.import_file(export(TOP))
    assert [each.sku for each in (await catalog.product("top")).offered] == ["TOP-S", "TOP-M"]


async def test_variants_can_change_places(catalog):
    await catalog.import_file(export(TOP))
    swapped = TOP.replace("Small,TOP-S", "x").replace("Medium,TOP-M", "Small,TOP-S").replace("x", "Medium,TOP-M", 1)
    await catalog.import_file(export(swapped))
    assert [each.sku for each in (await catalog.product("top")).offered] == ["TOP-M", "TOP-S"]


async def test_one_bad_row_refuses_everything(catalog, pool):
    report = await catalog.import_file(export(SHIRT, BAD))
    assert not report.stored
    assert [(row.line, row.column) for row in report.bad_rows] == [(3, "Variant Inventory Qty")]
    assert await pool.fetchval("SELECT count(*) FROM products") == 0


async def test_with_skip_invalid_the_good_products_come_in(catalog):
    report = await catalog.import_file(export(SHIRT, BAD, TOP), skip_invalid=True)
    assert (counts(report), report.stored) == ((2, 0, 0, 1), True)
    assert counts(await catalog.import_file(export(SHIRT, BAD, TOP), skip_invalid=True)) == (0, 0, 2, 1)


async def test_a_dry_run_counts_and_stores_nothing(catalog, pool):
    report = await catalog.import_file(export(SHIRT, TOP), dry_run=True)
    assert (counts(report), report.stored) == ((2, 0, 0, 0), False)
    assert await pool.fetchval("SELECT count(*) FROM products") == 0


async def test_a_sku_of_another_product_stays_with_it_and_nothing_is_lost(catalog):
    await catalog.import_file(export(TOP))
    shirt = SHIRT.replace("Default Title,,", "Default Title,TOP-S,")
    report = await catalog.import_file(export(shirt))
    [warning] = report.warnings
    assert (warning.line, warning.column) == (2, "Variant SKU")
    assert "'TOP-S' is already the SKU of the product 'top'; 'SHIRT' is used instead" in warning.reason
    assert (counts(report), report.bad_rows) == ((1, 0, 0, 0), ())
    assert [each.sku for each in (await catalog.product("shirt")).offered] == ["SHIRT"]
    assert counts(await catalog.import_file(export(shirt, TOP))) == (0, 0, 2, 0)


async def test_the_summary_says_how_many_products_have_no_stock_and_how_many_no_limit(catalog):
    header = "Handle,Title,Variant Price,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy\n"
    rows = (
        "a,A,1,shopify,,deny",
        "b,B,1,shopify,0,deny",
        "c,C,1,,,deny",
        "d,D,1,shopify,-2,continue",
        "e,E,1,shopify,3,",
    )
    data = (header + "\n".join(rows)).encode()
    for _ in range(2):
        report = await catalog.import_file(data)
        assert (report.without_stock, report.unlimited, len(report.warnings)) == (2, 2, 1)
    page = await catalog.listing(Wish(size=9))
    assert {each.handle: each.in_stock for each in page.products} == {
        "a": False, "b": False, "c": True, "d": True, "e": True,
    }  # fmt: skip


async def test_a_recount_takes_every_quantity_also_one_that_was_found_before(catalog, pool):
    await catalog.import_file(export(SHIRT, quantity=9))
    await pool.execute("UPDATE variants SET stock = 2 WHERE sku = 'SHIRT'")
    assert counts(await catalog.import_file(export(SHIRT, quantity=9), recount=True)) == (0, 1, 0, 0)
    assert await stock(catalog, "SHIRT") == 9


@pytest.mark.parametrize("sign", ["\u00e9", "e\u0301", "E\u0301", "\uff45\u0301"])
async def test_a_search_finds_a_word_however_it_is_typed(catalog, sign):
    await catalog.import_file(export(SHIRT.replace("Shirt", "Cafe\u0301 Ｓｏｆｔ")))
    for search in (f"caf{sign}", f"ｓｏｆｔ CAF{sign}", "SOFT", "shirt"):
        assert (await catalog.listing(Wish(search=search))).total == 1, search


async def test_two_imports_at_once_do_the_work_once(catalog, pool):
    reports = await asyncio.gather(*(catalog.import_file(export(SHIRT, TOP)) for _ in range(4)))
    assert sorted(counts(report) for report in reports) == [(0, 0, 2, 0)] * 3 + [(2, 0, 0, 0)]
    assert await pool.fetchval("SELECT count(*) FROM variants") == 3


async def test_the_example_catalogue_comes_in_whole_and_twice(catalog):
    data = (examples_folder() / "catalog.csv").read_bytes()
    first = await catalog.import_file(data)
    assert (first.bad_rows, first.stored) == ((), True)
    assert first.created >= 40
    second = await catalog.import_file(data)
    assert counts(second) == (0, 0, first.created, 0)
    page = await catalog.listing(Wish(size=100))
    for product in page.products:
        assert product.images, product.handle
        for image in product.images:
            assert (examples_folder() / image.source).is_file(), image.source


async def test_a_real_export_comes_in(catalog):
    file = Path(__file__).parents[4] / "shared" / "data" / "apparel.csv"
    if not file.is_file():
        pytest.skip(f"no {file.name} beside the checkout")
    assert (await catalog.import_file(file.read_bytes(), currency="USD")).created == 20
