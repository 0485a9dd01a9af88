"""Every command that the README gives does what it says."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMANDS = [
    line
    for fence in FENCE.findall((ROOT / "README.md").read_text("utf-8"))
    for line in fence.splitlines()
    if line and not line.startswith("#")
]


def make(*arguments, home, **options):
    """Run make in the project, with the virtual environment that runs this test."""
    environment = {**os.environ, "MARKETDAY_HOME": str(home), "MARKETDAY_REPORT": str(home.parent / "report.html")}
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


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme(command, tmp_path):
    program, target, *arguments = shlex.split(command)
    assert program == "make"
    planned = make("-n", target, *arguments, home=tmp_path)
    assert planned.returncode == 0, planned.stderr
    if target == "test":
        assert f"{sys.prefix}/bin/pytest" in planned.stdout  # it is what runs now
    elif not arguments:
        assert f"{sys.prefix}/bin/marketday {target}" in planned.stdout  # the same day in small is played below
    else:
        play(target, arguments, tmp_path / "home")


def play(target, arguments, home):
    try:
        done = make(target, *arguments, home=home, timeout=170)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    finally:
        down = make("down", home=home, timeout=60)
    assert down.returncode == 0, down.stdout + down.stderr
    assert (home.parent / "report.html").stat().st_size > 0
