"""Reads a price table: `infra/prices/<region>.toml`."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeGuard

from marketday.capacity.cost.model import Price, PriceTable
from marketday.capacity.errors import InvalidPriceTable
from marketday.kit.files import prices_folder
from marketday.kit.reading import UnreadableFile, parse_toml, read_text

REGION = "ap-northeast-2"
SOURCES = ("quoted", "memory")
_LARGEST_FILE = 1024 * 1024


def usual_table() -> Path:
    """Return the repository's price table."""
    return prices_folder() / f"{REGION}.toml"


def read_prices(path: Path) -> PriceTable:
    """Read the table in the file `path`.

    Raises:
        InvalidPriceTable: it cannot be read, or one of its prices is not valid.

    """
    try:
        content = parse_toml(read_text(path, _LARGEST_FILE))
    except UnreadableFile as error:
        raise InvalidPriceTable(error.detail) from None
    except ValueError as error:
        raise InvalidPriceTable(f"{path}: {error}; expected a TOML file with a table [prices]") from None
    region, dated, source = (content.get(key) for key in ("region", "dated", "source"))
    if not (isinstance(region, str) and type(dated) is date and isinstance(source, str)):
        raise InvalidPriceTable(
            f"{path}: region = {region!r}, dated = {_shown(dated)}, source = {source!r}; "
            "expected a text, a date such as 2026-11-26, and a text"
        )
    if content.get("currency") != "USD":
        raise InvalidPriceTable(f"{path}: currency = {content.get('currency')!r}; expected 'USD'")
    prices = content.get("prices")
    if not isinstance(prices, dict) or not prices:
        raise InvalidPriceTable(f"{path}: prices = {prices!r}; expected a table [prices] with a price for each key")
    return PriceTable(region, dated, source, {key: _price(f"{path}: {key}", value) for key, value in prices.items()})


def _price(where: str, value: Any) -> Price:
    if not isinstance(value, Mapping) or value.keys() - {"usd", "units", "per", "from", "checked"}:
        raise InvalidPriceTable(f"{where} = {value!r}; expected usd, per, from, and optionally units and checked")
    usd, units, checked = value.get("usd"), value.get("units", 1), value.get("checked", False)
    if not (_is_amount(usd) and _is_amount(units) and units > 0):
        raise InvalidPriceTable(f"{where}: usd = {usd!r}, units = {units!r}; expected usd >= 0, units > 0")
    source, per = value.get("from"), value.get("per")
    if source not in SOURCES or not isinstance(per, str) or not isinstance(checked, bool):
        raise InvalidPriceTable(
            f"{where}: per = {per!r}, from = {source!r}, checked = {checked!r}; "
            f"expected a text, {' or '.join(SOURCES)}, and true or false"
        )
    return Price(usd, units, per, checked)


def _shown(value: Any) -> str:
    return str(value) if isinstance(value, date) else repr(value)


def _is_amount(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")
