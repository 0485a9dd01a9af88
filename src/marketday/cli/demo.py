"""`marketday demo`: play one whole market day on real servers."""

import asyncio
import locale
import os
import re
import secrets
import signal
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from marketday.cli.guard import INTERRUPTED
from marketday.demo.options import DemoOptions
from marketday.demo.screen import DemoScreen
from marketday.kit.errors import MarketdayError
from marketday.kit.languages import StaffLanguage

SHORTEST_ARRIVALS, LONGEST_ARRIVALS = 5.0, 1800.0  # seconds

Play = Callable[[DemoOptions, DemoScreen], Awaitable[bool]]


def install_demo(app: typer.Typer, play: Play) -> None:
    """Add the command `demo`; `play` plays the day and returns whether every check passed."""

    @app.command()
    def demo(
        ctx: typer.Context,
        *,
        people: Annotated[
            int | None, typer.Option(min=1, max=50_000, help="The number of people who come for the drop.")
        ] = None,
        units: Annotated[int | None, typer.Option(min=1, max=1_000_000, help="The number of units for sale.")] = None,
        arrivals: Annotated[
            float | None,
            typer.Option(
                parser=read_seconds,
                metavar="SECONDS|MINUTESm",
                help="How long people arrive before the drop opens, such as 90s or 5m. Default: grows with the people.",
            ),
        ] = None,
        keep: Annotated[bool, typer.Option("--keep", help="Leave the mall and an open drop running.")] = False,
        fast: Annotated[bool, typer.Option("--fast", help="Play a shorter day.")] = False,
        seed: Annotated[int | None, typer.Option(help="Repeat the crowd that had this seed.")] = None,
        report: Annotated[
            Path, typer.Option(envvar="MARKETDAY_REPORT", dir_okay=False, help="Write the report to this file.")
        ] = Path("marketday-report.html"),
        lang: Annotated[StaffLanguage | None, typer.Option(help="The language of the report.")] = None,
    ) -> None:
        """Play one whole market day on real servers, then stop them. Exit status 1: a check failed."""
        options = DemoOptions(
            home=ctx.obj,
            report=report,
            lang=(lang or spoken()).value,
            seed=secrets.randbelow(10**6) if seed is None else seed,
            people=people,
            units=units,
            keep=keep,
            fast=fast,
            arrivals_seconds=arrivals,
        )
        console = Console(highlight=False)
        screen = DemoScreen(console, options.lang)

        async def day() -> bool:
            with screen:
                return await play(options, screen)

        raise typer.Exit(run_to_the_end(day(), console))


def read_seconds(text: str | float) -> float:
    """Return the seconds of `90`, `90s` or `5m`.

    Raises:
        typer.BadParameter: it is not such a time, or not between 5 seconds and 30 minutes.

    """
    found = re.fullmatch(r"([0-9]{1,5}(?:\.[0-9]{1,3})?)(s|m)?", str(text))
    seconds = float(found[1]) * (60 if found[2] == "m" else 1) if found else 0.0
    if not SHORTEST_ARRIVALS <= seconds <= LONGEST_ARRIVALS:
        raise typer.BadParameter(f"{str(text)[:40]!r} is not a time; expected 5s to 30m, such as 90s or 5m")
    return seconds


def spoken() -> StaffLanguage:
    """Return Korean if the locale of the terminal is Korean, otherwise English."""
    named = os.environ.get("LC_ALL") or os.environ.get("LANG") or locale.getlocale()[0] or ""
    return StaffLanguage.KO if named.lower().startswith("ko") else StaffLanguage.EN


def run_to_the_end(work: Coroutine[Any, Any, bool], console: Console) -> int:
    """Run `work` and return the exit status. SIGINT and SIGTERM cancel it cleanly; our errors become one line."""

    async def guarded() -> bool:
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)
        return await task

    try:
        return 0 if asyncio.run(guarded()) else 1
    except asyncio.CancelledError:
        return INTERRUPTED
    except MarketdayError as error:
        told = f"✗ {error.title}: {error.detail}" if error.detail else f"✗ {error.title}"
        console.print(told, style="red", markup=False, soft_wrap=True)
        return 1
    except OSError as error:
        what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        console.print(f"✗ {what}; expected a path where this account may read and write", style="red", soft_wrap=True)
        return 1
