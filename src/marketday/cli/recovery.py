"""`marketday recovery`: bring everything back in another region after one was lost."""

import json
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, Protocol, TypeVar

import typer

from marketday.cli.asking import ask, refuse
from marketday.kit.errors import Kind, MarketdayError
from marketday.kit.text import counted

if TYPE_CHECKING:
    from marketday.provisioners.recovery.model import Finding, RecoveryRecord, RecoverySite
    from marketday.provisioners.recovery.ports import RecoveryWish
    from marketday.provisioners.recovery.service import RegionRecovery

app = typer.Typer(no_args_is_help=True, help="Bring everything back in another region of AWS after one was lost.")
REGION = "ap-northeast-2"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a person chose: the regions, and the folders of the repository and of the recovery's own files."""

    here: str
    lost: str
    copies_to: str | None
    repository: Path
    work: Path | None


class OpenedRecovery(Protocol):
    """What the commands work with."""

    @property
    def site(self) -> "RecoverySite":
        """The regions and the account."""

    @property
    def recovery(self) -> "RegionRecovery":
        """The steps."""

    @property
    def work(self) -> Path:
        """The folder of the recovery's own files."""

    async def unfence(self) -> int:
        """Allow the lost region again; return to how many roles."""

    def wish(
        self, lost_at: datetime | None, oldest: timedelta, *, although_it_answers: bool, without: frozenset[str]
    ) -> "RecoveryWish":
        """Return what a person asks for."""

    def report(self, record: "RecoveryRecord") -> list[str]:
        """Return what the recovery took and lost."""


OpenRecovery = Callable[[Chosen], AbstractAsyncContextManager[OpenedRecovery]]


class OpenedBooks(Protocol):
    """What `money` works with: a restored database and the gateway."""

    @property
    def about(self) -> str:
        """Whose money it is: the mall's, or a drop's."""

    async def look(self, copied_to: datetime) -> list[str]:
        """Return what would be given back, line by line."""

    async def give_back(self, copied_to: datetime) -> list[str]:
        """Give it back, and hand the drop back if it is one's; return what was done."""


@dataclass(frozen=True, slots=True)
class Openers:
    """The type of `ctx.obj` for these commands."""

    recovery: OpenRecovery
    books: Callable[[str | None], AbstractAsyncContextManager[OpenedBooks]]


_Here = Annotated[str, typer.Argument(metavar="REGION", help="The region in which everything is brought back.")]
_Lost = Annotated[str, typer.Option("--from", metavar="REGION", help="The region that is lost.")]
_CopiesTo = Annotated[
    str | None, typer.Option(metavar="REGION", help="The region that gets copies of images from now on.")
]
_LostAt = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="When the region was lost, such as 2030-12-10T11:00:00Z. Default: now."),
]
_Oldest = Annotated[int, typer.Option(min=1, metavar="MINUTES", help="How far a copy of the database may be behind.")]
_Although = Annotated[
    bool,
    typer.Option(
        "--although-it-answers", help="Recover although the lost region answers: for a drill, or to leave it."
    ),
]
_Accept = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="Go on without this, as `plan` names it; repeat for more.")
]
_Repository = Annotated[Path, typer.Option(metavar="FOLDER", help="The clone of the repository, with its values.")]
_Work = Annotated[
    Path | None,
    typer.Option(metavar="FOLDER", help="For copies, logs and the record. Default: in the home, by region."),
]


@app.callback()
def root() -> None:
    """Bring everything back in another region of AWS after one was lost."""


@app.command()
def plan(
    ctx: typer.Context,
    region: _Here,
    *,
    lost: _Lost = REGION,
    copies_to: _CopiesTo = None,
    lost_at: _LostAt = None,
    oldest: _Oldest = 60,
    accept: _Accept = None,
    repository: _Repository = Path(),
    work: _Work = None,
    although_it_answers: _Although = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what a recovery needs, and which of these things are missing. Nothing is changed. Exit status 1: one is."""
    moment, accepted = _moment(lost_at), frozenset(accept or ())

    async def look(opened: OpenedRecovery) -> "list[Finding]":
        wish = opened.wish(moment, timedelta(minutes=oldest), although_it_answers=although_it_answers, without=accepted)
        return await opened.recovery.plan(wish)

    found = _with(ctx, Chosen(region, lost, copies_to, repository, work), look)
    if as_json:
        rows = [{"name": one.name, "state": one.state, "detail": one.detail, "remedy": one.remedy} for one in found]
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        for one in found:
            typer.echo(one.line())
    missing = [one for one in found if one.state == "missing"]
    unknown = [one for one in found if one.state == "unknown"]
    if not as_json:
        told = f"{counted(len(missing), 'thing')} missing, {len(unknown)} could not be asked"
        typer.echo(told if missing or unknown else "nothing is missing")
    if missing:
        raise typer.Exit(1)


@app.command()
def run(
    ctx: typer.Context,
    region: _Here,
    *,
    lost: _Lost = REGION,
    copies_to: _CopiesTo = None,
    lost_at: _LostAt = None,
    oldest: _Oldest = 60,
    accept: _Accept = None,
    repository: _Repository = Path(),
    work: _Work = None,
    although_it_answers: _Although = False,
) -> None:
    """Bring everything back, step by step. If it stops or is killed, repeat the command: it continues where it was."""
    moment, accepted = _moment(lost_at), frozenset(accept or ())

    async def go(opened: OpenedRecovery) -> "list[str]":
        wish = opened.wish(moment, timedelta(minutes=oldest), although_it_answers=although_it_answers, without=accepted)
        return opened.report(await opened.recovery.run(wish, _say))

    for line in _with(ctx, Chosen(region, lost, copies_to, repository, work), go):
        typer.echo(line)


@app.command()
def unfence(
    ctx: typer.Context, region: _Here, lost: _Lost = REGION, repository: _Repository = Path(), work: _Work = None
) -> None:
    """Let our roles work in the lost region again, which a recovery forbade.

    Nothing checks that only one of the two malls sells: make sure of it first.
    """

    async def go(opened: OpenedRecovery) -> int:
        return await opened.unfence()

    count = _with(ctx, Chosen(region, lost, None, repository, work), go)
    typer.echo(f"{counted(count, 'role')} may work in {lost} again")


@app.command()
def money(
    ctx: typer.Context,
    copied_to: Annotated[
        str, typer.Option(metavar="TIME", help="The last moment of the restored copy, from the report of `run`.")
    ],
    drop: Annotated[
        str | None,
        typer.Option(metavar="ENV", help="The environment of a drop, by its id. Without it: the mall's money."),
    ] = None,
    *,
    give_back: Annotated[
        bool, typer.Option("--give-back", help="Do it. Without this nothing is changed, and the command only shows it.")
    ] = False,
) -> None:
    """Compare the gateway's books with a restored database, and give back what was paid for orders that are lost.

    A drop is then handed back with what its copy has, and its receipt says so. It works where the database can be
    reached, with the controller's settings. For a drop, MARKETDAY_DROP_DATABASE_URL is its restored database, as its
    owner.
    """
    moment = _moment(copied_to, "--copied-to")
    assert moment is not None  # noqa: S101 - the option is required
    opener: Openers = ctx.obj

    async def go(books: OpenedBooks) -> list[str]:
        return [books.about, *(await (books.give_back(moment) if give_back else books.look(moment)))]

    for line in ask(lambda: opener.books(drop), go):
        typer.echo(line)
    if not give_back:
        typer.echo("nothing was changed; --give-back does it")


def _say(words: str) -> None:
    typer.echo(f"{datetime.now(UTC):%H:%M:%S} {words}")


def _moment(text: str | None, option: str = "--lost-at") -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        _refuse_input(f"{option} is {text!r}; expected a moment with its zone, such as 2030-12-10T11:00:00Z")
    if moment > datetime.now(UTC):
        _refuse_input(f"{option} is {text!r}; expected a moment that has passed")
    return moment


def _refuse_input(message: str) -> NoReturn:
    try:
        refuse(message)
    except typer.Exit:
        raise typer.Exit(2) from None


def _with(ctx: typer.Context, chosen: Chosen, work: Callable[[OpenedRecovery], Awaitable[_T]]) -> _T:
    opener: OpenRecovery = ctx.obj.recovery
    wrong: list[MarketdayError] = []

    async def guarded(opened: OpenedRecovery) -> _T:
        return await work(opened)

    try:
        return ask(lambda: _noting(opener(chosen), wrong), guarded)
    except typer.Exit:
        if wrong and wrong[0].kind is Kind.INVALID:
            raise typer.Exit(2) from None
        raise


class _noting(AbstractAsyncContextManager[OpenedRecovery]):  # noqa: N801 - a context manager
    """Notes the error of opening, to tell wrong input from something that is missing."""

    def __init__(self, opening: AbstractAsyncContextManager[OpenedRecovery], wrong: list[MarketdayError]) -> None:
        self._opening = opening
        self._wrong = wrong

    async def __aenter__(self) -> OpenedRecovery:
        try:
            return await self._opening.__aenter__()
        except MarketdayError as error:
            self._wrong.append(error)
            raise

    async def __aexit__(self, *error: object) -> bool | None:
        return await self._opening.__aexit__(*error)  # type: ignore[arg-type]
