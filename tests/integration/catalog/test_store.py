"""Listings, search and single edits in a real database."""

import pytest

from marketday.catalog.errors import (
    HandleTaken,
    InvalidProduct,
    SkuTaken,
    UnknownCategory,
    UnknownProduct,
    UnknownVariant,
)
from marketday.catalog.model import Category, ProductDraft, Sort, Status, VariantDraft, Wish

SKINCARE = Category("skincare", "스킨케어", "Skincare")
HAIR = Category("hair", "헤어", "Hair")


def draft(handle, price=1000, category=SKINCARE, **more):
    values = {"title_ko": f"{handle} 토너", "title_en": f"{handle} toner", "vendor": "Moonrise", **more}
    variants = values.pop("variants", (VariantDraft(f"{handle.upper()}-1", (), price, "KRW", quantity=5),))
    return ProductDraft(handle, variants=variants, category=category, **values)


def handles(page):
    return [product.handle for product in page.products]


async def test_listing_by_category_pages_and_order(editor, catalog):
    for number, price in enumerate([300, 100, 200]):
        await editor.add_product(draft(f"p{number}", price))
    await editor.add_product(draft("brush", 50, HAIR))
    assert handles(await catalog.listing(Wish())) == ["brush", "p2", "p1", "p0"]
    assert handles(await catalog.listing(Wish(category="skincare", sort=Sort.PRICE))) == ["p1", "p2", "p0"]
    page = await catalog.listing(Wish(category="skincare", sort=Sort.PRICE_DOWN, page=2, size=2))
    assert (handles(page), page.total, page.last) == (["p1"], 3, 2)
    behind = await catalog.listing(Wish(category="skincare", page=9, size=2))
    assert (handles(behind), behind.total) == ([], 3)
    assert (await catalog.listing(Wish(category="nothing"))).total == 0


async def test_search_wants_all_words_anywhere_and_takes_signs_literally(editor, catalog):
    await editor.add_product(draft("dawn", title_ko="새벽 세럼", title_en="Dawn Serum 100%", tags=("비타민",)))
    await editor.add_product(draft("dusk", title_ko="노을 세럼", title_en="Dusk_Serum"))
    for search, found in [
        ("세럼", ["dusk", "dawn"]),
        ("세럼 새벽", ["dawn"]),
        ("SERUM moonrise", ["dusk", "dawn"]),
        ("비타민", ["dawn"]),
        ("스킨케어 dusk", ["dusk"]),
        ("%", ["dawn"]),
        ("_", ["dusk"]),
        ("\\", []),
        ("' OR 1=1 --", []),
        ("nothing", []),
    ]:
        assert handles(await catalog.listing(Wish(search=search))) == found, search


async def test_drafts_and_archived_products_are_for_admins(editor, catalog):
    await editor.add_product(draft("hidden", status=Status.DRAFT))
    await editor.add_product(draft("old"))
    await editor.archive_product("old")
    assert handles(await catalog.listing(Wish())) == []
    assert handles(await catalog.listing(Wish(statuses=tuple(Status)))) == ["old", "hidden"]
    with pytest.raises(UnknownProduct):
        await catalog.product("old")
    assert (await catalog.product("old", statuses=tuple(Status))).status is Status.ARCHIVED
    assert not (await catalog.items(["OLD-1"]))["OLD-1"].on_sale


async def test_edit_keeps_id_variants_and_stock(editor, catalog):
    added = await editor.add_product(draft("dawn"))
    await editor.edit_product(draft("dawn", title_ko="새 이름", body_html="<b>x</b><script>y</script>", variants=()))
    edited = await catalog.product("dawn")
    assert (edited.id, edited.title_ko, edited.body_html) == (added.id, "새 이름", "<b>x</b>")
    assert edited.variants == added.variants


async def test_variants_are_added_changed_and_archived(editor, catalog):
    await editor.add_product(draft("dawn"))
    await editor.put_variant("dawn", VariantDraft("DAWN-2", (("Size", "50 ml"),), 2000, "KRW", quantity=3))
    await editor.put_variant("dawn", VariantDraft("DAWN-1", (("Size", "30 ml"),), 1500, "KRW"))
    await editor.set_stock("DAWN-2", 0)
    product = await catalog.product("dawn")
    assert [(each.sku, each.price_minor, each.stock) for each in product.variants] == [
        ("DAWN-1", 1500, 5),
        ("DAWN-2", 2000, 0),
    ]
    await editor.archive_variant("DAWN-1")
    product = await catalog.product("dawn")
    assert ([each.sku for each in product.offered], product.in_stock) == (["DAWN-2"], False)


async def test_items_say_what_a_cart_shows(editor, catalog):
    await editor.add_product(draft("dawn"))
    items = await catalog.items(["DAWN-1", "nothing"])
    assert list(items) == ["DAWN-1"]
    assert (items["DAWN-1"].title_en, items["DAWN-1"].on_sale) == ("dawn toner", True)


async def test_mistakes_are_named_and_change_nothing(editor, catalog):
    await editor.add_product(draft("dawn"))
    with pytest.raises(HandleTaken, match="'dawn'"):
        await editor.add_product(draft("dawn", title_ko="x"))
    with pytest.raises(SkuTaken, match="'DAWN-1'"):
        await editor.add_product(draft("dusk", variants=(VariantDraft("DAWN-1", (), 1, "KRW"),)))
    with pytest.raises(InvalidProduct, match="title_ko"):
        await editor.add_product(draft("dusk", title_ko=" "))
    with pytest.raises(InvalidProduct, match="-5"):
        await editor.set_stock("DAWN-1", -5)
    with pytest.raises(InvalidProduct, match="-1"):
        await editor.put_variant("dawn", VariantDraft("DAWN-2", (), -1, "KRW"))
    with pytest.raises(UnknownVariant, match="'nothing'"):
        await editor.set_stock("nothing", 1)
    with pytest.raises(UnknownProduct, match="'nothing'"):
        await editor.archive_product("nothing")
    with pytest.raises(UnknownCategory, match="'nothing'"):
        await catalog.category("nothing")
    assert (await catalog.listing(Wish())).total == 1


async def test_a_product_has_one_currency(editor, catalog):
    await editor.add_product(draft("dawn"))
    with pytest.raises(InvalidProduct, match="KRW and USD"):
        await editor.put_variant("dawn", VariantDraft("DAWN-2", (), 2000, "USD"))
    with pytest.raises(InvalidProduct, match="KRW and USD"):
        await editor.add_product(
            draft("dusk", variants=(VariantDraft("A", (), 1, "KRW"), VariantDraft("B", (("n", "2"),), 1, "USD")))
        )
    assert [each.sku for each in (await catalog.product("dawn")).offered] == ["DAWN-1"]


async def test_names_are_kept_in_one_form_and_found_in_every_other(editor, catalog):
    await editor.add_product(draft("Cafe\u0301", variants=(VariantDraft(" ＡＢＣ\u200b ", (), 1, "KRW", quantity=2),)))
    assert (await catalog.product("CAFÉ")).handle == "café"
    assert list(await catalog.items(["ABC"])) == ["ABC"]
    with pytest.raises(HandleTaken):
        await editor.add_product(draft("ｃａｆé", variants=(VariantDraft("OTHER", (), 1, "KRW"),)))
    with pytest.raises(SkuTaken):
        await editor.add_product(draft("tea", variants=(VariantDraft("ABC", (), 1, "KRW"),)))
    await editor.set_stock("Ａbc".upper(), 7)
    assert (await catalog.items(["ABC"]))["ABC"].variant.stock == 7
    assert handles(await catalog.listing(Wish(search="ＡＢＣ"))) == ["café"]


async def test_by_price_each_currency_stands_by_itself(editor, catalog):
    for handle, price, currency in (("a", 300, "KRW"), ("b", 200, "USD"), ("c", 100, "KRW"), ("d", 400, "USD")):
        await editor.add_product(draft(handle, variants=(VariantDraft(handle, (), price, currency, quantity=1),)))
    assert handles(await catalog.listing(Wish(sort=Sort.PRICE))) == ["c", "a", "b", "d"]
    assert handles(await catalog.listing(Wish(sort=Sort.PRICE_DOWN))) == ["a", "c", "d", "b"]
