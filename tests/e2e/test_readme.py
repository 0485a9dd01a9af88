"""Every command that the README gives does what it says."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from marketday.testing.folders import folder_for_servers

from .ground import LONGEST_DAY_SECONDS, Ground, assert_a_good_day, orders_told

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMANDS = [
    line
    for fence in FENCE.findall((ROOT / "README.md").read_text("utf-8"))
    for line in fence.splitlines()
    if line and not line.startswith("#")
]


def make(*arguments, ground, **options):
    """Run make in the project, with the virtual environment that runs this test."""
    environment = {**os.environ, "MARKETDAY_HOME": str(ground.home), "MARKETDAY_REPORT": str(ground.report)}
    return subprocess.run(
        ["make", "-C", str(ROOT), f"VENV={sys.prefix}", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def test_the_readme_gives_commands():
    assert "make demo" in COMMANDS
    assert "make test" in COMMANDS


@pytest.fixture
def ground():
    with folder_for_servers() as folder:
        yield Ground(folder)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme(command, ground):
    program, target, *arguments = shlex.split(command)
    assert program == "make"
    planned = make("-n", target, *arguments, ground=ground)
    assert planned.returncode == 0, planned.stderr
    if target == "test":
        assert f"{sys.prefix}/bin/pytest" in planned.stdout  # it is what runs now
    elif not arguments:
        assert f"{sys.prefix}/bin/marketday {target}" in planned.stdout  # the same day in small is played below
    else:
        a_day_holds_its_sums_and_leaves_nothing(target, arguments, ground)


def words(text):
    """Return the text without its line breaks, which depend on the terminal."""
    return " ".join(text.split())


def a_day_holds_its_sums_and_leaves_nothing(target, arguments, ground):
    try:
        done = make(target, *arguments, ground=ground, timeout=LONGEST_DAY_SECONDS)
        assert_a_good_day(done.returncode, done.stdout, ground)
        assert orders_told(ground.home) > 10
        assert re.search(
            r"crowd [\d.]+ s .* event store [\d.]+ s|event store [\d.]+ s .* crowd [\d.]+ s", words(done.stdout)
        )
    finally:
        down = make("down", ground=ground, timeout=120)
    assert down.returncode == 0, down.stdout + down.stderr
