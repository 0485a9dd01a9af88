"""`marketday cost`: what a drop's environment costs on AWS, and how much is saved by removing it."""

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from marketday.capacity.cost.charges import HOURS_PER_YEAR
from marketday.capacity.cost.kept import kept_in_prod
from marketday.capacity.cost.model import (
    DROPS_PER_YEAR,
    PERMANENT,
    PROD,
    WINDOW_HOURS,
    Bill,
    Held,
    Line,
    PriceTable,
    bill,
    existed,
    planned,
)
from marketday.capacity.cost.picture import draw
from marketday.capacity.cost.plan import read_plan
from marketday.capacity.cost.prices import read_prices, usual_table
from marketday.capacity.cost.reference import reference, with_sizes
from marketday.capacity.cost.run import read_run
from marketday.capacity.cost.usage import REMOVAL_HOURS, uses_of
from marketday.capacity.sizing.model import sizes_for, terraform_sizes
from marketday.cli.asking import refuse
from marketday.cli.cost_check import check_prices
from marketday.cli.demo import spoken
from marketday.cli.drop import load_or_refuse
from marketday.drops.definition import DropDefinition
from marketday.kit.errors import MarketdayError
from marketday.kit.languages import StaffLanguage

_STACKS = {"event": "by the hour", "link": "by the window", PERMANENT: "kept", PROD: "kept for drops"}
_SHOWN = 4  # types without a price; the JSON has all


def install_cost(app: typer.Typer) -> None:
    """Add the command `cost`."""

    @app.command()
    def cost(
        file: Annotated[
            Path | None, typer.Argument(metavar="DROP", help="The drop's definition, a TOML file; not with --check.")
        ] = None,
        *,
        plan: Annotated[
            list[Path] | None,
            typer.Option(
                help="The output of `terraform show -json`; repeat for each stack. Default: the reference plans."
            ),
        ] = None,
        ran: Annotated[
            Path | None,
            typer.Option(help="A record of what really existed, from `marketday env runs --json`, instead of a plan."),
        ] = None,
        drops: Annotated[int, typer.Option(min=1, max=366, help="Number of drops in a year.")] = DROPS_PER_YEAR,
        prices: Annotated[
            Path | None, typer.Option(help="A price table (TOML). Default: the repository's table for ap-northeast-2.")
        ] = None,
        own_cluster: Annotated[
            bool,
            typer.Option("--own-cluster", help="Also count a cluster for the controller: the mall runs elsewhere."),
        ] = False,
        check: Annotated[
            Path | None,
            typer.Option(help="Only compare the price table with this offer file (JSON) of AWS's price list."),
        ] = None,
        picture: Annotated[Path | None, typer.Option(help="Write a chart to this SVG file.")] = None,
        lang: Annotated[StaffLanguage | None, typer.Option(help="The language of the chart.")] = None,
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with every resource.")] = False,
    ) -> None:
        """Show what a drop's environment costs on AWS: per drop, per year, and compared with one that is always on."""
        if check:
            check_prices(Console(highlight=False), prices or usual_table(), check)
        definition = _read(file)
        if plan and ran:
            refuse("--plan and --ran: expected one of them")
        try:
            table = read_prices(prices or usual_table())
            held = _held(definition, plan or [], ran, table.region)
            kept = planned(kept_in_prod(own_cluster=own_cluster), {})
            hours, links = _event_hours(definition, held), _links(definition)
            done = bill([*held, *kept], table, uses_of(definition.demand(), hours, links), drops)
        except MarketdayError as error:
            refuse(f"{error.title}: {error.detail}" if error.detail else error.title)
        if picture:
            _write(picture, draw(done, definition.slug, (lang or spoken()).value))
        if as_json:
            typer.echo(json.dumps(_json(definition, done, table, hours, links), indent=2, ensure_ascii=False))
        else:
            _show_bill(Console(highlight=False), done, table, hours, links, definition)


def price_of(definition: DropDefinition, table: PriceTable) -> Bill:
    """Return the bill of one drop as `cost` forecasts it; what is kept is in it as if there were no other drop."""
    hours, links = planned_hours(definition), _links(definition)
    held = [*_held(definition, [], None, table.region), *planned(kept_in_prod(own_cluster=False), {})]
    return bill(held, table, uses_of(definition.demand(), hours, links), 1)


def _read(file: Path | None) -> DropDefinition:
    if file is None:
        refuse("DROP: missing; expected the drop's definition, or --check with an offer file")
    return load_or_refuse(file)


def _held(definition: DropDefinition, plans: Sequence[Path], ran: Path | None, region: str) -> list[Held]:
    """Return the resources and how long they exist: from plans, from a run's record, or from the reference."""
    hours = {
        "event": planned_hours(definition),
        "link": _links(definition) * WINDOW_HOURS,
    }
    if ran:
        found = existed(read_run(ran))
        stays = (
            [] if any(one.hours is None for one in found) else [one for one in reference() if one.stack == PERMANENT]
        )
        return [*found, *planned(stays, hours)]
    if plans:
        return planned([one for path in plans for one in read_plan(path, region)], hours)
    return planned(with_sizes(reference(), terraform_sizes(sizes_for(definition.demand()))), hours)


def _links(definition: DropDefinition) -> int:
    """Return how often the link exists.

    Once for the hand-over with its smoke test, for each window during the drop, and for the last hand-back.
    """
    day = definition.schedule()
    return 1 + len(day.windows_until(day.closes_at)) + 1


def planned_hours(definition: DropDefinition) -> float:
    """Return how many hours the event stack exists as planned, until it is removed."""
    day = definition.schedule()
    return (day.destroy_at - day.build_at).total_seconds() / 3600 + REMOVAL_HOURS


def _event_hours(definition: DropDefinition, held: Sequence[Held]) -> float:
    """Return how many hours the event stack exists: as long as the longest of its resources."""
    known = [one.hours for one in held if one.resource.stack == "event" and one.hours is not None]
    return max(known, default=planned_hours(definition))


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        refuse(f"{file}: {error}; expected a file that this account can write")


def _show_bill(
    console: Console, done: Bill, table: PriceTable, hours: float, links: int, definition: DropDefinition
) -> None:
    least = "at least " if done.not_priced else ""
    console.print(
        f"{definition.slug}: event stack {hours:g} h, link {links * WINDOW_HOURS:g} h, {done.drops} drops a year; "
        f"USD, {table.region}, prices of {table.dated}",
        markup=False,
    )
    console.print(_table(done))
    console.print(f"One drop: {least}${done.per_drop:,.2f}, including its share of what is kept.")
    console.print(
        f"A year: {least}${done.per_year:,.2f}. Always on: {least}${done.always_on:,.2f}. Saved: {done.saving:.1%}; "
        f"without the link, which would not be left open anyway: {done.saving_without_link:.1%}."
    )
    console.print(
        f"Of the event stack's hourly charges, {done.saving_by_hour:.1%} is saved: it exists for "
        f"{hours * done.drops:,g} of {HOURS_PER_YEAR:,} hours. These yearly costs stay the same: "
        f"${done.permanent:,.2f} for what is kept, ${done.per_use:,.2f} for what the drops use."
    )
    for one in done.not_priced[:_SHOWN]:
        console.print(f"not priced: {one.type} ({one.address})", style="red", markup=False, soft_wrap=True)
    if len(done.not_priced) > _SHOWN:
        console.print(f"not priced: {len(done.not_priced) - _SHOWN} more, see --json", style="red")
    if table.region not in definition.regions:
        console.print(
            f"The drop is in {', '.join(definition.regions)}, but these prices are for {table.region}. "
            "Use --prices to name another table.",
            style="yellow",
            markup=False,
        )
    if done.unchecked:
        console.print(
            f"{len(done.unchecked)} of {done.prices_used} prices were not checked against the list "
            "(checked = false). Check them before you sign a budget.",
            style="yellow",
        )


def _table(done: Bill) -> Table:
    rows: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in done.lines:
        rows[line.resource.stack, line.resource.type].append(line)
    table = Table("stack", "resource", "n", show_footer=True)
    for name, total in (("per drop", done.per_drop), ("per year", done.per_year), ("always on", done.always_on)):
        table.add_column(name, justify="right", footer=f"{total:,.2f}")
    for stack, paid in _STACKS.items():
        found = [(key[1], lines) for key, lines in rows.items() if key[0] == stack]
        for type_, lines in sorted(found, key=lambda row: -sum(line.per_year for line in row[1])):
            sums = (sum(getattr(line, name) for line in lines) for name in ("per_drop", "per_year", "always_on"))
            table.add_row(f"{stack} ({paid})", type_, str(len(lines)), *(f"{amount:,.2f}" for amount in sums))
        table.add_section()
    return table


def _json(definition: DropDefinition, done: Bill, table: PriceTable, hours: float, links: int) -> dict[str, Any]:
    return {
        "drop": definition.slug,
        "prices": {"region": table.region, "dated": table.dated.isoformat(), "source": table.source},
        "hours": {"event": hours, "link": links * WINDOW_HOURS},
        "drops_per_year": done.drops,
        "resources": [
            {
                "stack": line.resource.stack,
                "address": line.resource.address,
                "type": line.resource.type,
                "by_hour_usd": round(line.by_hour, 6),
                "by_use_usd": round(line.by_use, 6),
                "per_drop_usd": round(line.per_drop, 6),
                "per_year_usd": round(line.per_year, 4),
                "always_on_usd": round(line.always_on, 4),
            }
            for line in done.lines
        ],
        "per_drop_usd": round(done.per_drop, 2),
        "per_year_usd": round(done.per_year, 2),
        "always_on_usd": round(done.always_on, 2),
        "permanent_usd": round(done.permanent, 2),
        "use_usd": round(done.per_use, 2),
        "saving": round(done.saving, 4),
        "saving_without_link": round(done.saving_without_link, 4),
        "saving_by_hour": round(done.saving_by_hour, 4),
        "not_priced": [{"type": one.type, "address": one.address} for one in done.not_priced],
        "unchecked_prices": list(done.unchecked),
    }
