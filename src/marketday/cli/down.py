"""`marketday down`: ends what `marketday demo --keep` left running."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from marketday.cli.demo import run_to_the_end

Down = Callable[[Path, bool, Callable[[str], None]], Awaitable[None]]


def install_down(app: typer.Typer, down: Down) -> None:
    """Add the command `down`; `down` takes the home, whether to remove it, and whom to tell what it does."""

    @app.command(name="down")
    def end(
        ctx: typer.Context,
        *,
        purge: Annotated[bool, typer.Option("--purge", help="Remove the home, with all data.")] = False,
    ) -> None:
        """Close open drops, hand back, destroy with a receipt, and stop the mall."""
        console = Console(highlight=False)

        async def ended() -> bool:
            await down(ctx.obj, purge, lambda line: console.print(line, markup=False, soft_wrap=True))
            return True

        raise typer.Exit(run_to_the_end(ended(), console))
