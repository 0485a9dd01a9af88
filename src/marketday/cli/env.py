"""`marketday env`: build, show, advance, retry and destroy event environments."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.markup import escape

from marketday.cli.desk import Desk, at_desk, find, moment_of, needs_permit
from marketday.cli.drop import day, load_or_refuse, show_points
from marketday.cli.env_view import as_json, details, overview, progress_line, run_lines
from marketday.cli.goods import check_goods
from marketday.environments.closing_request import ask_to_close
from marketday.environments.ending import operator
from marketday.environments.errors import CannotWriteOff, StillStanding
from marketday.environments.model import Environment, Outcome, State, Step, Wait, following, next_step, requested
from marketday.environments.ports import is_no_go
from marketday.environments.service import Progress
from marketday.kit.clock import SystemClock
from marketday.kit.ids import new_id
from marketday.kit.text import counted
from marketday.provisioners.terraform.billing import held
from marketday.provisioners.terraform.model import Run

app = typer.Typer(help="Manage event environments.", no_args_is_help=True)
_PAUSE_SECONDS = 0.5
_ASKED = (
    "asked: the mall's controller opens the link, which takes a quarter of an hour or more, and closes the drop; "
    "then it waits for what people hold, and hands the orders back"
)

File = Annotated[Path, typer.Argument(help="The drop's definition, a TOML file.")]
Name = Annotated[str, typer.Argument(metavar="ENV", help="An environment's id, or the slug of its drop.")]


@app.command()
def plan(ctx: typer.Context, file: File) -> None:
    """Show what `env build` would create for a drop, but create nothing. On AWS also whether the quotas are enough."""
    definition = load_or_refuse(file)
    environment = requested(new_id(), definition, definition.schedule())

    async def work(desk: Desk) -> Sequence[str]:
        await check_goods(desk.goods, definition)
        looked = await desk.outlook.lines(definition) if desk.outlook else []
        return [*looked, *await desk.provisioner.plan(environment)]

    lines = at_desk(ctx, work)
    console = Console()
    console.print(day(environment.schedule, definition.zone))
    show_points(console, definition)
    for product in definition.products:
        console.print(f"lend {counted(product.stock, 'unit')} of {escape(product.sku)} from the mall", highlight=False)
    for line in lines:
        console.print(line, highlight=False, soft_wrap=True, markup=False, style="red" if is_no_go(line) else "")
    if any(map(is_no_go, lines)):
        raise typer.Exit(1)


@app.command()
def build(
    ctx: typer.Context,
    file: File,
    *,
    on_schedule: Annotated[
        bool, typer.Option("--on-schedule", help="Only record it; the controller builds it at the planned time.")
    ] = False,
) -> None:
    """Build an environment for a drop now, and wait until it is ready. Exit status 1: a step failed."""
    definition = load_or_refuse(file)

    async def work(desk: Desk) -> Environment:
        await check_goods(desk.goods, definition)
        environment = await desk.service.request(definition, build_now=not on_schedule)
        Console().print(f"environment {environment.id} for drop {environment.drop_slug}", highlight=False)
        return environment if on_schedule else await _follow(desk, environment)

    _end(at_desk(ctx, work))


@app.command()
def status(
    ctx: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[ENV]", help="An environment's id, or the slug of its drop. Default: all environments."
        ),
    ] = None,
    *,
    as_json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show all environments, or one environment with its steps and the health of its parts."""

    async def work(desk: Desk) -> None:
        console = Console()
        chosen = [await find(desk.store, name)] if name else list(await desk.store.all())
        if as_json_:
            found = [as_json(one, await desk.store.steps(one.id), await desk.provisioner.health(one)) for one in chosen]
            typer.echo(json.dumps(found[0] if name else found, indent=2, ensure_ascii=False))
        elif name:
            [one] = chosen
            for part in details(one, await desk.store.steps(one.id), await desk.provisioner.health(one)):
                console.print(part)
        else:
            console.print(overview(chosen))

    at_desk(ctx, work)


@app.command()
def advance(ctx: typer.Context, name: Name) -> None:
    """Do the next step of an environment, if it is due."""

    async def work(desk: Desk) -> Progress:
        return await desk.service.advance((await find(desk.store, name)).id)

    progress = at_desk(ctx, work)
    Console().print(progress_line(progress), highlight=False, soft_wrap=True)
    _end(progress.environment, failed=progress.outcome is Outcome.FAILED)


@app.command()
def retry(ctx: typer.Context, name: Name) -> None:
    """Retry the failed step of an environment, and continue until the next step has to wait."""

    async def work(desk: Desk) -> Environment:
        environment = await desk.service.retry((await find(desk.store, name)).id)
        return await _follow(desk, environment)

    _end(at_desk(ctx, work))


@app.command()
def destroy(
    ctx: typer.Context,
    name: Name,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be removed, but remove nothing.")] = False,
    now: Annotated[
        bool,
        typer.Option(
            "--now",
            help="Also end an open drop: close it, release its reservations, and hand its orders back. "
            "On AWS the mall's controller does this, and waits for what people hold.",
        ),
    ] = False,
) -> None:
    """Remove an environment that is handed back or never opened. Refused without a receipt."""

    async def work(desk: Desk) -> Progress | Environment | list[str]:
        environment = await find(desk.store, name)
        if dry_run:
            return await desk.service.would_destroy(environment.id)
        release = f"marketday env destroy --now by {operator()}"
        if now and desk.ending is None and environment.opened and Step.HAND_BACK not in environment.done:
            return await ask_to_close(desk.store, environment.id, release)
        if now and desk.ending is not None:
            standing = await desk.ending.end(environment, typer.echo, release)
            if standing is not None:
                raise StillStanding(f"{standing}; continue with `marketday {standing.go_on}`")
        return await desk.service.destroy(environment.id)

    result = at_desk(ctx, work)
    console = Console()
    if isinstance(result, Environment):
        if result.state in (State.OPEN, State.DRAINING):
            console.print(_ASKED, highlight=False, soft_wrap=True)
        _end(result)
    elif isinstance(result, list):
        console.print("would remove, except where a line says otherwise:" if result else "nothing is left to remove")
        for line in result:
            console.print(f"  {line}", highlight=False, soft_wrap=True, markup=False)
    else:
        console.print(progress_line(result), highlight=False, soft_wrap=True)
        _end(result.environment, failed=result.outcome is Outcome.FAILED)


@app.command("write-off")
def write_off(
    ctx: typer.Context,
    name: Name,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Refund everybody who paid; there is no way back.")] = False,
) -> None:
    """Give up an environment of which nothing is left: refund every payment, and return its units to the mall.

    Refused as long as a process or a file of it exists. Everybody who bought in it loses the order.
    """
    if not yes:
        raise typer.BadParameter("--yes is missing: everybody who paid is refunded, and nobody gets what they ordered")

    async def work(desk: Desk) -> Environment:
        if desk.writing_off is None:
            raise CannotWriteOff("the mall's database cannot be reached from here; expected an environment made here")
        environment = await find(desk.store, name)
        return await desk.writing_off.write_off(environment.id, f"marketday env write-off by {operator()}")

    environment = at_desk(ctx, work)
    detail = environment.last.detail if environment.last else ""
    Console().print(f"{environment.drop_slug}: {environment.state}, {detail}", highlight=False, soft_wrap=True)


@app.command()
def runs(
    ctx: typer.Context,
    name: Name,
    *,
    as_record: Annotated[
        bool, typer.Option("--json", help="Print what existed and how long, as input for `marketday cost --ran`.")
    ] = False,
) -> None:
    """Show the Terraform runs of an environment: what each did, how it ended, and where its log is."""

    async def work(desk: Desk) -> Sequence[Run] | None:
        environment = await find(desk.store, name)
        return await desk.runs.of_environment(environment.id) if desk.runs is not None else None

    found = at_desk(ctx, work)
    if found is None:
        Console(stderr=True).print("environments here are built without Terraform: there are no runs", style="red")
        raise typer.Exit(1)
    if as_record:
        typer.echo(json.dumps(held(found, SystemClock().now()), indent=2))
        return
    console = Console()
    for line in run_lines(found) if found else ["no run yet"]:
        console.print(line, highlight=False, soft_wrap=True)


@app.command()
def extend(
    ctx: typer.Context,
    name: Name,
    until: Annotated[
        str, typer.Option(metavar="MOMENT", help="The new time of its destruction, such as 2026-12-11T06:00.")
    ],
    *,
    permit: Annotated[
        str,
        typer.Option(help="What `env permit` printed; needed for a time more than a day after the planned end."),
    ] = "",
) -> None:
    """Move an environment's destruction to a later time: up to a day after its planned end, or later with a permit."""

    async def work(desk: Desk) -> Environment:
        environment = await find(desk.store, name)
        permitted = desk.permits.until(permit, environment.id) if permit else None
        return await desk.service.extend(environment.id, moment_of(environment, until), permitted)

    extended = at_desk(ctx, work)
    zone = ZoneInfo(extended.definition.zone)
    shown = f"{extended.schedule.destroy_at.astimezone(zone):%Y-%m-%d %H:%M:%S %z}"
    Console().print(f"{extended.drop_slug} will be destroyed at {shown}", highlight=False)


@app.command()
def permit(
    ctx: typer.Context,
    name: Name,
    until: Annotated[
        str, typer.Option(metavar="MOMENT", help="The latest time of its destruction, such as 2026-12-14T06:00.")
    ],
) -> None:
    """Print a permit, signed with the mall's key, for `env extend` to more than a day after the planned end."""

    async def work(desk: Desk) -> str:
        environment = await find(desk.store, name)
        return desk.permits.sign(environment.id, needs_permit(environment, until), SystemClock().now())

    typer.echo(at_desk(ctx, work))


async def _follow(desk: Desk, environment: Environment) -> Environment:
    """Do the steps that are due, or watch another process do them, until the next one has to wait."""
    console, seen = Console(), len(await desk.store.steps(environment.id))
    while True:
        progress = await desk.service.advance(environment.id)
        steps = await desk.store.steps(environment.id)
        for record in steps[seen:]:
            if record.outcome is not Outcome.STARTED:
                console.print(f"{record.step} {record.outcome}: {record.detail}", highlight=False, markup=False)
        seen = len(steps)
        if _rests(progress.environment):
            return progress.environment
        if progress.outcome is not Outcome.DONE:
            await asyncio.sleep(_PAUSE_SECONDS)


def _rests(environment: Environment) -> bool:
    """Return whether nothing can be done until a planned moment comes or a person acts."""
    if environment.failures and environment.state is not State.FAILED:
        return False  # the step is retried soon
    return isinstance(next_step(environment, SystemClock().now()), Wait)


def _how_to_remove(environment: Environment) -> str:
    """Return how to remove what a failed build has left."""
    if environment.opened:
        return ""
    return f"\nor remove what was built: marketday env destroy {environment.id}"


def _end(environment: Environment, *, failed: bool = False) -> None:
    console = Console(stderr=environment.state is State.FAILED)
    if environment.state is State.FAILED:
        console.print(
            f"failed at {environment.failed_step}: {environment.failure}\n"
            f"correct the cause, then: marketday env retry {environment.id}{_how_to_remove(environment)}",
            style="red", markup=False, highlight=False, soft_wrap=True,
        )  # fmt: skip
        raise typer.Exit(1)
    coming = "" if environment.state is State.DESTROYED else f", next: {following(environment)}"
    console.print(f"{environment.drop_slug} is {environment.state}{coming}", highlight=False)
    if failed:
        raise typer.Exit(1)
