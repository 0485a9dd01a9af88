"""`marketday demo`: one whole market day on real servers."""

import asyncio
import locale
import os
import secrets
import signal
from collections.abc import Awaitable, Callable, Coroutine
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from marketday.cli.guard import INTERRUPTED
from marketday.demo.screen import Screen
from marketday.demo.wish import DemoWish
from marketday.kit.errors import MarketdayError


class Lang(StrEnum):
    """The languages of the report and of the progress display."""

    KO = "ko"
    EN = "en"


Play = Callable[[DemoWish, Screen], Awaitable[bool]]


def install_demo(app: typer.Typer, play: Play) -> None:
    """Add the command `demo`; `play` plays the day and says whether every sum holds."""

    @app.command()
    def demo(
        ctx: typer.Context,
        *,
        people: Annotated[int | None, typer.Option(min=1, max=50_000, help="How many come for the drop.")] = None,
        units: Annotated[int | None, typer.Option(min=1, max=1_000_000, help="How many units there are.")] = None,
        keep: Annotated[bool, typer.Option("--keep", help="Leave mall and an open drop running.")] = False,
        fast: Annotated[bool, typer.Option("--fast", help="A shorter day.")] = False,
        seed: Annotated[int | None, typer.Option(help="Play the crowd of this seed again.")] = None,
        report: Annotated[Path, typer.Option(envvar="MARKETDAY_REPORT", help="The file of the report.")] = Path(
            "marketday-report.html"
        ),
        lang: Annotated[Lang | None, typer.Option(help="The report's language.")] = None,
    ) -> None:
        """Play one whole market day on real servers, and end by itself; a sum that does not hold is status 1."""
        wish = DemoWish(
            home=ctx.obj,
            report=report,
            lang=(lang or spoken()).value,
            seed=secrets.randbelow(10**6) if seed is None else seed,
            people=people,
            units=units,
            keep=keep,
            fast=fast,
        )
        console = Console(highlight=False)
        screen = Screen(console, wish.lang)

        async def day() -> bool:
            with screen:
                return await play(wish, screen)

        raise typer.Exit(run_to_the_end(day(), console))


def spoken() -> Lang:
    """Return Korean where the terminal's user speaks it, else English."""
    named = os.environ.get("LC_ALL") or os.environ.get("LANG") or locale.getlocale()[0] or ""
    return Lang.KO if named.lower().startswith("ko") else Lang.EN


def run_to_the_end(work: Coroutine[Any, Any, bool], console: Console) -> int:
    """Run `work`, let SIGINT and SIGTERM end it in order, and return the exit status; our errors become one line."""

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
        console.print(f"✗ {what}; expected a place where this account may read and write", style="red", soft_wrap=True)
        return 1
