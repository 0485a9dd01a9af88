"""`marketday down`: stop what `marketday up` or `marketday demo --keep` left running."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Protocol

import typer
from rich.console import Console

from marketday.cli.branches import AllBranches, OneBranch, OpenBranches, chosen, refuse_home
from marketday.cli.demo import run_to_the_end
from marketday.cli.guard import INTERRUPTED
from marketday.kit.errors import MarketdayError


class Down(Protocol):
    """Stops what runs in a home, and reports its progress."""

    def __call__(self, path: Path, report: Callable[[str], None], *, purge: bool, now: bool) -> Awaitable[None]:
        """Stop it. `purge` also removes the home; `now` releases unpaid reservations instead of waiting for them."""
        ...


def install_down(app: typer.Typer, down: Down, open_branches: OpenBranches) -> None:
    """Add the command `down`."""

    @app.command(name="down")
    def end(
        ctx: typer.Context,
        names: Annotated[
            list[str] | None,
            typer.Argument(metavar="[BRANCH]...", help="Branches whose environments to end; `up --list` names them."),
        ] = None,
        *,
        branch: Annotated[
            bool, typer.Option("--branch", help="The environment of the branch that is checked out in this folder.")
        ] = False,
        gone: Annotated[
            bool, typer.Option("--gone", help="The environments of all branches that do not exist any more.")
        ] = False,
        all_branches: Annotated[bool, typer.Option("--all-branches", help="The environments of all branches.")] = False,
        now: Annotated[
            bool, typer.Option("--now", help="Release unpaid reservations at once, instead of waiting for them.")
        ] = False,
        purge: Annotated[bool, typer.Option("--purge", help="Also remove the home and all its data.")] = False,
    ) -> None:
        """Close open drops, hand their orders back, destroy their environments, and stop the mall.

        The command waits for unpaid reservations, so that people can pay; `--now` releases them.
        Exit status 1: something is still running.
        """
        console = Console(highlight=False)

        def report(line: str) -> None:
            console.print(line, markup=False, soft_wrap=True)

        async def ended() -> bool:
            if not (names or branch or gone or all_branches):
                await down(ctx.obj, report, purge=purge, now=now)
                return True
            refuse_home(ctx)
            branches = open_branches()
            found = chosen(branches, names or (), current=branch, gone=gone, every=all_branches)
            report(f"{len(found)} to end" if found else "there is nothing to end")
            return all([await _end_one(branches, one) for one in found])

        async def _end_one(branches: AllBranches, one: OneBranch) -> bool:
            report(f"{one.shown}:")
            try:
                await down(one.home, report, purge=purge, now=now)
            except MarketdayError as error:
                if one.home.exists():
                    report(f"✗ {error.title}: {error.detail}")
                    return False
                report("its home is gone already")
            branches.forget(one.branch)
            return True

        status = run_to_the_end(ended(), console)
        if status == INTERRUPTED:
            report("interrupted: some parts still run; repeat `marketday down` to stop them")
        raise typer.Exit(status)
