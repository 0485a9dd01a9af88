"""`marketday drop`: write and check definitions of drops."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from marketday.cli.asking import refuse
from marketday.cli.desk import at_desk
from marketday.cli.goods import check_goods
from marketday.drops.definition import DropDefinition, load, parse
from marketday.drops.drafting import Wanted, draft, soon
from marketday.drops.mistakes import EXPECTED, DefinitionErrors, Mistake
from marketday.drops.schedule import Schedule, default_schedule, to_utc
from marketday.environments.checkpoints import points, why_none
from marketday.kit.text import counted

app = typer.Typer(help="Write and check definitions of drops.", no_args_is_help=True)
_LABELS = {
    "build_at": "environment is built",
    "room_opens_at": "waiting room opens",
    "opens_at": "drop opens",
    "closes_at": "drop closes",
    "destroy_at": "environment is destroyed",
}


@app.callback()
def _group() -> None:
    """Write and check definitions of drops."""


@app.command()
def check(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="The definition, a TOML file.")],
    *,
    mall: Annotated[
        bool, typer.Option("--mall", help="Also check whether the mall can lend the goods that the drop wants.")
    ] = False,
) -> None:
    """Check a definition and show its schedule. Exit status 1: it has mistakes, which are listed."""
    definition = load_or_refuse(file)
    if mall:
        at_desk(ctx, lambda desk: check_goods(desk.goods, definition))
    console = Console()
    units = sum(product.stock for product in definition.products)
    title = f"{definition.slug}: {definition.name.en} / {definition.name.ko}"
    console.print(
        f"{escape(title)}, {counted(units, 'unit')} of {counted(len(definition.products), 'product')}", highlight=False
    )
    console.print(day(definition.schedule(), definition.zone))
    show_points(console, definition)
    console.print("The definition is valid.", style="green")


@app.command()
def new(
    file: Annotated[Path, typer.Argument(help="The file to write, such as my-drop.toml; its name becomes the slug.")],
    products: Annotated[
        list[str],
        typer.Option("--product", help="An item and its units, SKU=UNITS or SKU=UNITS:LIMIT_PER_PERSON; repeatable."),
    ],
    name: Annotated[str, typer.Option(help="The name of the drop. Default: the file's name.")] = "",
    opens_at: Annotated[
        datetime | None, typer.Option(help="The opening time, a local time of the zone. Default: tomorrow at 20:00.")
    ] = None,
    opens_in: Annotated[
        int | None,
        typer.Option(min=2, max=1440, help="Instead of --opens-at: open in this many minutes, and build at once."),
    ] = None,
    minutes: Annotated[int, typer.Option(min=1, max=1440, help="The length of the sale in minutes.")] = 60,
    zone: Annotated[str, typer.Option(help="The drop's time zone.")] = "Asia/Seoul",
) -> None:
    """Write and check a definition to start from. An existing file is never overwritten."""
    if opens_at and opens_in:
        refuse("--opens-at and --opens-in: expected one of the two")
    try:
        text = _drafted(file, products, name, (opens_at, opens_in), minutes, zone)
        definition = parse(text, str(file))
    except DefinitionErrors as error:
        refuse("\n".join(map(str, error.mistakes)))
    try:
        with file.open("x", encoding="utf-8") as written:
            written.write(text)
    except FileExistsError:
        refuse(f"{file} exists; expected a new file: name another, or remove it first")
    except OSError as error:
        refuse(f"{file} cannot be written: {error.strerror}")
    console = Console()
    console.print(day(definition.schedule(), definition.zone))
    console.print(f"Written: {file}. Next: marketday env plan {file}", markup=False, highlight=False, soft_wrap=True)


def _drafted(
    file: Path, products: list[str], name: str, opens: tuple[datetime | None, int | None], minutes: int, zone: str
) -> str:
    """Return the text of a definition; raises DefinitionErrors if a value of the command cannot be read."""
    try:
        place = ZoneInfo(zone)
    except (ValueError, OSError, KeyError):  # unknown zones: a name that is not a path, a folder, a missing file
        raise DefinitionErrors([Mistake("--zone", zone, EXPECTED["zone"])]) from None
    now = datetime.now(UTC).replace(microsecond=0)
    at, within = opens
    if within is not None:
        opening = now + timedelta(minutes=within)
    else:
        local = at or datetime.combine(now.astimezone(place).date() + timedelta(days=1), time(20))
        try:
            opening = to_utc(local, place)
        except ValueError as error:
            raise DefinitionErrors([Mistake("--opens-at", str(local), str(error))]) from None
    closing = opening + timedelta(minutes=minutes)
    planned = soon(now, opening, closing) if within is not None else default_schedule(opening, closing, place)
    slug = file.stem
    return draft(slug, name or slug, place, planned, [_wanted(each) for each in products], usual_day=within is None)


def _wanted(text: str) -> Wanted:
    sku, _, amount = text.rpartition("=")
    units, _, limit = amount.partition(":")
    try:
        return Wanted(sku, int(units), int(limit or 1))
    except ValueError:
        raise DefinitionErrors([Mistake("--product", text, "SKU=UNITS or SKU=UNITS:LIMIT_PER_PERSON")]) from None


def load_or_refuse(file: Path) -> DropDefinition:
    """Return the definition in `file`. If it has mistakes, list them and exit with status 1."""
    try:
        return load(file)
    except DefinitionErrors as error:
        console = Console(stderr=True)
        console.print(f"Mistakes in {file}", style="red", markup=False, highlight=False, soft_wrap=True)
        for mistake in error.mistakes:
            console.print(f"  {mistake}", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None


def show_points(console: Console, definition: DropDefinition) -> None:
    """Show the deadlines of the go or no-go decision, or why there are none."""
    planned, zone = definition.schedule(), ZoneInfo(definition.zone)
    if why := why_none(planned):
        console.print(why, style="yellow", soft_wrap=True)
        return
    deadlines = ", ".join(f"{moment.astimezone(zone):%m-%d %H:%M} {step}" for step, moment in points(planned))
    console.print(f"Go or no-go, deadline of each step: {deadlines}", highlight=False, soft_wrap=True)


def day(schedule: Schedule, zone: str) -> Table:
    """Return the schedule as a table, in the drop's own zone."""
    table = Table("moment", f"time in {zone}")
    for name, label in _LABELS.items():
        moment = getattr(schedule, name).astimezone(ZoneInfo(zone))
        table.add_row(label, f"{moment:%Y-%m-%d %H:%M:%S %z}")
    return table
