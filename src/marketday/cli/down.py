"""`marketday down`: ends what `marketday demo --keep` left running."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Protocol

import typer
from rich.console import Console

from marketday.cli.demo import run_to_the_end
from marketday.cli.guard import INTERRUPTED


class Down(Protocol):
    """Ends what runs in a home, and tells what it does."""

    def __call__(self, path: Path, tell: Callable[[str], None], *, purge: bool, now: bool) -> Awaitable[None]:
        """End it; with `purge` remove the home, with `now` release what people hold instead of waiting for it."""
        ...


def install_down(app: typer.Typer, down: Down) -> None:
    """Add the command `down`."""

    @app.command(name="down")
    def end(
        ctx: typer.Context,
        *,
        now: Annotated[
            bool, typer.Option("--now", help="Release what people hold and have not paid for, instead of waiting.")
        ] = False,
        purge: Annotated[bool, typer.Option("--purge", help="Remove the home, with all data.")] = False,
    ) -> None:
        """Close open drops, hand back, destroy with a receipt, and stop the mall.

        What people hold is waited for, so that they can pay; `--now` releases it. Exit status 1: something stands.
        """
        console = Console(highlight=False)

        def tell(line: str) -> None:
            console.print(line, markup=False, soft_wrap=True)

        async def ended() -> bool:
            await down(ctx.obj, tell, purge=purge, now=now)
            return True

        status = run_to_the_end(ended(), console)
        if status == INTERRUPTED:
            tell("interrupted: what is not ended yet goes on running; `marketday down` again ends it")
        raise typer.Exit(status)
