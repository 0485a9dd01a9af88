"""Read a product export of Shopify: from bytes to rows, and from rows to products.

The format: https://help.shopify.com/en/manual/products/import-export/using-csv. A row begins a product; the rows
below it with the same handle add variants and images. Both the old and the new column names are known.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from marketday.catalog.errors import NotACatalogue
from marketday.catalog.model import Category, ProductDraft
from marketday.catalog.names import Unusable, handle_from, plain_handle
from marketday.catalog.shopify.cells import LONGEST_CELL, shown
from marketday.catalog.shopify.product import BadRow, Row, read_product
from marketday.kit.money import exponent
from marketday.kit.text import clean

_NAMES = {
    "handle": ("handle", "url handle"),
    "title": ("title",),
    "body": ("body (html)", "description"),
    "vendor": ("vendor",),
    "product_category": ("product category",),
    "type": ("type", "custom product type"),
    "tags": ("tags",),
    "published": ("published", "published on online store"),
    "status": ("status",),
    **{f"option{n}_{part}": (f"option{n} {part}",) for n in (1, 2, 3) for part in ("name", "value")},
    "sku": ("variant sku", "sku"),
    "grams": ("variant grams", "weight value (grams)"),
    "tracker": ("variant inventory tracker", "inventory tracker"),
    "quantity": ("variant inventory qty", "inventory quantity"),
    "policy": ("variant inventory policy", "continue selling when out of stock"),
    "price": ("variant price", "price"),
    "compare_at": ("variant compare at price", "compare-at price"),
    "barcode": ("variant barcode", "barcode"),
    "image": ("image src", "product image url"),
    "image_position": ("image position",),
    "image_alt": ("image alt text",),
    "variant_image": ("variant image", "variant image url"),
    "title_en": ("product.metafields.custom.title_en",),
    "type_en": ("product.metafields.custom.type_en",),
}
_KEYS = {name: key for key, names in _NAMES.items() for name in names}
_REQUIRED = {"handle": "Handle", "title": "Title", "price": "Variant Price"}
_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_METAFIELD = re.compile(r"\((product\.metafields\.[^()]+)\)$")  # "Title (en) (product.metafields.custom.title_en)"


_MOST_BROKEN = 100  # rows with wrong quotes; after each, the rest of the file may have to be read again
csv.field_size_limit(
    2**31 - 1
)  # no limit here: if a quote is missing, the rest of the file is one cell; its length is checked below


@dataclass(frozen=True, slots=True)
class Parsed:
    """The content of a file: the products without mistakes, the mistakes in the others, and warnings."""

    products: tuple[ProductDraft, ...]
    bad_rows: tuple[BadRow, ...]
    skipped: int  # the number of products, and rows without a product, that are not in `products`
    warnings: tuple[BadRow, ...] = ()


def parse(data: bytes, currency: str) -> Parsed:
    """Read an export whose prices are in `currency` (ISO 4217).

    A product with a bad row is left out completely, so that no product is imported with missing variants.

    Raises:
        NotACatalogue: no row can be read: the file is not UTF-8, not CSV or empty, or lacks a required column.
        InvalidAmount: the currency is unknown.

    """
    exponent(currency)
    bad: list[BadRow] = []
    warnings: list[BadRow] = []
    groups = _groups(_rows(_text(data), bad, warnings), bad)
    nameless = len({row.line for row in bad if not row.handle})
    if not groups and not bad:
        raise NotACatalogue("the file has a header but no product; expected at least one row below the header")
    drafts = [draft for rows in groups.values() if (draft := read_product(rows, currency, bad, warnings)) is not None]
    refused = {row.handle for row in bad}
    good = _same_titles_for_a_category([draft for draft in drafts if draft.handle not in refused])
    bad.sort(key=lambda row: row.line)
    told = sorted((row for row in warnings if row.handle not in refused), key=lambda row: row.line)
    return Parsed(tuple(good), tuple(bad), len(refused - {""}) + nameless, tuple(told))


def _text(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in data[:2]:
        raise NotACatalogue("the file is in UTF-16; expected a CSV file in UTF-8: save it again as CSV UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        wanted = "expected a CSV file in UTF-8: save it again as CSV UTF-8"
        raise NotACatalogue(f"line {line}: byte 0x{data[error.start]:02x} is not UTF-8; {wanted}") from None
    if not text.strip():
        raise NotACatalogue("the file is empty; expected a header and one row for each product")
    return text


def _records(text: str) -> Iterator[tuple[int, list[str], str]]:
    """Yield each record with the line on which it begins, and what is wrong with its quotes.

    A quoted cell may contain newlines. After a wrong quote, the next line begins a new record, so that the rest of the
    file can be read.
    """
    lines = list(io.StringIO(text, newline=""))
    begins = broken = 0
    while begins < len(lines):
        reader = csv.reader(islice(lines, begins, None), strict=True)
        offset = begins
        try:
            for record in reader:
                yield begins + 1, record, ""
                begins = offset + reader.line_num
        except csv.Error as error:
            broken += 1
            if begins == 0 or broken > _MOST_BROKEN:
                wanted = 'expected comma-separated cells, quoted by "'
                raise NotACatalogue(f"line {begins + 1}: not CSV: {error}; {wanted}") from None
            yield begins + 1, next(csv.reader([lines[begins]])), str(error)
            begins += 1


def _rows(text: str, bad: list[BadRow], warnings: list[BadRow]) -> Iterator[Row]:
    records = _records(text)
    header = next((cells for _, cells, _ in records if any(cells)), [])
    columns, names = _columns(header)
    for line, cells, broken in records:
        if not any(cell.strip() for cell in cells):
            continue
        found = {key: clean(cells[place]) for key, place in columns.items() if place < len(cells)}
        row = Row(line, _handle(found), found, names)
        if broken:
            bad.append(row.bad("handle", f'a quote is wrong in this row ({broken}); expected cells quoted by "'))
            continue
        if row.handle != plain_handle(found.get("handle", "")):
            reason = f"{shown(found['handle'])} cannot be part of an address; {shown(row.handle)} is used instead"
            warnings.append(row.bad("handle", reason))
        bad.extend(_wrong_cells(row, cells, len(header)))
        yield row


def _handle(found: dict[str, str]) -> str:
    """Return the handle in the form in which it is stored; unchanged if it is not valid."""
    try:
        return handle_from(found.get("handle", ""))
    except Unusable:
        return plain_handle(found.get("handle", ""))


def _wrong_cells(row: Row, cells: list[str], columns: int) -> Iterator[BadRow]:
    if any(cell.strip() for cell in cells[columns:]):
        yield row.bad("handle", f"the row has {len(cells)} cells; expected {columns}, as in the header")
    for key, cell in row.cells.items():
        if "\0" in cell:
            yield row.bad(key, f"{shown(cell)} contains a NUL; expected text")
        if len(cell) > LONGEST_CELL:
            yield row.bad(key, f"{shown(cell)} has {len(cell)} characters; expected at most {LONGEST_CELL}")


def _columns(header: list[str]) -> tuple[dict[str, int], dict[str, str]]:
    """Find the known columns in any order: their positions, and their names in this file."""
    places: dict[str, int] = {}
    names: dict[str, str] = {}
    for place, title in enumerate(header):
        name = " ".join(title.split())
        metafield = _METAFIELD.search(name)
        key = _KEYS.get(metafield[1] if metafield else name.lower())
        if key is None:
            continue
        if key in places:
            raise NotACatalogue(f"line 1: the column {name!r} appears twice; expected it once")
        places[key], names[key] = place, name
    missing = [name for key, name in _REQUIRED.items() if key not in places]
    if missing:
        found = shown(", ".join(name for name in header if name) or "nothing")
        for sign, called in _OTHER_SEPARATORS.items():
            if header and header[0].count(sign) >= len(_REQUIRED) - 1:
                raise NotACatalogue(f"line 1: cells are separated by {called}; expected commas: the header is {found}")
        wanted = ", ".join(repr(name) for name in missing)
        raise NotACatalogue(f"line 1: no column {wanted}; the header is {found}")
    return places, names


def _groups(rows: Iterator[Row], bad: list[BadRow]) -> dict[str, list[Row]]:
    """Group the rows by product; the rows of a product must be together."""
    groups: dict[str, list[Row]] = {}
    last = ""
    for row in rows:
        if not row.handle:
            bad.append(row.bad("handle", "is empty; expected the handle of a product"))
        elif row.handle in groups and row.handle != last:
            where = f"it is already in line {groups[row.handle][0].line}"
            wanted = "expected all rows of a product together"
            bad.append(row.bad("handle", f"{shown(row.handle)} is used twice: {where}; {wanted}"))
        else:
            groups.setdefault(row.handle, []).append(row)
        last = row.handle
    return groups


def _same_titles_for_a_category(drafts: list[ProductDraft]) -> list[ProductDraft]:
    """Use the spelling of a category's first product for all its products."""
    first: dict[str, Category] = {}
    return [
        draft
        if draft.category is None
        else replace(draft, category=first.setdefault(draft.category.slug, draft.category))
        for draft in drafts
    ]
