import io
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from rich.console import Console

from marketday.gameday import claims, texts
from marketday.gameday.claims import conclude
from marketday.gameday.names import ScenarioName
from marketday.gameday.registry import SCENARIOS
from marketday.gameday.report.page import render
from marketday.gameday.report.summary import print_conclusion
from marketday.kit.languages import StaffLanguage

from .a_game import OPENS, a_course, with_day

MADE = OPENS + timedelta(minutes=2)
CLAIMS = (claims.met_a_sale, claims.no_order_lost, claims.back_in_time)


def page(course=None, lang="en", of=CLAIMS):
    course = course or a_course()
    return render(course, conclude(course, of), made_at=MADE, lang=lang)


@pytest.mark.parametrize("lang", StaffLanguage)
def test_the_page_says_what_held_in_both_languages_and_needs_no_network(lang: str):
    text = page(lang=lang)
    assert "The hypothesis held" in text
    assert "가설이 성립했습니다" in text
    assert not re.search(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""", text)
    assert "<script" not in text


def test_a_broken_hypothesis_names_what_is_not_true():
    text = page(with_day(a_course(), orders=[]))
    assert "The hypothesis did not hold" in text
    assert text.count("This does not hold:") == 1


def test_each_chart_is_there_wide_and_narrow_with_the_fault_and_numbered_moments():
    text = page()
    assert text.count('class="fault"') == 2 * 2  # nobody waits in this day, so two charts of three
    assert text.count('class="number broken"') == 2 * 2
    assert "+10 s: good 1</title>" in text


def test_what_processes_are_called_is_text():
    assert "<store-2>" not in page()
    assert "&lt;store-2&gt;" in page()


@pytest.mark.parametrize("course", [a_course(fault=None), with_day(a_course(), answers=[])], ids=["no fault", "nobody"])
def test_a_day_without_a_fault_or_without_answers_has_a_page_too(course):
    assert "did not hold" in page(course)


def test_the_terminal_gets_the_conclusion():
    console = Console(file=io.StringIO(), width=120)
    print_conclusion(console, conclude(with_day(a_course(), orders=[]), CLAIMS), "en")
    written = console.file.getvalue()  # type: ignore[attr-defined]
    assert "RPO 20 paid orders lost" in written
    assert "did not hold" in written


@pytest.mark.parametrize("name", ScenarioName)
def test_every_scenario_has_its_texts_and_its_claims_theirs(name: ScenarioName):
    scenario = SCENARIOS[name]
    for part in ("title", "hypothesis", "broken", "back"):
        assert texts.has(f"scenario.{name}.{part}")
    course = replace(a_course(), scenario=name)
    verdicts = [claim(course) for claim in scenario.claims]
    assert [each.name for each in verdicts if not texts.has(f"claim.{each.name}")] == []


def test_both_catalogues_have_the_same_texts_with_the_same_values():
    english, korean = (texts.all_texts(language) for language in (StaffLanguage.EN, StaffLanguage.KO))
    assert english.keys() == korean.keys()
    placeholders = re.compile(r"\{\w+\}")
    wrong = [
        key for key in english if set(placeholders.findall(english[key])) != set(placeholders.findall(korean[key]))
    ]
    assert wrong == []
