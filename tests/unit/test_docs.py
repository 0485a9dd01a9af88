"""The documentation shows what the program says."""

import re
from pathlib import Path

import pytest

from marketday.crowd.report import texts
from marketday.crowd.report.checks import CHECKS

ROOT = Path(__file__).resolve().parents[2]
TICKED = re.compile(r"^✓ (.+)$", re.MULTILINE)


@pytest.mark.parametrize(("page", "lang"), [("README.md", "en"), ("README.ko.md", "ko")])
def test_the_sums_that_the_readme_shows_are_the_reports(page, lang):
    shown = TICKED.findall((ROOT / page).read_text("utf-8"))
    assert shown == [texts.text(lang, f"check.{check.__name__}") for check in CHECKS]


def test_both_readmes_give_the_same_commands():
    fences = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
    english, korean = (fences.findall((ROOT / name).read_text("utf-8")) for name in ("README.md", "README.ko.md"))
    assert english == korean
