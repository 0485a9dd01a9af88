"""Reading an export: the meaning of a valid one, and the message for each mistake."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketday.catalog.errors import NotACatalogue
from marketday.catalog.model import Category, Image, Known, Status
from marketday.catalog.names import handle_of, sku_of
from marketday.catalog.shopify.table import parse
from marketday.catalog.skus import settle
from marketday.kit.errors import MarketdayError

PLAIN = """
Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,
Option3 Name,Option3 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,
Variant Inventory Policy,Variant Price,Variant Compare At Price,Variant Barcode,Image Src,Image Position,
Image Alt Text,Variant Image,Status
"""
HEADER = PLAIN.replace("\n", "").split(",")


def row(handle="toner", title="Toner", **cells):
    names = {
        "body": "Body (HTML)", "vendor": "Vendor", "type": "Type", "tags": "Tags", "published": "Published",
        "name1": "Option1 Name", "value1": "Option1 Value", "name2": "Option2 Name", "value2": "Option2 Value",
        "sku": "Variant SKU", "grams": "Variant Grams", "quantity": "Variant Inventory Qty",
        "price": "Variant Price", "compare": "Variant Compare At Price", "barcode": "Variant Barcode",
        "image": "Image Src", "position": "Image Position", "alt": "Image Alt Text", "status": "Status",
    }  # fmt: skip
    return {"Handle": handle, "Title": title, **{names[key]: value for key, value in cells.items()}}


def export(*rows, header=HEADER):
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def only_mistake(data, currency="KRW"):
    parsed = parse(data, currency)
    assert len(parsed.bad_rows) == 1, parsed.bad_rows
    return parsed.bad_rows[0]


def test_a_plain_product_gets_one_variant_without_options_and_a_sku_of_its_own():
    data = export(row(name1="Title", value1="Default Title", price="50", quantity="1", tags="men", vendor="demo"))
    (product,) = parse(data, "USD").products
    assert (product.title_ko, product.title_en, product.vendor) == ("Toner", "Toner", "demo")
    assert product.category == Category("men", "Men", "Men")
    (variant,) = product.variants
    assert (variant.sku, variant.options, variant.price_minor, variant.quantity) == ("TONER", (), 5000, 1)


def test_follow_on_rows_add_variants_and_images():
    data = export(
        row(name1="Size", value1="Small", price="60", image="https://example.com/2.jpg", position="2"),
        row(title="", value1="Medium", price="65", image="media/first.svg", position="1", alt="front"),
        row(title="", image="https://example.com/3.jpg", position="3"),
        row("cream", "Cream", price="1"),
    )
    toner, cream = parse(data, "KRW").products
    assert [variant.options for variant in toner.variants] == [(("Size", "Small"),), (("Size", "Medium"),)]
    assert [variant.sku for variant in toner.variants] == ["TONER.SMALL", "TONER.MEDIUM"]
    assert [image.source for image in toner.images] == [
        "media/first.svg",
        "https://example.com/2.jpg",
        "https://example.com/3.jpg",
    ]
    assert toner.images[0] == Image("media/first.svg", "front")
    assert [variant.options for variant in cream.variants] == [()]


def test_two_options_make_one_variant_each():
    data = export(
        row(name1="Size", value1="S", name2="Colour", value2="Red", price="1", sku="'0012"),
        row(title="", value1="S", value2="Blue", price="1"),
    )
    red, blue = parse(data, "KRW").products[0].variants
    assert red.options == (("Size", "S"), ("Colour", "Red"))
    assert (red.sku, blue.sku) == ("0012", "TONER.S.BLUE")


def test_derived_skus_differ_where_the_options_differ_by_a_sign_alone():
    data = export(row(name1="Size", value1="A/B", price="1"), row(title="", value1="A B", price="1"))
    slashed, spaced = parse(data, "KRW").products[0].variants
    assert spaced.sku == "TONER.A-B"
    assert slashed.sku != spaced.sku
    assert slashed.sku == parse(data, "KRW").products[0].variants[0].sku


def test_a_body_with_newlines_moves_the_line_numbers_of_what_follows():
    data = export(row(body='<p>one</p>\n<p>two</p>\r\n<p>"three"</p>', price="1"), row("cream", "Cream", price="x"))
    parsed = parse(data, "KRW")
    assert parsed.products[0].body_html == '<p>one</p>\n<p>two</p>\r\n<p>"three"</p>'
    assert [(bad.line, bad.column, bad.handle) for bad in parsed.bad_rows] == [(5, "Variant Price", "cream")]


def test_a_byte_order_mark_other_orders_and_unknown_columns_do_not_matter():
    data = b"\xef\xbb\xbf" + export(row(price="10"), header=["Colour of the box", *reversed(HEADER)])
    assert parse(data, "KRW").products == parse(export(row(price="10")), "KRW").products


def test_the_newer_names_of_the_columns_are_known():
    data = (
        "Title,URL handle,Description,Vendor,Published on online store,Status,SKU,Option1 name,Option1 value,Price,"
        "Inventory quantity,Product image URL\n"
        "Toner,toner,<p>x</p>,Brand,TRUE,Active,T-1,Size,50 ml,12.50,7,https://example.com/1.jpg\n"
    )
    (product,) = parse(data.encode(), "USD").products
    (variant,) = product.variants
    assert (variant.sku, variant.price_minor, variant.quantity) == ("T-1", 1250, 7)
    assert (product.body_html, product.status, len(product.images)) == ("<p>x</p>", Status.ACTIVE, 1)


def test_english_names_come_in_metafield_columns_whatever_their_label():
    data = (
        "Handle,Title,Type,Variant Price,Title (en) (product.metafields.custom.title_en),"
        "x (product.metafields.custom.type_en)\n"
        "toner,토너,스킨케어,100,Toner,Skincare\n"
        "cream,크림,스킨케어,100,,Skin care\n"
    )
    toner, cream = parse(data.encode(), "KRW").products
    assert (toner.title_ko, toner.title_en, cream.title_en) == ("토너", "Toner", "크림")
    assert toner.category == Category("skincare", "스킨케어", "Skincare")
    assert cream.category == Category("skin-care", "스킨케어", "Skin care")


@pytest.mark.parametrize(
    ("published", "status", "expected"),
    [
        ("true", "", Status.ACTIVE),
        ("TRUE", "active", Status.ACTIVE),
        ("false", "active", Status.DROP),
        ("", "draft", Status.DRAFT),
        ("true", "archived", Status.ARCHIVED),
        ("false", "archived", Status.ARCHIVED),
    ],
)
def test_published_and_status(published, status, expected):
    (product,) = parse(export(row(price="1", published=published, status=status)), "KRW").products
    assert product.status is expected


@pytest.mark.parametrize(
    ("cells", "column", "value"),
    [
        ({"price": ""}, "Variant Price", "''"),
        ({"price": "-1"}, "Variant Price", "'-1'"),
        ({"price": "12,50"}, "Variant Price", "'12,50'"),
        ({"price": "12.50"}, "Variant Price", "'12.50' has too many decimal places for KRW"),
        ({"price": "9" * 18}, "Variant Price", "9" * 18),
        ({"price": "1e5"}, "Variant Price", "'1e5'"),
        ({"price": "NaN"}, "Variant Price", "'NaN'"),
        ({"compare": "free"}, "Variant Compare At Price", "'free'"),
        ({"quantity": "1.5"}, "Variant Inventory Qty", "'1.5'"),
        ({"quantity": "99999999999"}, "Variant Inventory Qty", "'99999999999'"),
        ({"grams": "heavy"}, "Variant Grams", "'heavy'"),
        ({"published": "maybe"}, "Published", "'maybe'"),
        ({"status": "gone"}, "Status", "'gone'"),
        ({"title": ""}, "Title", "is empty"),
        ({"title": "T" * 300}, "Title", "300 characters"),
        ({"handle": ""}, "Handle", "is empty"),
        ({"handle": ".."}, "Handle", "'..'"),
        ({"handle": "h" * 256}, "Handle", "256 characters"),
        ({"alt": "a" * 513, "image": "media/a.svg"}, "Image Alt Text", "513 characters"),
        ({"body": "b" * (512 * 1024 + 1)}, "Body (HTML)", "524289 characters"),
        ({"image": "javascript:alert(1)"}, "Image Src", "'javascript:alert(1)'"),
        ({"image": "../../etc/passwd"}, "Image Src", "'../../etc/passwd'"),
        ({"image": "https://["}, "Image Src", "'https://['"),
        ({"image": "media/a.svg", "position": "0"}, "Image Position", "'0'"),
        ({"name1": "Size", "value1": ""}, "Option1 Value", "'Size'"),
        ({"value1": "Red"}, "Option1 Value", "'Red'"),
        ({"vendor": "a\0b"}, "Vendor", "NUL"),
    ],
)
def test_a_mistake_names_line_column_and_value(cells, column, value):
    bad = only_mistake(export(row("cream", "Cream", price="1"), row(**{"price": "1", **cells})))
    assert (bad.line, bad.column) == (3, column)
    assert value in bad.reason


def test_a_product_with_one_bad_row_is_left_out_whole():
    data = export(
        row(name1="Size", value1="S", price="1"),
        row(title="", value1="M", price="cheap"),
        row(title="", value1="L", price="1", quantity="few"),
        row("cream", "Cream", price="1"),
    )
    parsed = parse(data, "KRW")
    assert [product.handle for product in parsed.products] == ["cream"]
    assert [(bad.line, bad.column) for bad in parsed.bad_rows] == [(3, "Variant Price"), (4, "Variant Inventory Qty")]
    assert parsed.skipped == 1


@pytest.mark.parametrize(
    "again",
    [row(title="Another", name1="Size", value1="M", price="1"), row("TONER", "Another", value1="M", price="1")],
)
def test_a_handle_that_begins_a_second_product_is_refused(again):
    bad = only_mistake(export(row(name1="Size", value1="S", price="1"), again))
    assert (bad.line, bad.column) == (3, "Handle")
    assert "'toner'" in bad.reason
    assert "line 2" in bad.reason


def test_a_handle_that_comes_back_later_is_refused():
    parsed = parse(export(row(price="1"), row("cream", "Cream", price="1"), row(price="1")), "KRW")
    assert [(bad.line, bad.column) for bad in parsed.bad_rows] == [(4, "Handle")]
    assert [product.handle for product in parsed.products] == ["cream"]


def test_the_same_options_twice_are_refused():
    bad = only_mistake(export(row(name1="Size", value1="S", price="1"), row(title="", value1="S", price="2", sku="B")))
    assert (bad.line, bad.column) == (3, "Option1 Value")
    assert "'S'" in bad.reason


def test_a_follow_on_row_with_nothing_in_it_is_refused():
    assert only_mistake(export(row(price="1"), row(title=""))).line == 3


def test_more_cells_than_columns_are_refused():
    bad = only_mistake(b"Handle,Title,Variant Price\ntoner,Toner,1,surplus\n")
    assert bad.line == 2
    assert "4 cells; expected 3" in bad.reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \n", "empty"),
        (export(), "no product"),
        (b"Handle,Title\na,b\n", "'Variant Price'"),
        (b"Handle;Title;Variant Price\n", "separated by semicolons; expected commas"),
        (b"Handle\tTitle\tVariant Price\na\tA\t1\n", "separated by tabs; expected commas"),
        (b'{"products": []}', "'Handle'"),
        (b"Handle,Title,Title,Variant Price\n", "'Title' appears twice"),
        ("Handle,Title,Variant Price\ntoner,토너,1\n".encode("cp949"), "line 2: byte 0xc5 is not UTF-8"),
        (b"\x89PNG\r\n\x1a\n", "not UTF-8"),
        (b'Handle,"Title,Variant Price\ntoner,Toner,1\n', "line 1: not CSV"),
        (b"Handle,Title,Variant Price\n" + b'toner,"Toner"x,1\n' * 101, "line 102: not CSV"),
        ("Handle,Title,Variant Price\ntoner,Toner,1\n".encode("utf-16"), "UTF-16"),
        ("Handle,Title,Variant Price\ntoner,Toner,1\n".encode("utf-16-be"), "UTF-16"),
        ("Handle,Title,Variant Price\ntoner,Café,1\n".encode("latin-1"), "line 2: byte 0xe9 is not UTF-8"),
    ],
)
def test_a_file_that_is_no_export_is_refused_as_a_whole(data, reason):
    with pytest.raises(NotACatalogue) as refusal:
        parse(data, "KRW")
    assert reason in refusal.value.detail


@given(st.binary(max_size=300))
def test_whatever_bytes_come_they_are_read_or_refused(data):
    try:
        parsed = parse(b"Handle,Title,Variant Price,Image Src\n" + data, "KRW")
    except MarketdayError:
        return
    assert parsed.products or parsed.bad_rows


@given(st.lists(st.tuples(*[st.text(st.characters(exclude_categories=["Cs"]), max_size=8)] * 6), max_size=6))
def test_whatever_cells_come_each_product_is_good_or_has_a_mistake(rows):
    header = ["Handle", "Title", "Variant Price", "Option1 Name", "Option1 Value", "Variant SKU"]
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, *rows])
    try:
        parsed = parse(text.getvalue().encode(), "KRW")
    except NotACatalogue:
        return
    refused = {bad.handle for bad in parsed.bad_rows}
    assert not refused & {product.handle for product in parsed.products}
    drafts, _ = settle(parsed.products, Known({}, {}))
    skus = [variant.sku for product in drafts for variant in product.variants]
    assert len(skus) == len(set(skus))
    assert all(sku_of(sku) == sku for sku in skus)
    assert all(handle_of(product.handle) == product.handle for product in drafts)


def test_a_derived_sku_is_never_longer_than_a_cart_takes():
    data = export(row("h" * 120, name1="Size", value1="S", price="1"), row("h" * 120, "", value1="M", price="1"))
    small, medium = parse(data, "KRW").products[0].variants
    assert small.sku != medium.sku
    assert max(len(small.sku), len(medium.sku)) <= 100
