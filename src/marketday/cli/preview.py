"""`marketday env preview`: an environment on AWS that is built from a branch, sells for hours, and ends by itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from marketday.capacity.cost.model import EVENT, LINK, PriceTable
from marketday.capacity.cost.prices import read_prices, usual_table
from marketday.cli.asking import refuse
from marketday.cli.cost import planned_hours, price_of
from marketday.cli.desk import Desk, at_desk
from marketday.cli.drop import day, load_or_refuse
from marketday.cli.env import destroy
from marketday.drops.definition import DropDefinition
from marketday.drops.mistakes import DefinitionErrors
from marketday.drops.short_day import LEAST_HOURS, MOST_HOURS, latest_end, short_day
from marketday.environments.errors import CannotExtend, LifecycleError, UnknownEnvironment
from marketday.environments.model import BRANCH, COMMIT, Environment
from marketday.kit.errors import Kind, MarketdayError, Permanent
from marketday.provisioners.local.branch_names import folder_name

if TYPE_CHECKING:
    from marketday.provisioners.terraform.previews import BranchSource, Previews

_USUAL_HOURS = 4
_SHOWN = 100  # characters of a branch's name


class OnlyOnAws(LifecycleError, Permanent):
    """Environments here are not built from commits."""

    kind = Kind.INVALID
    slug = "only-on-aws"


@dataclass(frozen=True, slots=True)
class PreviewPrice:
    """What something costs in US dollars, by the table's prices."""

    dollars: float
    more_hour: float  # of the event stack, for each hour that it stands longer
    complete: bool  # whether everything has a price

    def __str__(self) -> str:
        return f"{'about' if self.complete else 'at least'} ${self.dollars:,.2f}"


def install_preview(app: typer.Typer) -> None:
    """Add the command `preview`."""

    @app.command()
    def preview(
        ctx: typer.Context,
        branch: Annotated[
            str | None, typer.Argument(metavar="BRANCH", help="A branch of the site's repository, pushed.")
        ] = None,
        *,
        like: Annotated[
            Path | None,
            typer.Option(help="A drop's definition: its goods, limits and forecast, not its hours."),
        ] = None,
        hours: Annotated[
            int, typer.Option(min=LEAST_HOURS, max=MOST_HOURS, help="How many hours the drop sells.")
        ] = _USUAL_HOURS,
        extend: Annotated[
            int | None,
            typer.Option(min=1, max=MOST_HOURS, metavar="HOURS", help="Keep a preview so much longer after its sale."),
        ] = None,
        end: Annotated[bool, typer.Option("--end", help="End the preview now: close, hand back, destroy.")] = False,
        list_: Annotated[bool, typer.Option("--list", help="Only show the previews of this site.")] = False,
        yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether the price is right.")] = False,
        prices: Annotated[Path | None, typer.Option(help="A price table (TOML), as for `marketday cost`.")] = None,
    ) -> None:
        """Build an environment from a branch, for some hours. Works on AWS only, in a site that is for previews.

        Shows what it costs, and asks, before anything is made. It ends by itself.
        """
        if sum((extend is not None, end, list_)) > 1:
            raise typer.BadParameter("--extend, --end and --list: expected one of them")
        if list_:
            for line in at_desk(ctx, _listed):
                typer.echo(line)
            return
        if branch is None:
            raise typer.BadParameter("BRANCH: missing; expected a branch, or --list")
        if end:
            destroy(ctx, str(at_desk(ctx, lambda desk: _of(desk, branch)).id), now=True)
        elif extend is not None:
            _extend(ctx, branch, extend, _prices(prices), yes=yes)
        elif like is None:
            raise typer.BadParameter(
                "--like: missing; expected a drop's definition whose goods this site's mall can lend"
            )
        else:
            _build(ctx, branch, load_or_refuse(like), hours, _prices(prices), yes=yes)


def _build(ctx: typer.Context, branch: str, like: DropDefinition, hours: int, table: PriceTable, *, yes: bool) -> None:
    def drop(source: "BranchSource") -> DropDefinition:
        name = f"Preview of {branch[:_SHOWN]}"
        return short_day(like, folder_name(branch), name, source.region, datetime.now(UTC), hours)

    async def look(desk: Desk) -> "tuple[BranchSource, DropDefinition]":
        source = await _previews(desk).source(branch)
        definition = _made(drop, source)
        await _previews(desk).refuse_unfit(definition, source.hostname, await desk.store.living())
        return source, definition

    source, definition = at_desk(ctx, look)
    console = Console(highlight=False)
    console.print(f"branch {branch[:_SHOWN]}, commit {source.commit}", markup=False, soft_wrap=True)
    console.print(day(definition.schedule(), definition.zone))
    _show(console, _price(definition, table), table, source.region)
    _agree("Build it?", yes=yes)

    async def ask(desk: Desk) -> Environment:
        now = _made(drop, source)  # its hours begin when the answer is given
        await _previews(desk).refuse_unfit(now, source.hostname, await desk.store.living())
        made_from = {BRANCH: branch, COMMIT: source.commit}
        return await desk.service.request(now, build_now=True, source=made_from)

    asked = at_desk(ctx, ask)
    console.print(
        f"environment {asked.id} for drop {asked.drop_slug}: the lifecycle builds it now, and it ends by itself at "
        f"{definition.local(asked.schedule.destroy_at)}. See `marketday env status {asked.drop_slug}`",
        markup=False, soft_wrap=True,
    )  # fmt: skip


def _extend(ctx: typer.Context, branch: str, hours: int, table: PriceTable, *, yes: bool) -> None:
    async def look(desk: Desk) -> Environment:
        found = await _of(desk, branch)
        until, latest = found.schedule.destroy_at + timedelta(hours=hours), latest_end(found.definition)
        if until > latest:
            local = found.definition.local
            raise CannotExtend(f"it would end at {local(until)}; expected {local(latest)} or earlier, or a new preview")
        return found.living_until(until)

    longer = at_desk(ctx, look)
    until = longer.schedule.destroy_at
    console = Console(highlight=False)
    console.print(
        f"kept until {longer.definition.local(until)}; the sale's hours stay as they were published",
        markup=False, soft_wrap=True,
    )  # fmt: skip
    before, whole = (_price(_ending(longer, moment), table) for moment in (until - timedelta(hours=hours), until))
    _show(console, replace(whole, dollars=whole.dollars - before.dollars), table, table.region)
    _agree("Keep it?", yes=yes)
    at_desk(ctx, lambda desk: desk.service.extend(longer.id, until))
    console.print(f"ends at {longer.definition.local(until)}", markup=False)


async def _listed(desk: Desk) -> Sequence[str]:
    previews, now = _previews(desk), datetime.now(UTC)
    lines = [await _line(previews, one, now) for one in await desk.store.living() if BRANCH in one.outputs]
    return lines or ["no preview; `marketday env preview BRANCH --like DROP.toml` builds one"]


async def _line(previews: "Previews", one: Environment, now: datetime) -> str:
    moved = await previews.moved(one.outputs[BRANCH], one.commit)
    end = one.schedule.destroy_at
    left = f"{(end - now).total_seconds() / 3600:.1f} h left" if end > now else "its end has come"
    ends = f"ends at {one.definition.local(end)}, {left}"
    return f"{one.outputs[BRANCH][:_SHOWN]}: {one.state}, {ends}, commit {one.commit[:12]}, drop {one.drop_slug}{moved}"


async def _of(desk: Desk, branch: str) -> Environment:
    """Return a branch's preview; raises UnknownEnvironment."""
    _previews(desk)
    slug = folder_name(branch)
    found = [one for one in await desk.store.living() if one.drop_slug == slug and BRANCH in one.outputs]
    if not found:
        raise UnknownEnvironment(f"branch {branch[:_SHOWN]!r} has no preview; `marketday env preview --list` shows all")
    return found[-1]


def _previews(desk: Desk) -> "Previews":
    if desk.previews is None:
        raise OnlyOnAws(
            "previews are built on AWS: expected MARKETDAY_PROVISIONER=terraform and a site for previews; "
            "on this machine use `marketday up --branch`"
        )
    return desk.previews


def _made(drop: "Callable[[BranchSource], DropDefinition]", source: "BranchSource") -> DropDefinition:
    try:
        return drop(source)
    except DefinitionErrors as error:
        refuse("\n".join(map(str, error.mistakes)))


def _prices(file: Path | None) -> PriceTable:
    try:
        return read_prices(file or usual_table())
    except MarketdayError as error:
        refuse(f"{error.title}: {error.detail}")


def _price(definition: DropDefinition, table: PriceTable) -> PreviewPrice:
    """Return what this drop costs in addition to what the site costs always, as `marketday cost` forecasts it."""
    done = price_of(definition, table)
    own = [line for line in done.lines if line.resource.stack in (EVENT, LINK)]
    used = sum(line.by_use for line in done.lines if line not in own)
    hourly = sum(line.by_hour for line in own if line.resource.stack == EVENT) / planned_hours(definition)
    return PreviewPrice(sum(line.per_drop for line in own) + used, hourly, complete=not done.not_priced)


def _ending(environment: Environment, moment: datetime) -> DropDefinition:
    definition = environment.definition
    overrides = definition.schedule_overrides.model_copy(update={"destroy_at": moment})
    return definition.model_copy(update={"schedule_overrides": overrides})


def _show(console: Console, price: PreviewPrice, table: PriceTable, region: str) -> None:
    console.print(
        f"This costs {price}, in addition to what the site always costs. Each hour that it stands longer: "
        f"${price.more_hour:,.2f}. An estimate, by prices of {table.dated} in {table.region}",
        markup=False, soft_wrap=True,
    )  # fmt: skip
    if table.region != region:
        console.print(f"The site is in {region}: use --prices to name its table.", style="yellow", markup=False)


def _agree(question: str, *, yes: bool) -> None:
    if not yes and not typer.confirm(question):
        refuse("nothing was made")
