"""The tables, and the arguments of `make bench`."""

import pytest
from bench import table
from bench.__main__ import _arguments
from bench.load.seen import Latencies
from bench.row import HEADINGS, Row
from bench.rows import BENCHMARKS


def test_a_row_says_what_is_required_and_whether_it_is_met():
    latencies = Latencies()
    latencies.add(0.0123)
    latencies.errors[503] = 2
    row = Row("join", "727/s", "28,000/s: nginx", 0.026, 0.2, moonshot=0.5, latencies=latencies)
    cells = dict(zip(HEADINGS, row.cells(), strict=True))
    assert cells["ratio"] == "0.03"
    assert cells["required"] == "≥ 0.20 (moonshot 0.50)"
    assert cells["met"] == "**no**"
    assert cells["p50 / p95 / p99, ms"] == "12.3 / 12.3 / 12.3"
    assert cells["errors"] == "2 × 503"


@pytest.mark.parametrize(("value", "at_least", "met"), [(8, False, True), (8.1, False, False), (0.2, True, True)])
def test_what_counts_as_met(value, at_least, met):
    assert Row("", "", "", value, 0.2 if at_least else 8, at_least=at_least).met is met


def test_the_section_is_replaced_and_nothing_else():
    page = f"before\n{table.BEGINS}\n\nold\n\n{table.ENDS}\nafter\n"
    once = table.replace_section(page, "new")
    assert once == page.replace("old", "new")
    assert table.replace_section(once, "new") == once
    with pytest.raises(ValueError, match="expected both"):
        table.replace_section("no marks", "new")


def test_the_page_has_its_marks():
    page = table.PAGE.read_text("utf-8")
    assert page.count(table.BEGINS) == page.count(table.ENDS) == 1


def test_a_machine_is_described():
    assert "cores" in table.machine()
    assert "nginx 1." in table.machine()


def test_arguments_choose_benchmarks(capsys):
    assert _arguments([])[0] == list(BENCHMARKS)
    assert _arguments(["reserve", "join"])[0] == ["join", "reserve"]
    with pytest.raises(SystemExit) as ended:
        _arguments(["joins"])
    assert ended.value.code == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line == f"there is no benchmark 'joins'; expected some of {', '.join(BENCHMARKS)}, or none for all"
