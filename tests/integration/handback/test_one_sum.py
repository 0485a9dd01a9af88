"""What the mall has after a hand-back is what was counted less what was sold, however and whenever it was counted."""

from dataclasses import replace

import pytest

from marketday.catalog.editing import CatalogEditor
from marketday.catalog.model import ProductDraft, Status, Variant, VariantDraft
from marketday.catalog.postgres import PostgresProductStore
from marketday.catalog.service import CatalogService
from marketday.kit.ids import new_id
from marketday.testing.rows import PRICE_MINOR, mall_stock
from marketday.testing.sales import SKU

HANDLE = SKU.lower()
LENT = 20  # by the fixture, out of 100
HEADER = (
    "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Price"
)


def file(quantity, sku=SKU, tracker="shopify", size="30 ml", handle=HANDLE):
    return f"{HEADER}\n{handle},Dawn Serum,Size,{size},{sku},{tracker},{quantity},{PRICE_MINOR}\n".encode()


def catalog(mall):
    return CatalogService(PostgresProductStore(mall), new_id)


def editor(mall):
    return CatalogEditor(PostgresProductStore(mall), new_id)


async def by_file(mall, units):
    assert (await catalog(mall).import_file(file(units))).stored


async def by_hand(mall, units):
    await editor(mall).set_stock(SKU, units)


async def by_form(mall, units):
    await editor(mall).put_variant(HANDLE, VariantDraft(SKU, (("Size", "30 ml"),), PRICE_MINOR, "KRW", quantity=units))


async def sold_units(sold):
    return await sold.drop.fetchval("SELECT sum(sold)::integer FROM stock")


async def hand_back(sold):
    await sold.service().hand_back(sold.window)
    return (await mall_stock(sold.mall))[SKU]


COUNTED = [(by_file, units) for units in (48, 100, 20, 19, 9, 0)]
COUNTED += [(count, units) for count in (by_hand, by_form) for units in (48, 9)]


@pytest.mark.parametrize(("count", "units"), COUNTED)
async def test_units_counted_while_some_are_lent_include_those(sold, count, units):
    """Each way of counting, with more and with less than is lent; and what lies on the limits by one of them."""
    await count(sold.mall, units)
    product = await catalog(sold.mall).product(HANDLE)
    [variant] = product.variants
    assert (variant.units, variant.lent, variant.left) == (units, LENT, max(0, units - LENT))
    assert await hand_back(sold) == units - await sold_units(sold)
    assert await hand_back(sold) == units - await sold_units(sold)


@pytest.mark.parametrize("count", [by_file, by_hand, by_form])
async def test_units_counted_after_the_hand_back_are_what_there_is(sold, count):
    await hand_back(sold)
    await count(sold.mall, 48)
    assert (await mall_stock(sold.mall))[SKU] == 48


async def test_the_same_file_again_and_again_changes_nothing_at_any_moment(sold):
    await by_file(sold.mall, 48)
    for _ in range(2):
        assert (await catalog(sold.mall).import_file(file(48))).unchanged == 1
    left = await hand_back(sold)
    assert (await catalog(sold.mall).import_file(file(48))).unchanged == 1
    assert left == (await mall_stock(sold.mall))[SKU] == 48 - await sold_units(sold)
    await catalog(sold.mall).import_file(file(48), recount=True)
    assert (await mall_stock(sold.mall))[SKU] == 48


async def test_the_mall_sells_no_lent_unit(sold):
    await by_file(sold.mall, LENT - 1)
    item = (await catalog(sold.mall).items([SKU]))[SKU]
    assert (item.variant.left, item.variant.buyable) == (0, False)
    assert await hand_back(sold) == LENT - 1 - await sold_units(sold)


@pytest.mark.parametrize("what", ["archived", "unpublished", "removed", "retitled", "untracked", "price"])
async def test_units_come_back_whatever_becomes_of_the_product_meanwhile(sold, what):
    edits, imports = editor(sold.mall), catalog(sold.mall)
    product = await imports.product(HANDLE)
    if what == "archived":
        await edits.archive_product(HANDLE)
    elif what == "removed":
        await imports.import_file(file(7, sku="OTHER", size="50 ml"))
    elif what == "untracked":
        await imports.import_file(file("", tracker=""))
    elif what == "price":
        await sold.mall.execute("UPDATE variants SET price_minor = 1, currency = 'USD'")
    else:
        title = product.title_ko if what == "unpublished" else "Renamed"
        status = Status.DRAFT if what == "unpublished" else Status.ACTIVE
        await edits.edit_product(ProductDraft(HANDLE, title, title, (), status=status))
    assert await hand_back(sold) == 100 - await sold_units(sold)


async def test_a_lent_sku_is_not_renamed_before_it_is_back(sold):
    imports = catalog(sold.mall)
    report = await imports.import_file(file(48, sku="NEW-SKU"))
    assert (report.stored, report.skipped) == (False, 1)
    assert f"'NEW-SKU' was '{SKU}', of which {LENT} units are lent to a drop" in report.bad_rows[0].reason
    assert await hand_back(sold) == 100 - await sold_units(sold)
    assert (await imports.import_file(file(48, sku="NEW-SKU"))).stored


async def test_what_is_sold_without_limit_can_be_lent_and_comes_back_exactly(sold):
    await catalog(sold.mall).import_file(file("", tracker=""))
    item = (await catalog(sold.mall).items([SKU]))[SKU]
    assert (item.variant.left, item.variant.buyable) == (None, True)
    await hand_back(sold)
    await by_file(sold.mall, 48)
    assert (await mall_stock(sold.mall))[SKU] == 48


def test_a_variant_counts_what_it_has_and_what_it_lent():
    variant = Variant(SKU, (), 1, "KRW", stock=38, lent=10)
    assert variant.units == 48
    assert replace(variant, stock=-5).units == 5
