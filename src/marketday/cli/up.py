"""`marketday up`: opens the mall and leaves it running."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from marketday.cli.demo import run_to_the_end
from marketday.kit.addresses import read_networks


@dataclass(frozen=True, slots=True)
class UpWish:
    """How the mall is to be opened; None leaves it as it was."""

    trusted_proxies: str | None
    crowd: bool | None


Up = Callable[[Path, UpWish], Awaitable[dict[str, str]]]


def install_up(app: typer.Typer, up: Up) -> None:
    """Add the command `up`; `up` starts the mall of a home and returns what to tell of it, by name."""

    @app.command(name="up")
    def start(
        ctx: typer.Context,
        *,
        trusted_proxies: Annotated[
            str | None,
            typer.Option(
                envvar="MARKETDAY_TRUSTED_PROXIES",
                callback=_networks,
                help="Addresses and networks of proxies before the mall whose X-Forwarded-For is believed, "
                'separated by commas; "" for none. Kept until it is changed.',
            ),
        ] = None,
        crowd: Annotated[
            bool | None,
            typer.Option(
                "--crowd/--no-crowd", help="Believe `marketday crowd` where its people come from. Kept until changed."
            ),
        ] = None,
    ) -> None:
        """Open the mall, and leave it running; repeating it changes nothing. `marketday down` ends it.

        The console asks for an account: `marketday accounts add you@example.com --role viewer` makes one.
        """
        console = Console(highlight=False)

        async def opened() -> bool:
            for name, address in (await up(ctx.obj, UpWish(trusted_proxies, crowd))).items():
                console.print(f"{name:9} {address}", soft_wrap=True)
            return True

        raise typer.Exit(run_to_the_end(opened(), console))


def _networks(value: str | None) -> str | None:
    try:
        read_networks(value or "")
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    return value
