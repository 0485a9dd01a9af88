"""`marketday catalog`: import the mall's products, and list them."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Annotated, Protocol

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from marketday.catalog.model import Page, Product, Status, Wish
from marketday.catalog.service import ImportReport
from marketday.cli.asking import ask, refuse
from marketday.kit.money import decimal_amount

LARGEST_FILE = 64 * 1024 * 1024  # bytes; Shopify itself writes files of at most 15 MB
SHOWN_ROWS = 50  # bad rows in the table; there may be as many as the file has

app = typer.Typer(no_args_is_help=True, help="Import and list the mall's products.")


class Catalog(Protocol):
    """What these commands need."""

    async def import_file(
        self, data: bytes, *, currency: str = "KRW", skip_invalid: bool = False, dry_run: bool = False
    ) -> ImportReport:
        """Import a product export."""
        ...

    async def bring_pictures(self, folder: Path) -> int:
        """Copy the pictures of a folder to where the mall serves them; return how many were new."""
        ...

    async def listing(self, wish: Wish) -> Page:
        """Return one page of products."""
        ...


OpenCatalog = Callable[[], AbstractAsyncContextManager[Catalog]]
"""What `ctx.obj` is for these commands: opens the catalogue in the loop of the command."""


@app.command("import")
def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A product export of Shopify (CSV, UTF-8).")],
    currency: Annotated[str, typer.Option(help="The currency of the prices, as in ISO 4217.")] = "KRW",
    *,
    skip_invalid: Annotated[bool, typer.Option("--skip-invalid", help="Import the products that are good.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
) -> None:
    """Import products: all of them, or none and a table of what is wrong.

    Pictures in the folder `media` beside the file come with them.

    Importing the same file again changes nothing. Stock is taken from the file for new variants, and where its
    quantity is another than the last import found. Exit status 1: something was refused.
    """
    data = _read(file)

    async def work(catalog: Catalog) -> tuple[ImportReport, int]:
        found = await catalog.import_file(data, currency=currency.upper(), skip_invalid=skip_invalid, dry_run=dry_run)
        return found, await catalog.bring_pictures(file.parent / "media") if found.stored else 0

    report, pictures = ask(_opener(ctx), work, about=f"{file}: ")
    console = Console()
    _show(console, report, dry_run=dry_run)
    if pictures:
        console.print(f"Pictures: {pictures} new", highlight=False)
    if report.bad_rows:
        raise typer.Exit(1)


@app.command("list")
def list_(
    ctx: typer.Context,
    search: Annotated[str, typer.Option(help="Words that must all be found.")] = "",
    category: Annotated[str | None, typer.Option(help="A category's slug.")] = None,
    page: Annotated[int, typer.Option(min=1, max=100_000, help="Which page.")] = 1,
    size: Annotated[int, typer.Option(min=1, max=1000, help="Products on a page.")] = 50,
) -> None:
    """List products of any status, newest first."""
    wish = Wish(category=category, search=search, page=page, size=size, statuses=tuple(Status))
    found = ask(_opener(ctx), lambda catalog: catalog.listing(wish))
    table = Table("handle", "title", "category", "status", "variants", "price", "stock")
    for product in found.products:
        table.add_row(*_cells(product))
    console = Console()
    console.print(table)
    console.print(f"page {found.number} of {found.last}, {found.total} products", highlight=False)


def _opener(ctx: typer.Context) -> OpenCatalog:
    opener: OpenCatalog = ctx.obj
    return opener


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as source:
            data = source.read(LARGEST_FILE + 1)
    except OSError as error:
        refuse(f"{file}: {error.strerror}; expected a readable file")
    if len(data) > LARGEST_FILE:
        refuse(f"{file}: more than {LARGEST_FILE} bytes; expected at most that")
    return data


def _show(console: Console, report: ImportReport, *, dry_run: bool) -> None:
    if report.bad_rows:
        table = Table("line", "column", "reason", title="Rows that cannot be imported")
        for row in report.bad_rows[:SHOWN_ROWS]:
            table.add_row(str(row.line), escape(row.column), escape(row.reason))
        console.print(table)
        if len(report.bad_rows) > SHOWN_ROWS:
            console.print(f"... and {len(report.bad_rows) - SHOWN_ROWS} more", highlight=False)
    counts = f"{report.created} created, {report.updated} updated, {report.unchanged} unchanged"
    skipped = f", {report.skipped} skipped" if report.skipped else ""
    if report.stored:
        console.print(f"Imported: {counts}{skipped}", highlight=False)
    elif dry_run:
        console.print(f"Dry run, nothing was imported; it would be: {counts}{skipped}", highlight=False)
    else:
        console.print("Nothing was imported. Mend these rows, or import the rest with --skip-invalid.")


def _cells(product: Product) -> list[str]:
    cheapest = product.cheapest
    price = ""
    if cheapest:
        price = f"{decimal_amount(cheapest.price_minor, cheapest.currency):f} {cheapest.currency}"
    stock = sum(variant.stock for variant in product.offered)
    category = product.category.slug if product.category else ""
    count = str(len(product.offered))
    return [escape(product.handle), escape(product.title_ko), category, product.status.value, count, price, str(stock)]
