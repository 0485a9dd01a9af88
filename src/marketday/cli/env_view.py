"""Environments as text for a terminal, and as JSON."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Column, Table

from marketday.cli.drop import day
from marketday.environments.model import Environment, Outcome, State, StepRecord, following
from marketday.environments.ports import Health
from marketday.environments.service import Progress
from marketday.provisioners.terraform.model import Run, RunState, counts

_STYLES = {
    State.FAILED: "red",
    State.OPEN: "green",
    State.READY: "green",
    State.DESTROYED: "dim",
    Outcome.FAILED: "red",
    Outcome.DONE: "green",
    RunState.FAILED: "red",
    RunState.DONE: "green",
}


def overview(environments: Sequence[Environment]) -> Table:
    """Return a table of environments, one in each row."""
    address_column = Column("address", no_wrap=True)  # is copied into a browser
    table = Table(_whole("drop"), "state", "next", address_column, _whole("environment"))
    for one in environments:
        coming = "" if one.state is State.DESTROYED else f"{following(one)}"
        address = one.outputs.get("public_url", "")
        table.add_row(escape(one.drop_slug), _styled(one.state), coming, escape(address), str(one.id))
    return table


def details(
    environment: Environment, steps: Sequence[StepRecord], health: Sequence[Health]
) -> Iterator[RenderableType]:
    """Return one environment: its state, its schedule, its steps, and the health of its parts."""
    zone = environment.definition.zone
    yield f"{environment.id}  {escape(environment.drop_slug)}  {_styled(environment.state)}"
    if environment.failure:
        yield f"[red]{escape(environment.failure)}[/red]\nretry: marketday env retry {environment.id}"
    for name, value in environment.outputs.items():
        if name != "receipt":  # a long token; `marketday receipt show` prints it as text
            yield f"{escape(name)}: {escape(value)}"
    yield day(environment.schedule, zone)
    diary = Table(f"time in {zone}", "step", "outcome", _whole("detail"), title="Steps", title_justify="left")
    for record in steps:
        at = f"{record.at.astimezone(ZoneInfo(zone)):%m-%d %H:%M:%S %z}"
        diary.add_row(at, record.step, _styled(record.outcome), escape(record.detail))
    yield diary
    if health:
        parts = Table("part", "", _whole("detail"), title="Parts", title_justify="left")
        for part in health:
            parts.add_row(
                escape(part.part), "[green]✓[/green]" if part.healthy else "[red]✗[/red]", escape(part.detail)
            )
        yield parts


def run_lines(runs: Sequence[Run]) -> Iterator[str]:
    """Return the Terraform runs, oldest first; detail and log have their own lines, because a table would cut them."""
    for run in runs:
        counted = counts(run.changes)
        changes = f"  +{counted['add']} ~{counted['change']} -{counted['remove']}" if run.changes else ""
        yield f"{run.asked_at:%Y-%m-%d %H:%M:%SZ}  {run.stack} {run.action}: {_styled(run.state)}{changes}"
        if run.detail:
            yield f"    {escape(run.detail)}"
        if run.log:
            yield f"    log: {escape(run.log)}"


def as_json(environment: Environment, steps: Sequence[StepRecord], health: Sequence[Health]) -> dict[str, Any]:
    """Return one environment in JSON types."""
    return {
        "id": str(environment.id),
        "drop": environment.drop_slug,
        "state": environment.state,
        "failed_step": environment.failed_step,
        "failure": environment.failure,
        "outputs": dict(environment.outputs),
        "schedule": environment.schedule.to_json(),
        "steps": [
            {"step": one.step, "outcome": one.outcome, "detail": one.detail, "at": one.at.isoformat()} for one in steps
        ],
        "health": [{"part": one.part, "healthy": one.healthy, "detail": one.detail} for one in health],
    }


def progress_line(progress: Progress) -> str:
    """Return one line that says what one call of `advance` did."""
    if progress.step is None:
        until = f" before {_local(progress.until, progress.environment)}" if progress.until else ""
        return escape(f"nothing to do{until}: {progress.detail}")
    if progress.outcome is Outcome.STARTED:
        return escape(f"{progress.step} waits: {progress.detail}")
    return f"{progress.step} {_styled(progress.outcome)}: {escape(progress.detail)}"


def _whole(header: str) -> Column:
    """Return a column that wraps a long id or address instead of cutting it, so that people can copy it."""
    return Column(header, overflow="fold")


def _styled(value: State | Outcome | RunState | None) -> str:
    style = _STYLES.get(value) if value else None
    return f"[{style}]{value}[/{style}]" if style else str(value)


def _local(moment: datetime, environment: Environment) -> str:
    return f"{moment.astimezone(ZoneInfo(environment.definition.zone)):%Y-%m-%d %H:%M:%S %z}"
