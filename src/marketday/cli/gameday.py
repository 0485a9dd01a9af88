"""`marketday gameday`: break something while a market day is played, and show whether a hypothesis held."""

import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from marketday.cli.demo import run_to_the_end, spoken
from marketday.demo.screen import DemoScreen
from marketday.gameday.names import ScenarioName
from marketday.gameday.options import GameDayOptions
from marketday.gameday.texts import text
from marketday.kit.languages import StaffLanguage

SHORTEST_FAULT, LONGEST_FAULT = 5.0, 900.0  # seconds
EARLIEST, LATEST = 5.0, 900.0
NOT_PLAYED = 2  # the exit status of a game day that came to no conclusion; 1 is for a hypothesis that did not hold

FaultSeconds = Annotated[
    float | None,
    typer.Option(
        min=SHORTEST_FAULT,
        max=LONGEST_FAULT,
        metavar="SECONDS",
        help="How long it stays broken, such as 600 for the gateway's whole ten minutes; the sale gets longer too. "
        "Default: short, in proportion to the short day.",
    ),
]
AtSeconds = Annotated[
    float | None,
    typer.Option(
        min=EARLIEST,
        max=LATEST,
        metavar="SECONDS",
        help="How long after the opening it breaks, in the scenarios that break something in the sale.",
    ),
]
Play = Callable[[GameDayOptions, DemoScreen], Awaitable[bool]]


def install_gameday(app: typer.Typer, play: Play) -> None:
    """Add the command `gameday`; `play` plays a scenario and returns whether its hypothesis held."""

    @app.command()
    def gameday(
        ctx: typer.Context,
        scenario: Annotated[
            ScenarioName | None, typer.Argument(metavar="[SCENARIO]", help="Default: list all scenarios.")
        ] = None,
        *,
        people: Annotated[
            int | None, typer.Option(min=20, max=5000, help="The number of people who come for the drop.")
        ] = None,
        fault: FaultSeconds = None,
        at: AtSeconds = None,
        seed: Annotated[int | None, typer.Option(help="Repeat the crowd that had this seed.")] = None,
        report: Annotated[
            Path | None,
            typer.Option(
                envvar="MARKETDAY_GAMEDAY_REPORT",
                dir_okay=False,
                help="Write the page to this file. Default: marketday-gameday-SCENARIO.html.",
            ),
        ] = None,
        lang: Annotated[StaffLanguage | None, typer.Option(help="The language of the page.")] = None,
    ) -> None:
        """Break something while a market day is played on real servers, and show whether a hypothesis held.

        Exit status 1: it did not hold. 2: the game day could not be played.
        """
        language = (lang or spoken()).value
        console = Console(highlight=False)
        if scenario is None:
            _show(console, language)
            return
        options = GameDayOptions(
            scenario=scenario,
            home=ctx.obj,
            report=report or Path(f"marketday-gameday-{scenario}.html"),
            lang=language,
            seed=secrets.randbelow(10**6) if seed is None else seed,
            people=people,
            fault_seconds=fault,
            at_seconds=at,
        )
        raise typer.Exit(_status(options, play, console))


def _status(options: GameDayOptions, play: Play, console: Console) -> int:
    """Play it, and return the exit status."""
    screen, concluded = DemoScreen(console, options.lang), list[bool]()

    async def day() -> bool:
        with screen:
            concluded.append(await play(options, screen))
        return concluded[0]

    status = run_to_the_end(day(), console)
    return NOT_PLAYED if status == 1 and not concluded else status


def _show(console: Console, language: str) -> None:
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    for name in ScenarioName:
        table.add_row(name, text(language, f"scenario.{name}.title"))
    console.print(table)
    console.print(text(language, "list.how"), soft_wrap=True)
