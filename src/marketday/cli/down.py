"""`marketday down`: stop what `marketday up` or `marketday demo --keep` left running."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Protocol

import typer
from rich.console import Console

from marketday.cli.demo import run_to_the_end
from marketday.cli.guard import INTERRUPTED


class Down(Protocol):
    """Stops what runs in a home, and reports its progress."""

    def __call__(self, path: Path, report: Callable[[str], None], *, purge: bool, now: bool) -> Awaitable[None]:
        """Stop it. `purge` also removes the home; `now` releases unpaid reservations instead of waiting for them."""
        ...


def install_down(app: typer.Typer, down: Down) -> None:
    """Add the command `down`."""

    @app.command(name="down")
    def end(
        ctx: typer.Context,
        *,
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
            await down(ctx.obj, report, purge=purge, now=now)
            return True

        status = run_to_the_end(ended(), console)
        if status == INTERRUPTED:
            report("interrupted: some parts still run; repeat `marketday down` to stop them")
        raise typer.Exit(status)
