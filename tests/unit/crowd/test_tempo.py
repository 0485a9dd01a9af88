"""How long a demo's day lasts for a crowd, and how many its ceilings let in."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer

from marketday.cli.demo import read_seconds
from marketday.demo.options import DemoOptions
from marketday.demo.tempo import played_at, tempo
from marketday.drops.definition import load
from marketday.kit.files import examples_folder
from marketday.waitingroom.looking import Sight, look_again_seconds

DEFINITION = load(examples_folder() / "drops" / "dawn-serum.toml")


def options(**changes: object) -> DemoOptions:
    return DemoOptions(Path(), Path(), "en", 1, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("people", "units", "room", "sale", "admissions", "inside"),
    [
        (None, 400, 32, 48, 20, 200),
        (3_000, 400, 32, 48, 20, 200),
        (10_000, 2_000, 60, 100, 48, 480),
        (50_000, 2_000, 300, 180, 26.7, 267),
        (50_000, 1_000_000, 300, 300, 600, 6000),  # more than this crowd can buy
        (120, 30, 32, 48, 20, 120),
    ],
)
def test_a_larger_day_takes_longer_and_lets_more_people_in(
    people: int | None, units: int, room: float, sale: float, admissions: float, inside: int
) -> None:
    pace = tempo(options(people=people), units, 3.0)
    assert (pace.room, pace.sale) == (room, sale)
    limits = played_at(DEFINITION, datetime.now(UTC), pace, units, people or 3_000).rate_limits
    assert (limits.admissions_per_second, limits.inside) == (admissions, inside)


@pytest.mark.parametrize("people", [200, 3_000, 10_000, 50_000])
def test_everybody_sees_the_end_before_the_environment_goes(people: int) -> None:
    at_the_end = Sight(None, people, 1.0, closes_in=0.0, waiting=people)
    for fast in (False, True):
        assert look_again_seconds(at_the_end, 0.999) < tempo(options(people=people, fast=fast), 400, 3.0).tail


def test_how_people_arrive_can_be_chosen() -> None:
    assert tempo(options(people=50_000, arrivals_seconds=30.0), 400, 3.0).room == 30
    assert tempo(options(fast=True, arrivals_seconds=30.0), 400, 3.0).room == 30


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("90s", 90), ("5m", 300), ("0.5m", 30), ("30m", 1800)])
def test_a_time_is_read(text: str, seconds: float) -> None:
    assert read_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "4.9s", "31m", "1h", "-5m", "nan", "5 m", "９０s", "1e3"])
def test_a_bad_time_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="expected 5s to 30m"):
        read_seconds(text)
