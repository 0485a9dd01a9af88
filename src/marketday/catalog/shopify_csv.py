"""Read the product export of Shopify: from bytes to rows, and rows to the products they describe.

The format: https://help.shopify.com/en/manual/products/import-export/using-csv. One row begins a product; rows
below it with the same handle add variants and images. Both generations of its column names are known.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from marketday.catalog.errors import NotACatalogue
from marketday.catalog.model import Category, ProductDraft
from marketday.catalog.shopify_cells import shown
from marketday.catalog.shopify_product import BadRow, Row, read_product

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
    "quantity": ("variant inventory qty", "inventory quantity"),
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
_METAFIELD = re.compile(r"\((product\.metafields\.[^()]+)\)$")  # "Title (en) (product.metafields.custom.title_en)"


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a file holds: the products that are good as a whole, and every mistake in the others."""

    products: tuple[ProductDraft, ...]
    bad_rows: tuple[BadRow, ...]
    skipped: int  # products, or rows that name no product, that are not among `products`


def parse(data: bytes, currency: str) -> Parsed:
    """Read an export whose prices are in `currency` (ISO 4217).

    A product with one bad row is left out whole, so that no product comes in without one of its variants.

    Raises:
        NotACatalogue: no row can be read: not UTF-8, not CSV, empty, or a required column is missing.
        InvalidAmount: no such currency.

    """
    bad: list[BadRow] = []
    groups = _groups(_rows(_text(data), bad), bad)
    nameless = len({row.line for row in bad if not row.handle})
    if not groups and not bad:
        raise NotACatalogue("the file has a header and no product; expected at least one row below it")
    drafts = [draft for rows in groups.values() if (draft := read_product(rows, currency, bad)) is not None]
    _find_repeated_skus(drafts, bad)
    refused = {row.handle for row in bad}
    good = _same_titles_for_a_category([draft for draft in drafts if draft.handle not in refused])
    bad.sort(key=lambda row: row.line)
    return Parsed(tuple(good), tuple(bad), len(refused - {""}) + nameless)


def _text(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = data[error.start]
        raise NotACatalogue(f"line {line}: byte 0x{byte:02x} is not UTF-8; expected a CSV file in UTF-8") from None
    if not text.strip():
        raise NotACatalogue("the file is empty; expected a header and one row for each product")
    return text


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the physical line on which it begins: a quoted cell may hold newlines."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for record in reader:
            yield line, record
            line = reader.line_num + 1
    except csv.Error as error:
        raise NotACatalogue(f'line {line}: not CSV: {error}; expected comma-separated cells, quoted by "') from None


def _rows(text: str, bad: list[BadRow]) -> Iterator[Row]:
    records = _records(text)
    header = next((cells for _, cells in records if any(cells)), [])
    columns, names = _columns(header)
    for line, cells in records:
        if not any(cell.strip() for cell in cells):
            continue
        found = {key: cells[place].strip() for key, place in columns.items() if place < len(cells)}
        row = Row(line, found.get("handle", "").lower(), found, names)
        if any(cell.strip() for cell in cells[len(header) :]):
            bad.append(row.bad("handle", f"the row has {len(cells)} cells; expected {len(header)}, as in the header"))
        bad.extend(row.bad(key, f"{shown(cell)} holds a NUL") for key, cell in found.items() if "\0" in cell)
        yield row


def _columns(header: list[str]) -> tuple[dict[str, int], dict[str, str]]:
    """Find the known columns, wherever they stand: their places, and their names in this file."""
    places: dict[str, int] = {}
    names: dict[str, str] = {}
    for place, title in enumerate(header):
        name = " ".join(title.split())
        metafield = _METAFIELD.search(name)
        key = _KEYS.get(metafield[1] if metafield else name.lower())
        if key is None:
            continue
        if key in places:
            raise NotACatalogue(f"line 1: the column {name!r} stands twice; expected it once")
        places[key], names[key] = place, name
    missing = [name for key, name in _REQUIRED.items() if key not in places]
    if missing:
        found = shown(", ".join(name for name in header if name) or "nothing")
        wanted = ", ".join(repr(name) for name in missing)
        raise NotACatalogue(f"line 1: no column {wanted}; the header is {found}")
    return places, names


def _groups(rows: Iterator[Row], bad: list[BadRow]) -> dict[str, list[Row]]:
    """Gather the rows of each product; they must stand together."""
    groups: dict[str, list[Row]] = {}
    last = ""
    for row in rows:
        if not row.handle:
            bad.append(row.bad("handle", "is empty; expected the handle of a product"))
        elif row.handle in groups and row.handle != last:
            first = groups[row.handle][0].line
            bad.append(row.bad("handle", f"{shown(row.handle)} is duplicated: it stands in line {first} already"))
        else:
            groups.setdefault(row.handle, []).append(row)
        last = row.handle
    return groups


def _find_repeated_skus(drafts: list[ProductDraft], bad: list[BadRow]) -> None:
    places: dict[str, list[tuple[int, str]]] = {}
    for draft in drafts:
        for variant in draft.variants:
            places.setdefault(variant.sku, []).append((variant.line, draft.handle))
    for sku, where in places.items():
        for (earlier, _), (line, handle) in pairwise(where):
            reason = f"{shown(sku)} is duplicated: it stands in line {earlier} already; expected each SKU once"
            bad.append(BadRow(line, "Variant SKU", reason, handle))


def _same_titles_for_a_category(drafts: list[ProductDraft]) -> list[ProductDraft]:
    """Let the first product that names a category decide how it is written."""
    first: dict[str, Category] = {}
    return [
        draft
        if draft.category is None
        else replace(draft, category=first.setdefault(draft.category.slug, draft.category))
        for draft in drafts
    ]
