"""The command `gameday`: its list, its options, and its exit status."""

from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from marketday.cli.gameday import install_gameday
from marketday.gameday.errors import GameDayError
from marketday.gameday.names import ScenarioName
from marketday.gameday.options import GameDayOptions

Run = Callable[..., tuple[int, str, list[GameDayOptions]]]


@pytest.fixture
def run() -> Run:
    def with_result(*arguments: str, held: bool | Exception = True) -> tuple[int, str, list[GameDayOptions]]:
        asked: list[GameDayOptions] = []

        async def play(options: GameDayOptions, _screen: object) -> bool:
            asked.append(options)
            if isinstance(held, Exception):
                raise held
            return held

        app = typer.Typer()

        @app.callback()
        def root(ctx: typer.Context) -> None:
            ctx.obj = Path("home")

        install_gameday(app, play)
        result = CliRunner().invoke(app, ["gameday", *arguments])
        return result.exit_code, result.output, asked

    return with_result


def test_without_a_name_it_lists_all_scenarios(run: Run):
    status, output, asked = run("--lang", "en")
    assert (status, asked) == (0, [])
    assert all(name in output for name in ScenarioName)


@pytest.mark.parametrize(
    ("held", "status"), [(True, 0), (False, 1), (GameDayError("libfaketime is missing"), 2)], ids=str
)
def test_its_exit_status_says_whether_the_hypothesis_held(run: Run, held: bool | Exception, status: int):  # noqa: FBT001
    got, output, _ = run("zone", "--lang", "en", held=held)
    assert got == status
    assert isinstance(held, bool) or "libfaketime is missing" in output


def test_a_name_and_options_reach_the_game_day(run: Run):
    _, _, [options] = run("gateway", "--fault", "600", "--at", "30", "--people", "50", "--seed", "7", "--lang", "ko")
    assert options == GameDayOptions(
        ScenarioName.GATEWAY, Path("home"), Path("marketday-gameday-gateway.html"), "ko", 7, 50, 600.0, 30.0
    )


@pytest.mark.parametrize(
    "wrong", [("flood",), ("zone", "--fault", "1"), ("zone", "--at", "0"), ("zone", "--people", "3")]
)
def test_what_is_wrong_is_refused_before_anything_starts(run: Run, wrong: tuple[str, ...]):
    status, _, asked = run(*wrong)
    assert (status, asked) == (2, [])
