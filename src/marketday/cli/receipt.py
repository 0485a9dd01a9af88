"""`marketday receipt`: show and verify the signed proofs of hand-backs."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from marketday.cli.asking import refuse
from marketday.cli.desk import Desk, at_desk, find
from marketday.handback.errors import InvalidReceipt
from marketday.handback.model import Receipt, ReceiptKind
from marketday.kit.money import decimal_amount
from marketday.kit.reading import UnreadableFile, parse_json, read_text
from marketday.kit.text import counted

app = typer.Typer(help="Show and verify receipts, the signed proofs of hand-backs.", no_args_is_help=True)
_LARGEST_FILE = 1024 * 1024


@app.command()
def show(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ENV", help="An environment's id, or the slug of its drop.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with the signed token.")] = False,
) -> None:
    """Show the receipt of an environment."""

    async def work(desk: Desk) -> Receipt:
        return await desk.hand_back.receipt((await find(desk.store, name)).id)

    receipt = at_desk(ctx, work)
    if as_json:
        typer.echo(json.dumps({"receipt": receipt.token, "summary": receipt.claims}, indent=2, ensure_ascii=False))
    else:
        _show(receipt)


@app.command()
def verify(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A file with a receipt (JSON), or with its token only.")],
) -> None:
    """Check that a receipt is genuine and its summary matches the signature. Exit status 1: it does not."""
    token, summary = _read(file)

    async def work(desk: Desk) -> Receipt:
        receipt = desk.receipts.read(token)
        if summary is not None and summary != receipt.claims:
            differing = sorted(
                key for key in {*summary, *receipt.claims} if summary.get(key) != receipt.claims.get(key)
            )
            raise InvalidReceipt(f"its summary differs from what was signed: {', '.join(differing)}")
        return receipt

    receipt = at_desk(ctx, work)
    _show(receipt)
    Console().print("The receipt is genuine.", style="green")


def _read(file: Path) -> tuple[str, dict[str, Any] | None]:
    try:
        text = read_text(file, _LARGEST_FILE)
    except UnreadableFile as error:
        refuse(f"{error.title}: {error.detail}")
    try:
        content = parse_json(text)
    except ValueError:
        return text.strip(), None
    if not isinstance(content, dict) or not isinstance(content.get("receipt"), str):
        refuse(f"{file}: expected a JSON object with the key 'receipt', or a token")
    summary = content.get("summary")
    return content["receipt"], summary if isinstance(summary, dict) else None


def _show(receipt: Receipt) -> None:
    claims, console = receipt.claims, Console()
    promotion = claims["promotion"]
    console.print(f"{receipt.kind} {receipt.environment_id}, drop {escape(str(claims['drop']))}", highlight=False)
    table = Table("figure", "value", show_header=False)
    for name, value in promotion.items():
        table.add_row(name.replace("_", " "), str(value))
    if early := claims.get("released_early"):
        held = f"{counted(early['reservations'], 'reservation')}, {counted(early['units'], 'unit')}"
        shown = f"{held} at {early['at']} by {early['by']}"
        table.add_row("released early", escape(shown))
    if receipt.kind is ReceiptKind.HANDED_BACK:
        for one in claims["sums"]:
            amount = decimal_amount(one["amount_minor"], one["currency"])
            table.add_row(f"{one['table']} {one['state']}", f"{one['rows']}, {amount:f} {one['currency']}")
        table.add_row("point", f"{claims['point']['lsn']} at {claims['point']['at']}")
    console.print(table)
    if receipt.kind is ReceiptKind.HANDED_BACK:
        proofs = Table("table", "rows", "SHA-256 of its rows")
        for name, proof in claims["tables"].items():
            proofs.add_row(name, str(proof["rows"]), proof["sha256"])
        console.print(proofs)
        console.print(f"checks passed: {', '.join(claims['equations'])}", highlight=False, markup=False)
