"""What the dev plane costs: the sizes are those of its stack, and the page shows what is computed."""

import re
from pathlib import Path

import pytest

from marketday.capacity.cost.dev_plane import month
from marketday.capacity.cost.prices import read_prices, usual_table

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "cost.md").read_text("utf-8").partition("## The dev plane")[2]
SIZES = (ROOT / "infra" / "terraform" / "dev" / "variables_sizes.tf").read_text("utf-8")


@pytest.mark.parametrize("size", ["t4g.medium", "t4g.large", "c7g.xlarge", "db.t4g.small"])
def test_the_sizes_are_the_defaults_of_the_stack(size):
    assert f'"{size}"' in SIZES


def test_the_disks_are_the_defaults_of_the_stack():
    assert re.findall(r"disk_gb\s+= optional\(number, (\d+)\)", SIZES) == ["40", "30"]
    assert "storage_gb = 20," in SIZES


def test_the_page_shows_what_is_computed():
    table = read_prices(usual_table())
    now, always = (month(table, build_hours=60, always_on=always) for always in (False, True))
    for part, other in zip(now, always, strict=True):
        assert f"| {part.name} | {part.usd:.2f} | {other.usd:.2f} |" in PAGE
    assert f"| all | {sum(one.usd for one in now):.2f} | {sum(one.usd for one in always):.2f} |" in PAGE


def test_working_hours_cost_less_than_all_hours():
    table = read_prices(usual_table())
    assert sum(one.usd for one in month(table, build_hours=60)) < sum(
        one.usd for one in month(table, build_hours=60, always_on=True)
    )
