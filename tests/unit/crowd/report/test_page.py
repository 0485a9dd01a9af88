from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from io import StringIO

import pytest
from rich.console import Console

from marketday.crowd.report import texts
from marketday.crowd.report.checks import CHECKS, judge
from marketday.crowd.report.figures import figures
from marketday.crowd.report.model import Day
from marketday.crowd.report.page import render
from marketday.crowd.report.summary import print_summary
from marketday.kit.catalogues import UnknownText
from marketday.kit.languages import StaffLanguage

from .a_day import answer, good_day, with_answers

MADE = datetime(2026, 12, 10, 12, 0, tzinfo=UTC)
NETWORK = {"src", "href", "action", "srcset", "data", "poster"}
VOID = {"meta", "input", "br", "link"}


class Reader(HTMLParser):
    """Refuses a page that is not balanced, and one that would ask the network for anything."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not NETWORK & {name for name, _ in attrs}
        assert tag != "script"
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, _: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not NETWORK & {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def _read(page: str) -> str:
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    return " ".join(reader.text)


def _page(day: Day, lang: str = "ko") -> str:
    return render(day, judge(day), made_at=MADE, lang=lang)


@pytest.mark.parametrize("lang", StaffLanguage)
def test_the_page_is_whole_and_asks_nobody(lang: str) -> None:
    page = _page(good_day(), lang)
    text = _read(page)

    assert f'<html lang="{lang}">' in page
    assert page.count("<svg") == 7
    assert "url(" not in page
    assert texts.text("ko", "verdict.good") in text
    assert texts.text("en", "verdict.good") in text


def test_what_came_from_outside_is_escaped() -> None:
    page = _page(replace(good_day(), name={"ko": "<b>", "en": "<i>"}, notes=("<u>",)))

    assert "<script>" not in page
    assert not any(f"<{tag}>" in page for tag in "biu")


def test_an_empty_day_still_makes_a_page() -> None:
    day = replace(good_day(), answers=[], orders=None, ledger=None, allocations=None, receipt=None, steps=())

    text = _read(_page(replace(day, left_behind=None)))

    assert texts.text("en", "handback.none") in text
    assert texts.text("ko", "timeline.none") in text
    assert texts.text("en", "left.unknown") in text


def test_a_cross_stands_out() -> None:
    day = with_answers(good_day(), answer("x", "quantity_0", 5, 201, role="intruder", id="7"))

    assert texts.text("en", "verdict.bad", n=1) in _read(_page(day))


def test_the_languages_have_the_same_texts() -> None:
    assert texts.keys("ko") == texts.keys("en")
    assert {f"report.check.{check.__name__}" for check in CHECKS} <= texts.keys("ko")
    with pytest.raises(UnknownText, match="nonsense"):
        texts.text("en", "nonsense")


def test_failed_requests_are_shown_by_name() -> None:
    assert texts.text("en", "speed.failed") not in _read(_page(good_day()))
    kinds = [answer("x", f"look{number}", 5, 0, role="shopper", problem="timeout") for number in range(7)]
    day = with_answers(good_day(), *kinds, *kinds[:1])
    console = Console(width=200, record=True, file=StringIO())

    print_summary(console, judge(day), figures(day), day.processors, "en")

    page, shown = _read(_page(day)), console.export_text()
    for number in range(7):
        assert f"store · look{number}" in page
    assert "2 × store look0 no answer: timeout · 1 × store look1" in shown
    assert texts.text("en", "summary.more_failures", n=2) in shown


@pytest.mark.parametrize("lang", StaffLanguage)
def test_the_terminal_shows_every_sum(lang: str) -> None:
    console = Console(width=200, record=True, quiet=False, file=open("/dev/null", "w"))  # noqa: PTH123, SIM115
    day = replace(good_day(), receipt=None)

    with console.file:
        print_summary(console, judge(day), figures(day), day.processors, lang)
    shown = console.export_text()

    assert shown.count("✓") == len(CHECKS) - 1
    assert shown.count("✗") == 2
    assert texts.text(lang, "verdict.bad", n=1) in shown
    for told in ("tile.orders", "tile.declined", "chart.waits", "service.store", "mall.during"):
        assert texts.text(lang, told) in shown
