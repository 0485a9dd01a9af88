"""`marketday catalog`: import the mall's products, and list them."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from marketday.catalog.model import Product, Status, Variant, Wish
from marketday.catalog.service import ImportReport
from marketday.catalog.shelves import Shelves
from marketday.catalog.shopify.product import BadRow
from marketday.cli.asking import ask, refuse
from marketday.kit.money import decimal_amount
from marketday.kit.reading import UnreadableFile, read_regular
from marketday.kit.text import counted

LARGEST_FILE = 64 * 1024 * 1024  # bytes; Shopify itself writes files of at most 15 MB
_PRODUCT = ("handle", "title", "category", "status", "variants", "price", "stock")
_VARIANT = ("SKU", "title", "options", "status", "price", "stock")
SHOWN_ROWS = 50  # rows of the table; a file may have many more bad rows

app = typer.Typer(no_args_is_help=True, help="Import and list the mall's products.")


OpenCatalog = Callable[[], AbstractAsyncContextManager[Shelves]]
"""The type of `ctx.obj` for these commands: opens the catalogue in the command's event loop."""


@app.command("import")
def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A product export from Shopify (CSV, UTF-8).")],
    currency: Annotated[
        str | None,
        typer.Option(help="The currency of the prices (ISO 4217). Default: the mall's currency, or KRW."),
    ] = None,
    *,
    skip_invalid: Annotated[
        bool,
        typer.Option(
            "--skip-invalid/--all-or-nothing", help="Skip products with errors, or import nothing if one has an error."
        ),
    ] = True,
    recount: Annotated[
        bool, typer.Option("--recount", help="Take every quantity from the file, as after a stock count.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done, but change nothing.")] = False,
) -> None:
    """Import the products that have no errors, and show the errors of the others.

    Pictures in the folder `media` next to the file are imported too.

    Importing the same file again changes nothing. Stock is taken from the file for new variants, for variants
    whose quantity differs from the last import, and for all variants with --recount. A quantity counts all units,
    also those that are lent to drops. A variant that is not tracked, or continues to sell when out of stock, is sold
    without limit. Exit status 1: at least one product was refused.
    """
    data = _read(file)

    async def work(catalog: Shelves) -> tuple[ImportReport, str, int]:
        chosen = currency.upper() if currency else await _currency_of(catalog)
        found = await catalog.import_file(
            data, currency=chosen, skip_invalid=skip_invalid, dry_run=dry_run, recount=recount
        )
        return found, chosen, await catalog.bring_pictures(file.parent / "media") if found.stored else 0

    report, used, pictures = ask(_opener(ctx), work, about=f"{file}: ")
    console = Console()
    _show(console, report, dry_run=dry_run)
    if currency is None:
        words = f"Prices were read as {used}. If that is wrong, import again with --currency, for example USD."
        console.print(words, highlight=False, soft_wrap=True)
    if pictures:
        console.print(f"Pictures: {pictures} new", highlight=False)
    if report.bad_rows:
        raise typer.Exit(1)


@app.command("list")
def list_(
    ctx: typer.Context,
    search: Annotated[str, typer.Option(help="Show only products that contain all these words.")] = "",
    category: Annotated[str | None, typer.Option(help="Show only products of the category with this slug.")] = None,
    page: Annotated[int, typer.Option(min=1, max=100_000, help="The number of the page to show.")] = 1,
    size: Annotated[int, typer.Option(min=1, max=1000, help="Products per page.")] = 50,
    *,
    variants: Annotated[bool, typer.Option("--variants", help="Show one line for each variant, with its SKU.")] = False,
) -> None:
    """List products of any status, newest first."""
    wish = Wish(category=category, search=search, page=page, size=size, statuses=tuple(Status))
    found = ask(_opener(ctx), lambda catalog: catalog.listing(wish))
    table = Table()
    for name in _VARIANT if variants else _PRODUCT:
        table.add_column(name, overflow="fold")  # wrap long names instead of cutting them, so that people can copy them
    for product in found.products:
        for cells in _variant_cells(product) if variants else [_cells(product)]:
            table.add_row(*cells)
    console = Console()
    console.print(table)
    console.print(f"page {found.number} of {found.last}, {counted(found.total, 'product')}", highlight=False)


def _opener(ctx: typer.Context) -> OpenCatalog:
    opener: OpenCatalog = ctx.obj
    return opener


async def _currency_of(catalog: Shelves) -> str:
    """Return the currency of the mall's newest goods; a Shopify export does not name one."""
    newest = await catalog.listing(Wish(size=1, statuses=tuple(Status)))
    currencies = [product.cheapest.currency for product in newest.products if product.cheapest]
    return currencies[0] if currencies else "KRW"


def _read(file: Path) -> bytes:
    try:
        return read_regular(file, LARGEST_FILE)
    except UnreadableFile as error:
        refuse(error.detail)


def _show(console: Console, report: ImportReport, *, dry_run: bool) -> None:
    _show_rows(console, "Rows that cannot be imported", report.bad_rows)
    _show_rows(console, "Warnings: rows whose values were changed", report.warnings)
    counts = f"{report.created} created, {report.updated} updated, {report.unchanged} unchanged"
    refused = f", {report.skipped} refused" if report.skipped else ""
    if not report.stored and not dry_run:
        console.print(
            "Nothing was imported. Correct these rows, or import the other products without --all-or-nothing."
        )
        return
    begin = "Imported" if report.stored else "Dry run, nothing was imported. The import would be"
    console.print(f"{begin}: {counts}{refused}", highlight=False)
    if report.warnings:
        console.print(f"Warnings: {len(report.warnings)}", highlight=False)
    if report.without_stock:
        console.print(f"Without stock: {counted(report.without_stock, 'product')} (cannot be bought)", highlight=False)
    if report.unlimited:
        why = "not tracked, or set to continue selling when out of stock"
        console.print(f"Sold without limit: {counted(report.unlimited, 'product')} ({why})", highlight=False)


def _show_rows(console: Console, title: str, rows: Sequence[BadRow]) -> None:
    if not rows:
        return
    table = Table("line", "column", "reason", title=title)
    for row in rows[:SHOWN_ROWS]:
        table.add_row(str(row.line), escape(row.column), escape(row.reason))
    console.print(table)
    if len(rows) > SHOWN_ROWS:
        console.print(f"... and {len(rows) - SHOWN_ROWS} more", highlight=False)


def _cells(product: Product) -> list[str]:
    price = _price(product.cheapest) if product.cheapest else ""
    unlimited = any(variant.unlimited for variant in product.offered)
    stock = "no limit" if unlimited else str(max(0, sum(variant.units for variant in product.offered)))
    category = product.category.slug if product.category else ""
    count = str(len(product.offered))
    return [escape(product.handle), escape(product.title_ko), category, product.status.value, count, price, stock]


def _variant_cells(product: Product) -> list[list[str]]:
    return [
        [
            escape(variant.sku),
            escape(product.title_ko),
            escape(" / ".join(value for _, value in variant.options)),
            product.status.value,
            _price(variant),
            "no limit" if variant.unlimited else str(variant.units),
        ]
        for variant in product.offered
    ]


def _price(variant: Variant) -> str:
    return f"{decimal_amount(variant.price_minor, variant.currency):f} {variant.currency}"
