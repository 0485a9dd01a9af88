"""`marketday up`: opens the mall and leaves it running."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import typer
from rich.console import Console

from marketday.cli.demo import run_to_the_end

Up = Callable[[Path], Awaitable[dict[str, str]]]


def install_up(app: typer.Typer, up: Up) -> None:
    """Add the command `up`; `up` starts the mall of a home and returns its addresses by name."""

    @app.command(name="up")
    def start(ctx: typer.Context) -> None:
        """Open the mall, and leave it running; repeating it changes nothing. `marketday down` ends it."""
        console = Console(highlight=False)

        async def opened() -> bool:
            for name, address in (await up(ctx.obj)).items():
                console.print(f"{name:8} {address}", soft_wrap=True)
            return True

        raise typer.Exit(run_to_the_end(opened(), console))
