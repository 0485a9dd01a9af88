"""What `up` and `down` show and do about the environments of branches."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import typer

from marketday.cli.asking import refuse
from marketday.kit.errors import MarketdayError

_DAY_SECONDS, _HOUR_SECONDS, _MINUTE_SECONDS = 86_400, 3_600, 60


class OneBranch(Protocol):
    """The environment of a branch."""

    @property
    def shown(self) -> str:
        """The branch, as a terminal may show it."""

    @property
    def branch(self) -> str:
        """The branch."""

    @property
    def home(self) -> Path:
        """Its home."""

    @property
    def worktree(self) -> str:
        """Where it was started."""

    @property
    def since(self) -> datetime:
        """When it was first started."""

    @property
    def exists(self) -> bool:
        """Whether the branch exists."""

    @property
    def runs(self) -> bool:
        """Whether something of it runs."""

    @property
    def addresses(self) -> Sequence[str]:
        """Where it is reached."""


class AllBranches(Protocol):
    """The branches of a repository, and their environments."""

    def current(self) -> str:
        """Return the branch that is checked out."""

    def home(self, branch: str) -> Path:
        """Return the home of a branch."""

    def note(self, branch: str) -> None:
        """Note that it is started."""

    def forget(self, branch: str) -> None:
        """Forget it, once its home is removed."""

    def all(self) -> Sequence[OneBranch]:
        """Return all environments."""

    def gone(self) -> Sequence[OneBranch]:
        """Return those whose branches do not exist any more."""

    def one(self, branch: str) -> OneBranch:
        """Return the one of a branch."""


OpenBranches = Callable[[], AllBranches]


def refuse_home(ctx: typer.Context) -> None:
    """Refuse a --home beside a branch: each branch has its own."""
    source = ctx.find_root().get_parameter_source("home")
    if source is not None and source.name == "COMMANDLINE":
        raise typer.BadParameter("--home and a branch; expected one of them: each branch has a home of its own")


def environments(open_branches: OpenBranches) -> Sequence[str]:
    """Return a line for each environment; an error ends the command with status 1."""
    try:
        found = open_branches().all()
    except MarketdayError as error:
        refuse(f"{error.title}: {error.detail}")
    now = datetime.now(UTC)
    return [line(one, now) for one in found] or ["no branch has an environment; `marketday up --branch` starts one"]


def line(one: OneBranch, now: datetime) -> str:
    """Return what people read about one environment."""
    state = "runs" if one.runs else "stopped"
    gone = "" if one.exists else ", the branch is gone: `marketday down --gone` ends it"
    addresses = f", {', '.join(one.addresses)}" if one.addresses else ""
    since = age((now - one.since).total_seconds())
    return f"{one.shown}: {state}, first started {since} ago{addresses}, home {one.home}{gone}"


def age(seconds: float) -> str:
    """Return how old something is, in its largest unit."""
    for size, unit in ((_DAY_SECONDS, "d"), (_HOUR_SECONDS, "h"), (_MINUTE_SECONDS, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{max(0, int(seconds))} s"


def chosen(branches: AllBranches, names: Sequence[str], *, current: bool, gone: bool, every: bool) -> list[OneBranch]:
    """Return the environments that a command names; raises the error of an unknown name."""
    if every and names:
        raise typer.BadParameter(f"{' '.join(names)} with --all-branches; expected one of them")
    if every:
        return list(branches.all())
    found = [branches.one(name) for name in names]
    found += [branches.one(branches.current())] if current else []
    found += branches.gone() if gone else []
    return list({one.branch: one for one in found}.values())
