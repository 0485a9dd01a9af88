"""`marketday drop`: definitions of drops."""

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from marketday.cli.desk import at_desk
from marketday.cli.goods import check_goods
from marketday.drops.definition import DropDefinition, load
from marketday.drops.mistakes import DefinitionErrors
from marketday.drops.schedule import Schedule
from marketday.environments.checkpoints import points, why_none

app = typer.Typer(help="Definitions of drops.", no_args_is_help=True)
_LABELS = {
    "build_at": "environment is built",
    "room_opens_at": "waiting room opens",
    "opens_at": "drop opens",
    "closes_at": "drop closes",
    "destroy_at": "environment is destroyed",
}


@app.callback()
def _group() -> None:
    """Definitions of drops."""


@app.command()
def check(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="The definition, a TOML file.")],
    *,
    mall: Annotated[bool, typer.Option("--mall", help="Look whether the mall can lend what the drop wants.")] = False,
) -> None:
    """Check a definition, and show the day that it makes. Exit status 1: it has mistakes, and each is listed."""
    definition = load_or_refuse(file)
    if mall:
        at_desk(ctx, lambda desk: check_goods(desk.goods, definition))
    console = Console()
    units = sum(product.stock for product in definition.products)
    title = f"{definition.slug}: {definition.name.en} / {definition.name.ko}"
    console.print(f"{escape(title)}, {units} units of {len(definition.products)} products", highlight=False)
    console.print(day(definition.schedule(), definition.zone))
    tell_points(console, definition)
    console.print("The definition is good.", style="green")


def load_or_refuse(file: Path) -> DropDefinition:
    """Return the definition in `file`; list its mistakes and end with status 1 when it has any."""
    try:
        return load(file)
    except DefinitionErrors as error:
        console = Console(stderr=True)
        console.print(f"Mistakes in {file}", style="red", markup=False, highlight=False, soft_wrap=True)
        for mistake in error.mistakes:
            console.print(f"  {mistake}", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None


def tell_points(console: Console, definition: DropDefinition) -> None:
    """Say when it is decided whether the day can be held, or why that is never."""
    planned, zone = definition.schedule(), ZoneInfo(definition.zone)
    if why := why_none(planned):
        console.print(why, style="yellow", soft_wrap=True)
        return
    told = ", ".join(f"{moment.astimezone(zone):%m-%d %H:%M} {step}" for step, moment in points(planned))
    console.print(f"Go or no-go, by then each has to be done: {told}", highlight=False, soft_wrap=True)


def day(schedule: Schedule, zone: str) -> Table:
    """Return the moments of a day as a table, in the drop's own zone."""
    table = Table("moment", f"time in {zone}")
    for name, label in _LABELS.items():
        moment = getattr(schedule, name).astimezone(ZoneInfo(zone))
        table.add_row(label, f"{moment:%Y-%m-%d %H:%M:%S %z}")
    return table
