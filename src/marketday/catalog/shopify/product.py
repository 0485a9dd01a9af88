"""Read one product from its rows of a Shopify export, and report the mistakes in each row."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from marketday.catalog.model import Category, Image, ProductDraft, Status, VariantDraft
from marketday.catalog.names import Unusable, handle_of
from marketday.catalog.shopify.cells import (
    LONGEST_TEXT,
    POLICIES,
    PUBLISHED,
    STATUSES,
    CellRefused,
    read_alt,
    read_barcode,
    read_grams,
    read_one_of,
    read_position,
    read_price,
    read_quantity,
    read_sku,
    read_source,
    read_text,
    read_title,
    shown,
)
from marketday.kit.text import folded, identifier

_T = TypeVar("_T")

_OPTIONS = (1, 2, 3)
_LONGEST_DERIVED = 100
_FEW_DIGITS = 6
_VARIANT_KEYS = ("option1_value", "option2_value", "option3_value", "sku", "price")


@dataclass(frozen=True, slots=True)
class BadRow:
    """A mistake: the line in the file where the row begins (from 1), the column, the value, and what is wrong.

    The same class is used for warnings: a value that was changed, and how; or a value that has no effect.
    """

    line: int
    column: str
    reason: str
    handle: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells by our column names, and the column names of the file."""

    line: int
    handle: str
    cells: Mapping[str, str]
    names: Mapping[str, str]

    def get(self, key: str) -> str:
        """Return a cell; empty if the file does not have the column."""
        return self.cells.get(key, "")

    def bad(self, key: str, reason: str) -> BadRow:
        """Return a mistake or warning about a cell."""
        return BadRow(self.line, self.names.get(key, key), reason, self.handle)


def slug(text: str) -> str:
    """Return `text` as part of an address: lower case letters, marks, digits and signs of any script, and hyphens."""
    kept = "".join(letter if unicodedata.category(letter)[0] in "LMNS" else "-" for letter in folded(text))
    return re.sub(r"-+", "-", kept).strip("-")


def derived_sku(handle: str, options: tuple[tuple[str, str], ...], digits: int = 6) -> str:
    """Return a SKU for a variant without one: the same for the same handle and options in every file.

    It ends with `digits` digits of a hash if it would be too long or not unique without it, and always if `digits` is
    not 6.
    """
    parts = [slug(value) for _, value in options]
    sku = identifier(".".join([handle, *parts]).upper())
    plain = all(part == value.lower().replace(" ", "-") for part, (_, value) in zip(parts, options, strict=True))
    if plain and len(sku) <= _LONGEST_DERIVED and digits == _FEW_DIGITS:
        return sku
    whole = "\n".join([handle, *(value for _, value in options)])
    return f"{sku[: _LONGEST_DERIVED - digits - 1]}.{hashlib.sha256(whole.encode()).hexdigest()[:digits].upper()}"


def read_product(rows: list[Row], currency: str, bad: list[BadRow], warnings: list[BadRow]) -> ProductDraft | None:
    """Return the product in `rows`; or add at least one mistake to `bad` and return None."""
    found = _Reader(rows, currency).read()
    bad.extend(found.bad)
    warnings.extend(found.warnings)
    return None if found.bad else found.draft


class _Reader:
    """Reads the rows of one product; continues after a mistake, so that all mistakes are reported at once."""

    def __init__(self, rows: list[Row], currency: str) -> None:
        self.rows = rows
        self.first = rows[0]
        self.currency = currency
        self.bad: list[BadRow] = []
        self.warnings: list[BadRow] = []
        self.draft: ProductDraft | None = None
        self.names = {number: self.first.get(f"option{number}_name") for number in _OPTIONS}

    def read(self) -> "_Reader":
        first = self.first
        title = self._cell(first, "title", read_title)
        try:
            handle_of(first.handle)
        except Unusable as error:
            self._refuse(first, "handle", f"{shown(first.handle)} {error}")
        status = self._cell(first, "status", lambda cell: read_one_of(cell, STATUSES)) or Status.ACTIVE
        published = self._cell(first, "published", lambda cell: read_one_of(cell, PUBLISHED))
        self._refuse_other_titles()
        self.draft = ProductDraft(
            handle=first.handle,
            title_ko=title or "",
            title_en=self._cell(first, "title_en", lambda cell: read_title(cell) if cell else "") or title or "",
            variants=self._variants(),
            body_html=first.get("body"),
            vendor=self._cell(first, "vendor", read_text) or "",
            category=_category(first),
            tags=tuple(dict.fromkeys(tag for part in first.get("tags").split(",") if (tag := part.strip()))),
            status=Status.DROP if published is False and status is Status.ACTIVE else status,
            images=self._images(),
        )
        return self

    def _cell(self, row: Row, key: str, read: Callable[[str], _T]) -> _T | None:
        try:
            return read(row.get(key))
        except CellRefused as error:
            self._refuse(row, key, str(error))
            return None

    def _refuse(self, row: Row, key: str, reason: str) -> None:
        self.bad.append(row.bad(key, reason))

    def _warn(self, row: Row, key: str, reason: str) -> None:
        self.warnings.append(row.bad(key, reason))

    def _refuse_other_titles(self) -> None:
        for row in self.rows[1:]:
            if row.get("title") not in ("", self.first.get("title")):
                reason = (
                    f"{shown(row.handle)} is used twice: line {self.first.line} begins another product with this handle"
                )
                self._refuse(row, "handle", reason)

    def _variants(self) -> tuple[VariantDraft, ...]:
        variants: list[VariantDraft] = []
        seen: dict[tuple[tuple[str, str], ...], int] = {}
        for row in self.rows:
            if row is not self.first and not any(row.get(key) for key in _VARIANT_KEYS):
                if not row.get("image"):
                    self._refuse(
                        row, "price", "is empty, and so are options, SKU and image; expected a variant or an image"
                    )
                continue
            variant = self._variant(row)
            if variant.options in seen:
                values = " / ".join(value for _, value in variant.options)
                what = shown(values) if values else "a row without options"
                reason = (
                    f"{what} is used twice: line {seen[variant.options]} has the same options; expected other options"
                )
                self._refuse(row, "option1_value", reason)
            seen.setdefault(variant.options, row.line)
            variants.append(variant)
        return tuple(variants)

    def _variant(self, row: Row) -> VariantDraft:
        options = self._options(row)
        sku = self._sku(row)
        return VariantDraft(
            sku=sku or derived_sku(row.handle, options),
            options=options,
            price_minor=self._cell(row, "price", lambda cell: read_price(cell, self.currency)) or 0,
            currency=self.currency,
            quantity=self._quantity(row),
            compare_at_minor=self._cell(
                row, "compare_at", lambda cell: read_price(cell, self.currency) if cell else None
            )
            or None,
            grams=self._cell(row, "grams", read_grams) or 0,
            barcode=self._cell(row, "barcode", read_barcode) or "",
            image_source=self._picture(row, "variant_image"),
            unlimited=self._unlimited(row),
            line=row.line,
            named=bool(sku),
        )

    def _sku(self, row: Row) -> str:
        """Return the SKU; empty if no SKU can be used: then it is made from handle and options."""
        try:
            return read_sku(row.get("sku"))
        except CellRefused as error:
            self._warn(row, "sku", f"{error}; it gets a SKU made from its handle and options")
            return ""

    def _quantity(self, row: Row) -> int | None:
        quantity = self._cell(row, "quantity", read_quantity)
        if quantity is not None and quantity < 0:
            self._warn(row, "quantity", f"{shown(row.get('quantity'))} is below 0; 0 is used instead")
            return 0
        return quantity

    def _unlimited(self, row: Row) -> bool | None:
        """Return whether it is sold without limit: it is not tracked, or continues to sell when out of stock.

        If the file has no tracker column, a quantity means that it is tracked. Without both, the answer is None.
        """
        if self._cell(row, "policy", lambda cell: read_one_of(cell, POLICIES)):
            return True
        if "tracker" in row.names:
            return not row.get("tracker")
        return False if row.get("quantity") else None

    def _options(self, row: Row) -> tuple[tuple[str, str], ...]:
        options = []
        for number, name in self.names.items():
            key = f"option{number}_value"
            value = self._cell(row, key, read_text) or ""
            if name and not value:
                self._refuse(row, key, f"is empty; expected a value for the option {shown(name)}")
            elif value and not name and value != "Default Title":
                self._refuse(
                    row,
                    key,
                    f"{shown(value)} is a value without an option name; expected a name in line {self.first.line}",
                )
            elif value and value != "Default Title":
                options.append((name, value))
        return tuple(options)

    def _images(self) -> tuple[Image, ...]:
        found: dict[str, tuple[int, Image]] = {}
        for row in self.rows:
            source = self._picture(row, "image")
            place = self._cell(row, "image_position", read_position)
            if source:
                alt = self._cell(row, "image_alt", read_alt) or ""
                found.setdefault(source, (len(found) + 1 if place is None else place, Image(source, alt)))
        return tuple(image for _, image in sorted(found.values(), key=lambda each: each[0]))

    def _picture(self, row: Row, key: str) -> str:
        source = self._cell(row, key, read_source) or ""
        if Image(source).blocked:
            self._warn(row, key, f"{shown(source)} is not shown in the mall: browsers block http; expected https")
        return source


def _category(row: Row) -> Category | None:
    """Return the category: the product's type, otherwise the last part of its standard category or its first tag."""
    standard = row.get("product_category").rpartition(">")[2].strip()
    tag = row.get("tags").split(",")[0].strip()
    title = row.get("type") or standard or tag[:1].upper() + tag[1:]
    title_en = (row.get("type_en") if row.get("type") else "") or title
    address = slug(title_en)
    return Category(address[:LONGEST_TEXT], title, title_en) if address else None
