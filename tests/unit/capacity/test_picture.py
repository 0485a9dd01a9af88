import re
from xml.etree import ElementTree as ET

import pytest

from marketday.capacity.cost.model import Held, Resource, bill, planned
from marketday.capacity.cost.picture import _GROUPS, _WORDS, WIDTH, draw
from marketday.capacity.cost.prices import read_prices, usual_table
from marketday.capacity.cost.reference import reference
from marketday.capacity.cost.usage import uses_of
from marketday.kit.languages import StaffLanguage
from marketday.testing.definitions import dawn_serum

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def dawn():
    uses = uses_of(dawn_serum().demand(), 26, 2)
    return bill(planned(reference(), {"event": 26, "link": 2}), read_prices(usual_table()), uses)


@pytest.mark.parametrize("language", StaffLanguage)
def test_it_shows_the_bill(dawn, language):
    root = ET.fromstring(draw(dawn, "dawn-serum", language))  # noqa: S314 - our own text
    told = "".join(root.itertext())
    for amount in (f"${dawn.always_on:,.0f}", f"${dawn.per_year:,.0f}", f"${dawn.per_drop:,.2f}"):
        assert amount in told
    assert f"{dawn.saving * 100:.1f} %" in told
    assert "dawn-serum" in root.attrib["aria-label"]


def test_the_bars_are_as_long_as_the_amounts(dawn):
    root = ET.fromstring(draw(dawn, "dawn-serum", "en"))  # noqa: S314 - our own text
    rows = {}
    for rect in root.iter(f"{SVG}rect"):
        if rect.find(f"{SVG}title") is not None and rect.attrib["class"] != "rest":
            rows.setdefault(rect.attrib["y"], []).append(float(rect.attrib["width"]))
    whole, year, drop = (sum(widths) for widths in rows.values())
    assert whole == pytest.approx(drop, abs=1)
    assert year / whole == pytest.approx(dawn.per_year / dawn.always_on, abs=0.002)
    assert whole < WIDTH


def test_it_stands_alone_and_escapes_what_it_is_given(dawn):
    text = draw(dawn, "<script>", "ko")
    assert "<script" not in text
    assert re.findall(r"https?://[^\"]+", text) == ["http://www.w3.org/2000/svg"]


def test_a_bill_of_at_least_so_much_says_so():
    unknown = bill([Held(Resource("event", "x", "aws_quantum_computer", {}), 1)], read_prices(usual_table()), {})
    assert "at least" in draw(unknown, "dawn-serum", "en")


def test_both_languages_say_the_same_and_name_every_group():
    assert _WORDS["ko"].keys() == _WORDS["en"].keys() >= _GROUPS.keys()
