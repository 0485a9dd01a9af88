"""Files from other shops: everything that Shopify allows is imported, or reported."""

from dataclasses import replace

import pytest

from marketday.catalog.model import Known, Status, Variant, merge
from marketday.catalog.names import Unusable, handle_of, sku_of, title_of
from marketday.catalog.shopify.table import parse
from marketday.catalog.skus import candidates, renamed_while_lent, settle
from marketday.kit.ids import new_id
from marketday.kit.money import InvalidAmount

HEADER = (
    "Handle,Title,Body (HTML),Option1 Name,Option1 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,"
    "Variant Inventory Qty,Variant Inventory Policy,Variant Price,Image Src,Image Alt Text"
)


def line(handle="toner", title="Toner", **cells):
    wanted = {"grams": "0", "tracker": "shopify", "quantity": "5", "policy": "deny", "price": "1", **cells}
    wanted["name"] = "Size" if "option" in cells else ""
    order = ("body", "name", "option", "sku", "grams", "tracker", "quantity", "policy", "price", "image", "alt")
    values = (handle, title, *(wanted.get(key, "") for key in order))
    return ",".join('"' + value.replace('"', '""') + '"' for value in values)


def file(*lines, header=HEADER, end="\n"):
    return end.join([header, *lines, ""]).encode()


def read(*lines, currency="USD", **more):
    return parse(file(*lines, **more), currency)


def only(*lines, **more):
    parsed = read(*lines, **more)
    assert parsed.bad_rows == ()
    [product] = parsed.products
    return product


@pytest.mark.parametrize(
    ("tracker", "quantity", "policy", "unlimited", "counted"),
    [
        ("shopify", "5", "deny", False, 5),
        ("shopify", "0", "continue", True, 0),
        ("shopify", "-7", "continue", True, 0),
        ("", "", "deny", True, None),
        ("", "1", "deny", True, 1),
        ("shipwire", "", "deny", False, None),
        ("shopify", "5", "", False, 5),
        ("shopify", "5", "DENY", False, 5),
        ("shopify", "5.0", "deny", False, 5),
    ],
)
def test_what_is_not_tracked_or_sold_on_when_out_of_stock_has_no_limit(tracker, quantity, policy, unlimited, counted):
    [variant] = only(line(tracker=tracker, quantity=quantity, policy=policy)).variants
    assert (variant.unlimited, variant.quantity) == (unlimited, counted)


@pytest.mark.parametrize(
    ("columns", "values", "unlimited"),
    [
        ("Variant Inventory Qty", "5", False),
        ("Variant Inventory Qty", "", None),
        ("Variant Inventory Tracker", "", True),
        ("Variant Inventory Tracker", "shopify", False),
        ("Inventory tracker", "", True),
        ("Continue selling when out of stock", "continue", True),
        ("Continue selling when out of stock", "TRUE", True),
        ("Vendor", "x", None),
    ],
)
def test_a_file_without_some_of_the_columns_says_what_it_says(columns, values, unlimited):
    data = f"Handle,Title,Variant Price,{columns}\ntoner,Toner,1,{values}\n"
    [variant] = parse(data.encode(), "USD").products[0].variants
    assert variant.unlimited is unlimited


def test_a_price_list_changes_neither_stock_nor_limit():
    stored = merge(None, only(line(policy="continue", sku="A")), new_id)
    [draft] = parse(b"Handle,Title,Variant Price,Variant SKU\ntoner,Toner,2,A\n", "USD").products
    [variant] = merge(stored, draft, new_id).variants
    assert (variant.price_minor, variant.unlimited, variant.stock) == (200, True, 5)


def test_a_quantity_below_zero_is_zero_with_a_warning():
    parsed = read(line(quantity="-1"), line("cream", "Cream", quantity="-12"))
    assert [product.variants[0].quantity for product in parsed.products] == [0, 0]
    assert [(row.line, row.column, row.handle) for row in parsed.warnings] == [
        (2, "Variant Inventory Qty", "toner"),
        (3, "Variant Inventory Qty", "cream"),
    ]
    assert "'-1'" in parsed.warnings[0].reason


@pytest.mark.parametrize(
    ("handle", "kept"),
    [
        ("™-serum-®", "™-serum-®"),
        ("❤️", "❤️"),
        ("👩\u200d🔬-kit", "👩\u200d🔬-kit"),
        ("เสื้อยืด", "เสื้อยืด"),
        ("हिन्दी-किताब", "हिन्दी-किताब"),
        ("مُحَمَّد", "مُحَمَّد"),
        ("İstanbul", "i\u0307stanbul"),
        ("i\u0307zmir", "i\u0307zmir"),
        ("cafe\u0301", "café"),
        ("Ｔ－Ｓｈｉｒｔ", "t-shirt"),
        ("new", "new"),
        ("_", "_"),
        ("-", "-"),
        ("...", "..."),
        ("a.b", "a.b"),
        ("새벽-세럼", "새벽-세럼"),
        ("+1", "+1"),
        ("(a)!*'", "(a)!*'"),
    ],
)
def test_handles_that_shops_export_are_kept(handle, kept):
    parsed = read(line(handle))
    assert (parsed.bad_rows, parsed.warnings) == ((), ())
    assert parsed.products[0].handle == kept == handle_of(kept)


@pytest.mark.parametrize(
    ("handle", "becomes"), [("My Product / Red", "my-product-red"), ("50%-off", "50-off"), ("a?b#c", "a-b-c")]
)
def test_what_cannot_stand_in_an_address_becomes_a_hyphen_with_a_warning(handle, becomes):
    parsed = read(line(handle))
    assert parsed.products[0].handle == becomes
    assert [(row.line, row.column) for row in parsed.warnings] == [(2, "Handle")]


@pytest.mark.parametrize("sku", ["14:29#W", "a/b", "%2F", "a b", "a'b\"c", "🧴", "a\\b", "~", "-1", "S" * 255, "..."])
def test_skus_that_shops_export_are_kept(sku):
    parsed = read(line(sku=sku))
    assert (parsed.bad_rows, parsed.warnings) == ((), ())
    assert parsed.products[0].variants[0].sku == sku == sku_of(sku)


@pytest.mark.parametrize("sku", [".", "..", "a/../b", "./a", "S" * 256, "A\nB", "A\x7fB"])
def test_a_sku_that_no_address_can_hold_is_replaced_with_a_warning(sku):
    parsed = read(line(sku=sku))
    assert parsed.products[0].variants[0].sku == "TONER"
    assert [(row.line, row.column) for row in parsed.warnings] == [(2, "Variant SKU")]
    assert "it gets a SKU made from" in parsed.warnings[0].reason


def test_the_limits_are_shopifys_own():
    product = only(
        line(
            alt="a" * 512, image="https://example.com/a.jpg", grams="453.59237000001", body="x" * 500_000, sku="K" * 255
        )
    )
    assert (len(product.images[0].alt), product.variants[0].grams, len(product.body_html)) == (512, 454, 500_000)
    assert only(line(grams="1E-05")).variants[0].grams == 0
    assert only(line(price="50.00000000000000000")).variants[0].price_minor == 5000


def test_only_the_product_of_a_giant_cell_is_refused():
    parsed = read(line(), line("huge", "Huge", body="x" * 600_000), line("cream", "Cream"))
    assert [product.handle for product in parsed.products] == ["toner", "cream"]
    assert [(row.line, row.column, row.handle) for row in parsed.bad_rows] == [(3, "Body (HTML)", "huge")]
    assert len(parsed.bad_rows[0].reason) < 200


def test_after_a_wrong_quote_the_next_products_are_read():
    broken = 'soap,"Soap"x,,,,,,shopify,5,deny,1,,'
    parsed = read(line(), broken, line("cream", "Cream"))
    assert [product.handle for product in parsed.products] == ["toner", "cream"]
    assert [(row.line, row.column, row.handle) for row in parsed.bad_rows] == [(3, "Handle", "soap")]


def test_a_quote_that_is_never_closed_costs_its_product_alone():
    parsed = read(line(), 'soap,"Soap,,,,,,shopify,5,deny,1,,', line("cream", "Cream"), line("balm", "Balm"))
    assert [product.handle for product in parsed.products] == ["toner", "cream", "balm"]
    assert [(row.line, row.handle) for row in parsed.bad_rows] == [(3, "soap")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_end_of_line_is_one(end):
    parsed = read(line(body=f"<p>one</p>{end}<p>two</p>"), line("cream", "Cream", price="x"), end=end)
    assert [product.handle for product in parsed.products] == ["toner"]
    assert [row.line for row in parsed.bad_rows] == [4]


def test_prices_are_counted_as_iso_4217_does():
    assert only(line(price="1299.99"), currency="RSD").variants[0].price_minor == 129999
    for currency in ("XXX", "XTS", "XAU", "rsd", ""):
        with pytest.raises(InvalidAmount, match="ISO 4217"):
            read(line(), currency=currency)


def test_a_picture_without_a_scheme_comes_by_https():
    assert only(line(image="//cdn.example.com/a.jpg")).images[0].source == "https://cdn.example.com/a.jpg"


def known(*products):
    owners = {variant.sku: product.handle for product in products for variant in product.variants}
    return Known({product.handle: product for product in products}, owners)


def imported(*lines, stored=()):
    """Return the products after an import into a shop that has `stored`, and the warnings."""
    parsed = read(*lines)
    assert parsed.bad_rows == ()
    before = known(*stored)
    drafts, warnings = settle(parsed.products, before)
    assert {variant.sku for draft in drafts for variant in draft.variants} <= set(candidates(parsed.products))
    after = {
        **before.products,
        **{each.handle: merge(before.products.get(each.handle), each, new_id) for each in drafts},
    }
    return list(after.values()), warnings


def skus(products):
    return [[variant.sku for variant in product.offered] for product in products]


def test_the_first_keeps_a_sku_that_two_products_have_and_nothing_is_lost():
    shop, warnings = imported(line(sku="A"), line("cream", "Cream", sku="A"), line("balm", "Balm", sku="A"))
    assert skus(shop) == [["A"], ["CREAM"], ["BALM"]]
    assert [(row.line, row.column, row.handle) for row in warnings] == [
        (3, "Variant SKU", "cream"),
        (4, "Variant SKU", "balm"),
    ]
    assert "'A' is already the SKU of line 2; 'CREAM' is used instead" in warnings[0].reason


def test_importing_duplicates_again_changes_nothing_in_any_order():
    lines = [line(sku="A"), line("cream", "Cream", sku="A"), line("balm", "Balm", sku="A")]
    first, _ = imported(*lines)
    for again in (lines, lines[::-1], lines[1:], lines[1:2]):
        after, _ = imported(*again, stored=first)
        assert after == first


def test_variants_of_one_product_may_share_a_sku_too():
    lines = [line(option="S", sku="A"), line(title="", option="M", sku="A"), line(title="", option="L", sku="")]
    shop, warnings = imported(*lines)
    assert skus(shop) == [["A", "TONER.M", "TONER.L"]]
    assert len(warnings) == 1
    again, _ = imported(*lines, stored=shop)
    assert again == shop


def test_a_derived_sku_gives_way_to_one_that_is_named():
    shop, warnings = imported(line(), line("cream", "Cream", sku="TONER"))
    [named] = [product for product in shop if product.handle == "cream"]
    assert named.variants[0].sku == "TONER"
    assert len({sku for [sku] in skus(shop)}) == 2
    assert warnings == []
    again, _ = imported(line(), line("cream", "Cream", sku="TONER"), stored=shop)
    assert again == shop


def test_handles_that_are_one_in_upper_case_get_two_skus():
    shop, _ = imported(line("straße"), line("strasse", "S"))
    assert len({sku for [sku] in skus(shop)}) == 2


def test_a_sku_of_which_units_are_lent_cannot_be_renamed_meanwhile():
    [stored], _ = imported(line(sku="A"))
    lent = replace(stored, variants=(replace(stored.variants[0], lent=3),))
    [draft] = read(line(sku="B")).products
    [row] = renamed_while_lent(draft, known(lent))
    assert (row.line, row.column) == (2, "Variant SKU")
    assert "'B' was 'A', of which 3 units are lent to a drop" in row.reason
    assert list(renamed_while_lent(draft, known(stored))) == []


def test_the_category_of_thai_and_of_an_emoji_has_an_address():
    header = "Handle,Title,Type,Variant Price"
    data = f"{header}\na,A,เสื้อยืด,1\nb,B,🧴,1\nc,C,Café,1\nd,D,Cafe\u0301,1\n"
    a, b, c, d = parse(data.encode(), "USD").products
    assert (a.category.slug, b.category.slug, c.category.slug) == ("เสื้อยืด", "🧴", "café")
    assert c.category == d.category
    assert a.status is Status.ACTIVE


def test_left_says_what_can_be_bought():
    variant = Variant("A", (), 1, "KRW", stock=-3)
    assert (variant.left, variant.buyable) == (0, False)
    assert (replace(variant, unlimited=True).left, replace(variant, unlimited=True).buyable) == (None, True)


@pytest.mark.parametrize("nothing", ["\u200b", "\u202e", "\u3164", "\U000e0041"])
def test_invisible_characters_are_neither_title_nor_sku(nothing):
    [refused] = read(line(title=nothing)).bad_rows
    assert "expected a title" in refused.reason
    parsed = read(line(sku=nothing))
    assert (len(parsed.products), len(parsed.bad_rows)) == (1, 0)
    assert parsed.products[0].variants[0].sku == "TONER"


@pytest.mark.parametrize("title", ["Toner\u202e", "\u202eToner\u202c", "To\u2066ner\u2069"])
def test_marks_that_turn_the_text_are_removed_from_a_title(title):
    assert only(line(title=title)).title_ko == title_of(title) == "Toner"


@pytest.mark.parametrize("title", ["To\nner", "To\x07ner", "To\x7fner", "To\u2028ner"])
def test_a_title_with_a_control_character_is_refused(title):
    [refused] = read(line(title=title)).bad_rows
    assert (refused.column, "contains a control character; expected" in refused.reason) == ("Title", True)
    with pytest.raises(Unusable):
        title_of(title)


@pytest.mark.parametrize(
    ("source", "blocked"),
    [("http://a.example/1.jpg", True), ("HTTP://a.example/1.jpg", True), ("https://a.example/1.jpg", False)],
)
def test_a_picture_that_browsers_block_is_kept_with_a_warning(source, blocked):
    parsed = read(line(image=source))
    [image] = parsed.products[0].images
    assert (image.source, image.blocked, parsed.bad_rows) == (source, blocked, ())
    warnings = [(row.line, row.column, row.reason) for row in parsed.warnings]
    wanted = f"{source!r} is not shown in the mall: browsers block http; expected https"
    assert warnings == ([(2, "Image Src", wanted)] if blocked else [])


def test_a_price_above_all_is_told_the_highest():
    [refused] = read(line(price="9999999999999999")).bad_rows
    assert refused.reason == "'9999999999999999' is out of range; expected 0 to 10000000000000.00"


def test_rows_of_a_product_that_stand_apart_are_told_what_to_do():
    [refused] = read(line("a", "A"), line("b", "B"), line("a", "A")).bad_rows
    assert refused.reason == "'a' is used twice: it is already in line 2; expected all rows of a product together"
