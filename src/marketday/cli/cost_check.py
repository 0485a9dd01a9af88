"""`marketday cost --check`: the price table beside an offer file of AWS's price list."""

from pathlib import Path
from typing import NoReturn

import typer
from rich.console import Console

from marketday.capacity.cost.model import PriceTable
from marketday.capacity.cost.offer import Compared, PriceList, compare, read_offer
from marketday.capacity.cost.prices import read_prices
from marketday.cli.asking import refuse
from marketday.kit.errors import MarketdayError
from marketday.kit.text import counted


def check_prices(console: Console, table_file: Path, offer_file: Path) -> NoReturn:
    """Show each price that the offer lists beside the table's; exit, with status 1 if one differs or is not found."""
    try:
        table, offer = read_prices(table_file), read_offer(offer_file)
    except MarketdayError as error:
        refuse(f"{error.title}: {error.detail}")
    found = compare(table, offer)
    if not found:
        offers = sorted({price.listed.offer for price in table.prices.values() if price.listed})
        refuse(f"{offer_file}: the table has no price of {offer.code}; expected one of {', '.join(offers)}")
    for one in found:
        console.print(_line(one), markup=False, soft_wrap=True, style="" if one.same else "red")
    console.print(_summary(found, table, offer), markup=False, soft_wrap=True)
    raise typer.Exit(0 if all(one.same for one in found) else 1)


def _line(one: Compared) -> str:
    if one.problem:
        return f"{one.key}: {one.problem}"
    told = f"{one.price.usd:g} per {one.price.per}"
    if one.same:
        return f"{one.key}: {told}, as in the list"
    return f"{one.key}: {told}, but the list has {one.listed_usd:g}; correct usd in the table"


def _summary(found: list[Compared], table: PriceTable, offer: PriceList) -> str:
    same, missing = sum(one.same for one in found), sum(bool(one.problem) for one in found)
    unknown = sum(price.listed is None for price in table.prices.values())
    return (
        f"{counted(len(found), 'price')} of {table.region}, dated {table.dated}, compared with {offer.code} of "
        f"{offer.published}: {same} the same, {len(found) - same - missing} different, {missing} not found. "
        f"{unknown} of {len(table.prices)} prices have no place in AWS's list (`[list]` in the table)."
    )
