"""Reads a price table: `infra/prices/<region>.toml`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, TypeGuard

from marketday.capacity.cost.model import Listed, Price, PriceTable
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
    rules = [_rule(f"{path}: list {key}", key, value) for key, value in _table(path, content, "list").items()]
    read = {key: _price(f"{path}: {key}", value) for key, value in prices.items()}
    placed = {key: replace(one, listed=_listed(key, rules)) for key, one in read.items()}
    return PriceTable(region, dated, source, placed)


def _table(path: Path, content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = content.get(name, {})
    if not isinstance(found, dict):
        raise InvalidPriceTable(f"{path}: {name} = {found!r}; expected a table [{name}]")
    return found


def _rule(where: str, key: str, value: Any) -> tuple[re.Pattern[str], Listed]:
    """Return which prices a line of the table `list` is for, and where AWS lists them; `*` is the same text in both."""
    known = isinstance(value, Mapping) and not value.keys() - {"offer", "usage", "where"}
    more = value.get("where", {}) if known else {}
    texts = [value.get("offer"), value.get("usage"), *more.values()] if isinstance(more, Mapping) and known else [None]
    if not all(isinstance(text, str) and text for text in texts) or key.count("*") > 1:
        raise InvalidPriceTable(f"{where} = {value!r}; expected offer, usage, and optionally where, all texts")
    pattern = re.compile(re.escape(key).replace(re.escape("*"), "(.+)"))
    return pattern, Listed(value["offer"], value["usage"], dict(more))


def _listed(key: str, rules: Sequence[tuple[re.Pattern[str], Listed]]) -> Listed | None:
    for pattern, listed in rules:
        if found := pattern.fullmatch(key):
            return replace(listed, usage=listed.usage.replace("*", found[1])) if found.groups() else listed
    return None


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
