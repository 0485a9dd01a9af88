"""docs/fairness.md says how anyone recomputes the draw. This runs what stands there."""

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import pytest

from marketday.waitingroom.draw import permutation

PAGE = Path(__file__).parents[3] / "docs/fairness.md"
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture
def program() -> tuple[dict[str, Any], str]:
    """Run the page's Python in one go; return its names and what it printed."""
    names: dict[str, Any] = {}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        for language, text in BLOCKS:
            if language == "python":
                exec(compile(text, str(PAGE), "exec"), names)  # noqa: S102 - the page is ours
    return names, printed.getvalue()


def test_the_worked_example_prints_what_the_page_says(program: tuple[dict[str, Any], str]) -> None:
    texts = [text for language, text in BLOCKS if language == "text"]
    assert program[1] == texts[-1]
    published = dict(line.split() for line in texts[0].splitlines())
    assert published["commitment"] == program[1].splitlines()[0]
    assert published["seed"] == program[0]["seed"].hex()


@pytest.mark.parametrize("count", [1, 2, 3, 10, 97, 3000])
def test_the_pages_program_draws_as_the_waiting_room_does(program: tuple[dict[str, Any], str], count: int) -> None:
    seed = program[0]["seed"]
    indices = range(0, count, max(count // 50, 1))
    assert [program[0]["position"](seed, index, count) for index in indices] == [
        permutation(seed, index, count) for index in indices
    ]
