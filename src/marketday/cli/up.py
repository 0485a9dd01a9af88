"""`marketday up`: start the mall and leave it running."""

import shlex
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from marketday.cli.branches import AllBranches, OpenBranches, environments, refuse_home
from marketday.cli.demo import run_to_the_end
from marketday.kit.addresses import read_networks
from marketday.provisioners.local.counts import MOST_PROCESSES


@dataclass(frozen=True, slots=True)
class UpWish:
    """How to start the mall; None keeps the earlier setting."""

    trusted_proxies: str | None
    crowd: bool | None
    processes: int | None


Up = Callable[[Path, UpWish], Awaitable[dict[str, str]]]


def install_up(app: typer.Typer, up: Up, open_branches: OpenBranches) -> None:
    """Add the command `up`; `up` starts the mall of a home and returns its addresses by name."""

    @app.command(name="up")
    def start(
        ctx: typer.Context,
        *,
        trusted_proxies: Annotated[
            str | None,
            typer.Option(
                envvar="MARKETDAY_TRUSTED_PROXIES",
                callback=_networks,
                help="Addresses and networks of the proxies in front of the mall whose X-Forwarded-For is trusted, "
                'separated by commas; "" for none. Kept until changed.',
            ),
        ] = None,
        crowd: Annotated[
            bool | None,
            typer.Option(
                "--crowd/--no-crowd",
                help="Trust the client addresses that `marketday crowd` sends. Kept until changed.",
            ),
        ] = None,
        processes: Annotated[
            int | None,
            typer.Option(
                min=0,
                max=MOST_PROCESSES,
                envvar="MARKETDAY_PROCESSES",
                help="How many processes of gate, and how many of store, each new event plane gets; 0 for one for each "
                "processor. Kept until changed; a plane keeps the number with which it was made.",
            ),
        ] = None,
        branch: Annotated[
            bool,
            typer.Option("--branch", help="In a home of its own for the branch that is checked out in this folder."),
        ] = False,
        list_: Annotated[
            bool, typer.Option("--list", help="Only show the environments of all branches of this repository.")
        ] = False,
    ) -> None:
        """Start the mall and leave it running; repeating it changes nothing. `marketday down` stops it.

        The console needs an account: create one with `marketday accounts add you@example.com --role viewer`.
        """
        console = Console(highlight=False)
        if list_:
            for line in environments(open_branches):
                console.print(line, markup=False, soft_wrap=True)
            raise typer.Exit

        async def opened() -> bool:
            home = _home_of_branch(ctx, open_branches(), console) if branch else ctx.obj
            for name, address in (await up(home, UpWish(trusted_proxies, crowd, processes))).items():
                console.print(f"{name:9} {address}", soft_wrap=True)
            if branch:
                console.print(_home_told(home), markup=False, soft_wrap=True)
            return True

        raise typer.Exit(run_to_the_end(opened(), console))


def _home_told(home: Path) -> str:
    return f"home      {home}\nfor other commands: export MARKETDAY_HOME={shlex.quote(str(home))}"


def _home_of_branch(ctx: typer.Context, branches: AllBranches, console: Console) -> Path:
    """Note that the branch that is checked out is started, tell which are gone, and return its home."""
    refuse_home(ctx)
    current = branches.current()
    branches.note(current)
    for one in branches.gone():
        told = f"the branch {one.shown} is gone; `marketday down --gone` ends its environment"
        console.print(told, style="yellow", markup=False, soft_wrap=True)
    return branches.home(current)


def _networks(value: str | None) -> str | None:
    try:
        read_networks(value or "")
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    return value
