"""docs/cost.md shows what the command prints."""

import json
import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from marketday.cli.cost import install_cost

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "cost.md").read_text("utf-8")
EXAMPLES = ("dawn-serum", "dancheong-palette")


@pytest.fixture
def cost(monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    app = typer.Typer()
    install_cost(app)

    def invoke(example, *options):
        result = CliRunner().invoke(app, [str(ROOT / "examples" / "drops" / f"{example}.toml"), *options])
        assert result.exit_code == 0, result.output
        return result.output

    return invoke


def test_the_page_shows_the_table_that_the_command_prints(cost):
    shown = re.search(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert shown
    assert shown[1].splitlines() == [line.rstrip() for line in cost("dawn-serum").splitlines()]


@pytest.mark.parametrize("column", [0, 1])
def test_the_page_sums_up_each_example(cost, column):
    rows = {
        cells[0]: cells[1 + column]
        for line in PAGE.splitlines()
        if line.startswith("| ") and len(cells := [cell.strip() for cell in line.strip("|").split("|")]) == 3
    }
    bill = json.loads(cost(EXAMPLES[column], "--json"))
    by_stack = dict.fromkeys(("event", "link", "permanent", "prod"), 0.0)
    for resource in bill["resources"]:
        by_stack[resource["stack"]] += resource["per_drop_usd"]
    assert rows["one drop: event, link, shares of permanent and prod"] == ", ".join(
        f"{usd:,.2f}" for usd in by_stack.values()
    )
    assert rows["one drop"] == f"{bill['per_drop_usd']:,.2f}"
    assert rows["a year"] == f"{bill['per_year_usd']:,.2f}"
    assert rows["the same, always on"] == f"{bill['always_on_usd']:,.2f}"
    assert rows["saved"] == f"{bill['saving'] * 100:.1f} %"
    assert rows["saved, without the link"] == f"{bill['saving_without_link'] * 100:.1f} %"
    assert rows["event stack, link"] == f"{bill['hours']['event']:g} h, {bill['hours']['link']:g} h"


def test_the_picture_is_the_one_that_the_command_draws(cost, tmp_path):
    drawn = tmp_path / "cost.svg"
    cost("dawn-serum", "--picture", str(drawn), "--lang", "en")
    assert drawn.read_text("utf-8") == (ROOT / "docs" / "pictures" / "cost.svg").read_text("utf-8")
