"""Read single cells of a Shopify export; each reader raises `CellRefused` with the value and what was expected."""

import re
from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import urlsplit

from marketday.catalog.model import LARGEST_STOCK, Status
from marketday.catalog.names import Unusable, sku_of, title_of
from marketday.kit.errors import MarketdayError
from marketday.kit.money import parse_amount
from marketday.kit.text import identifier, unusable

LONGEST_TEXT = 255  # Shopify's own limits, in characters, for titles, names and values of options, and barcodes
LONGEST_ALT = 512  # the alternative text of a picture
LONGEST_CELL = 512 * 1024  # a description, the longest kind of cell
STATUSES = {"": Status.ACTIVE, "active": Status.ACTIVE, "archived": Status.ARCHIVED}
STATUSES |= {"draft": Status.DRAFT, "unlisted": Status.DRAFT}
PUBLISHED = {"": True, "true": True, "false": False}
# Whether a variant continues to sell when it is out of stock.
POLICIES = {"": False, "deny": False, "false": False, "continue": True, "true": True}

_SHOWN = 60  # characters of a refused value
_AMOUNT = re.compile(r"[0-9]{1,20}(\.[0-9]{1,30})?")
_WEIGHT = re.compile(r"[0-9]{1,20}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?")  # spreadsheets write 1E-05
_WHOLE = re.compile(r"(-?[0-9]{1,20})(\.0{1,10})?")
_T = TypeVar("_T")


class CellRefused(Exception):
    """A cell cannot be read; the message says why."""


def shown(value: str) -> str:
    """Return a refused value in quotes, shortened if it is long."""
    return repr(value if len(value) <= _SHOWN else value[:_SHOWN] + "…")


def read_price(cell: str, currency: str) -> int:
    """Read a price in minor units of `currency`."""
    if not _AMOUNT.fullmatch(cell):
        raise CellRefused(f"{shown(cell)} is not a price; expected a number of {currency}, 0 or more")
    try:
        return parse_amount(cell, currency)
    except MarketdayError as error:
        raise CellRefused(error.detail) from None


def read_text(cell: str) -> str:
    """Read a text of ordinary length."""
    if len(cell) > LONGEST_TEXT:
        raise CellRefused(f"{shown(cell)} has {len(cell)} characters; expected at most {LONGEST_TEXT}")
    return cell


def read_title(cell: str) -> str:
    """Read a title, which is required."""
    if not cell:
        raise CellRefused("is empty; expected a title")
    try:
        return title_of(read_text(cell))
    except Unusable as error:
        raise CellRefused(f"{cell[:_SHOWN]!a} {error}") from None


def read_alt(cell: str) -> str:
    """Read the alternative text of a picture."""
    if len(cell) > LONGEST_ALT:
        raise CellRefused(f"{shown(cell)} has {len(cell)} characters; expected at most {LONGEST_ALT}")
    return cell


def read_sku(cell: str) -> str:
    """Read a SKU; exports put an apostrophe before SKUs that a spreadsheet would read as numbers."""
    code = cell.removeprefix("'")
    try:
        return sku_of(code) if code.strip() else ""
    except Unusable as error:
        raise CellRefused(f"{shown(code)} {error}") from None


def read_barcode(cell: str) -> str:
    """Read a barcode."""
    code = identifier(cell.removeprefix("'"))
    if len(code) > LONGEST_TEXT or unusable(cell):
        raise CellRefused(f"{shown(cell)} has {len(cell)} characters; expected at most {LONGEST_TEXT}, all printable")
    return code


def read_one_of(cell: str, known: Mapping[str, _T]) -> _T:
    """Read one of the words in `known`, in upper or lower case."""
    try:
        return known[cell.lower()]
    except KeyError:
        wanted = ", ".join(name for name in known if name)
        raise CellRefused(f"{shown(cell)}; expected one of {wanted}") from None


def read_quantity(cell: str) -> int | None:
    """Read a quantity; None for an empty cell. It is below 0 if the shop sold more than it had."""
    if not cell:
        return None
    found = _WHOLE.fullmatch(cell)
    if not found or abs(int(found[1])) > LARGEST_STOCK:
        raise CellRefused(f"{shown(cell)} is not a quantity; expected a whole number from 0 to {LARGEST_STOCK}")
    return int(found[1])


def read_grams(cell: str) -> int:
    """Read a weight in grams."""
    if not cell:
        return 0
    if not _WEIGHT.fullmatch(cell) or float(cell) > LARGEST_STOCK:
        raise CellRefused(f"{shown(cell)} is not a weight; expected grams from 0 to {LARGEST_STOCK}")
    return round(float(cell))


def read_position(cell: str) -> int | None:
    """Read the position of a picture, from 1."""
    if not cell:
        return None
    found = _WHOLE.fullmatch(cell)
    if not found or not 0 < int(found[1]) <= LARGEST_STOCK:
        raise CellRefused(f"{shown(cell)} is not a position; expected a whole number from 1")
    return int(found[1])


def read_source(cell: str) -> str:
    """Read a picture's address: an http(s) URL, or a path below the mall's own address."""
    if not cell:
        return ""
    try:
        parts = urlsplit(f"https:{cell}" if cell.startswith("//") else cell)
    except ValueError:
        raise CellRefused(f"{shown(cell)} is not an address; expected an http(s) URL") from None
    own = not parts.scheme and not parts.netloc and not cell.startswith("/") and ".." not in parts.path.split("/")
    if not own and not (parts.scheme in ("http", "https") and parts.netloc):
        raise CellRefused(
            f"{shown(cell)} is not the address of a picture; expected an http(s) URL, or a path such as media/toner.svg"
        )
    return f"https:{cell}" if cell.startswith("//") else cell
