"""`marketday backup` and `marketday restore`: keep a mall and its open drops safe from the loss of a disk."""

import asyncio
import json
import shlex
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from marketday.cli.guard import sentence
from marketday.kit.errors import Kind, MarketdayError

app = typer.Typer(help="Back up the mall and its open drops, and check each backup by a restore.", no_args_is_help=True)
_T = TypeVar("_T")
_WRONG_INPUT = {Kind.INVALID, Kind.NOT_FOUND}
_MEGABYTE = 1e6
_HOUR, _DAY = 60, 24 * 60  # minutes

KeyFile = Annotated[Path, typer.Option(help="The file with the key, as `marketday backup key` makes it.")]
Endpoint = Annotated[
    str | None, typer.Option("--s3-endpoint", help="Address of a server that speaks S3's protocol; default: AWS.")
]


@dataclass(frozen=True, slots=True)
class BackupWish:
    """How to back up."""

    to: str
    key_file: Path
    stream: Path | None
    endpoint: str | None
    every_hours: float
    keep: int
    slack_webhook_file: Path | None


@dataclass(frozen=True, slots=True)
class RestoreWish:
    """What to restore, and where."""

    place: str | None
    key_file: Path | None
    stream: Path | None
    endpoint: str | None
    at: datetime | None
    to: Path | None
    replace: bool


@dataclass(frozen=True, slots=True)
class ListedBackup:
    """One backup as `backup list` shows it; `size` in bytes."""

    id: str
    ended_at: datetime
    what: str
    size: int
    state: str
    checked_at: datetime | None
    problems: Sequence[str]


@app.command()
def key(
    ctx: typer.Context, file: Annotated[Path, typer.Argument(help="A new file, better on another disk than the mall.")]
) -> None:
    """Make the key that encrypts backups, in a new file. Copy the file to a safe place: nothing else opens a backup."""
    made = _trying(lambda: ctx.obj().new_key(_home(ctx), file))
    _say(f"key      {made.file}: it decrypts")
    _say(f"public   {made.recipient}")
    _say("Copy the file to a safe place now: without it no backup can be read. It is never sent anywhere.")


@app.command()
def setup(
    ctx: typer.Context,
    to: Annotated[str, typer.Option(help="The place of the backups: an empty folder, or s3://BUCKET/PREFIX.")],
    key_file: KeyFile,
    *,
    stream: Annotated[
        Path | None,
        typer.Option(
            help="A folder on another disk for the last seconds: each order is there before a shopper is told. "
            "It is not encrypted; only this account can read it."
        ),
    ] = None,
    endpoint: Endpoint = None,
    every_hours: Annotated[float, typer.Option(min=0.05, max=744, help="Hours between two backups.")] = 24,
    keep: Annotated[int, typer.Option(min=1, max=1000, help="How many checked backups to keep.")] = 7,
    slack_webhook_file: Annotated[
        Path | None, typer.Option(help="A file with the address of an incoming webhook of Slack, for what fails.")
    ] = None,
) -> None:
    """Set up the backup of this home: from now on it is made and checked by itself while the mall runs."""
    wish = BackupWish(to, key_file, stream, endpoint, every_hours, keep, slack_webhook_file)
    _running(lambda: ctx.obj().set_up(_home(ctx), wish, _say))


@app.command()
def run(ctx: typer.Context) -> None:
    """Make a backup now, and check it by a restore. Exit status 1: it could not be made, or the check failed."""
    snapshot, check = _running(lambda: ctx.obj().run(_home(ctx), _say))
    if check.problems:
        _show_problems(snapshot.id, check.problems)
    _say(f"{snapshot.id} is made and checked: {_shown(check.facts)}")


@app.command()
def check(
    ctx: typer.Context,
    snapshot_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="A backup; by default the newest.")] = None,
) -> None:
    """Restore a backup into a temporary place, and compare. Exit status 1: it is not good."""
    result = _running(lambda: ctx.obj().check_one(_home(ctx), snapshot_id, _say))
    if result.problems:
        _show_problems(result.snapshot, result.problems)
    _say(f"{result.snapshot} is checked: {_shown(result.facts)}")


@app.command(name="list")
def list_(
    ctx: typer.Context,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with all problems.")] = False,
) -> None:
    """List the backups: checked, unchecked or failed, and how old they are. Exit status 1: none is checked."""
    rows, problems = _trying(lambda: ctx.obj().listed(_home(ctx)))
    if as_json:
        shown = [_as_json(row) for row in rows]
        typer.echo(json.dumps({"backups": shown, "problems": problems}, indent=2, ensure_ascii=False))
    else:
        table = Table("backup", "of", "MB", "age", "state", "checked")
        for row in rows:
            checked = _age(row.checked_at) + " ago" if row.checked_at else ""
            table.add_row(row.id, row.what, f"{row.size / _MEGABYTE:.1f}", _age(row.ended_at), row.state, checked)
        Console().print(table)
        for line in [*(f"{row.id}: {one}" for row in rows for one in row.problems), *problems]:
            _say(line)
    if not any(row.state == "checked" for row in rows):
        raise typer.Exit(1)


@app.command()
def status(ctx: typer.Context) -> None:
    """Show whether the last seconds are kept on the second disk, and the newest backup. Exit status 1: not so."""
    lines, good = _trying(lambda: ctx.obj().status(_home(ctx)))
    for line in lines:
        _say(line)
    if not good:
        raise typer.Exit(1)


@app.command()
def off(ctx: typer.Context) -> None:
    """Make no more backups of this home; those that were made stay."""
    _running(lambda: ctx.obj().turn_off(_home(ctx), _say))


def install_restore(root: typer.Typer, desk: Callable[[], Any]) -> None:
    """Add the command `restore`."""

    @root.command(name="restore")
    def restore(
        ctx: typer.Context,
        *,
        place: Annotated[
            str | None,
            typer.Option("--from", help="The place of the backups; by default that of this home's settings."),
        ] = None,
        key_file: Annotated[Path | None, typer.Option(help="The file with the key of the backups.")] = None,
        stream: Annotated[
            Path | None,
            typer.Option(help="The folder with the last seconds, which no other account may be able to change."),
        ] = None,
        endpoint: Endpoint = None,
        at: Annotated[
            str | None,
            typer.Option(help="The moment, with its offset: 2026-11-29T12:00:00+09:00. Default: the latest."),
        ] = None,
        to: Annotated[Path | None, typer.Option(help="An empty or missing folder; by default the home.")] = None,
        replace: Annotated[
            bool, typer.Option("--replace", help="Stop a home that is there, and keep its folder aside.")
        ] = False,
    ) -> None:
        """Restore a mall, with its open drops, from a backup; `marketday up` starts it.

        Nothing that is there is overwritten: with `--replace` its folder gets another name.
        """
        wish = RestoreWish(place, key_file, stream, endpoint, _moment(at), to, replace)
        home: Path = ctx.obj
        done = _running(lambda: desk().restore_home(home, wish, _say))
        for name, orders in done.orders.items():
            _say(f"{name}: {orders} orders")
        for line in done.warnings:
            _say(f"warning: {line}")
        _say(f"Restored into {done.home.link}; start it with: marketday --home {shlex.quote(str(done.home.link))} up")
        _say("It makes no backups yet: set them up again, in a new place, with `marketday backup setup`.")
        if done.aside is not None:
            _say(f"What was there is in {done.aside}; remove it when you do not need it any more.")
        if done.warnings:
            raise typer.Exit(1)


def _moment(text: str | None) -> datetime | None:
    """Return the moment that an operator writes, in UTC; raises BadParameter if it is none, or has no offset."""
    if text is None:
        return None
    example = "expected one with its offset, such as 2026-11-29T12:00:00+09:00"
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise typer.BadParameter(f"{text!r} does not say in which zone it is; {example}", param_hint="--at")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise typer.BadParameter(f"{text[:60]!r} is not a moment; {example}", param_hint="--at") from None


def _home(ctx: typer.Context) -> Path:
    home: Path = ctx.find_root().params["home"]
    return home


def _running(work: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
    return _trying(lambda: asyncio.run(work()))


def _trying(work: Callable[[], _T]) -> _T:
    """Do it; what was asked wrongly ends with status 2, what failed with 1."""
    try:
        return work()
    except MarketdayError as error:
        Console(stderr=True).print(sentence(error), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2 if error.kind in _WRONG_INPUT else 1) from None


def _show_problems(snapshot: str, problems: Sequence[str]) -> None:
    for line in problems:
        _say(f"✗ {line}")
    _say(f"{snapshot} is no backup; people who read Slack were told, if a webhook is set up")
    raise typer.Exit(1)


def _as_json(row: ListedBackup) -> dict[str, object]:
    return {
        "id": row.id,
        "at": row.ended_at.isoformat(),
        "of": row.what,
        "bytes": row.size,
        "state": row.state,
        "checked_at": None if row.checked_at is None else row.checked_at.isoformat(),
        "problems": list(row.problems),
    }


def _shown(facts: dict[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in facts.items())


def _age(moment: datetime) -> str:
    """Return an age in the largest unit of which there are two or more."""
    minutes = (datetime.now(UTC) - moment).total_seconds() / 60
    for unit, length in (("d", _DAY), ("h", _HOUR)):
        if minutes >= 2 * length:
            return f"{minutes / length:.0f} {unit}"
    return f"{minutes:.0f} min"


def _say(line: str) -> None:
    Console(highlight=False).print(line, markup=False, soft_wrap=True)
