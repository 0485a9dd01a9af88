import sys
from collections import defaultdict

import pytest

from marketday.kit.errors import MarketdayError
from marketday.web.problems import STATUS

from .source import ROOT

sys.path.insert(0, str(ROOT / "tools"))
import reference

sys.path.pop(0)


@pytest.fixture(scope="module", autouse=True)
def whole_product():
    for _ in reference.modules():
        pass


def test_the_reference_says_what_the_code_says():
    assert "".join(reference.differences()) == "", "docs/reference is old; run `make reference`"


def test_a_slug_has_one_meaning_wherever_it_is_raised():
    statuses = defaultdict(set)
    for slug, (status, _) in reference.GENERAL.items():
        statuses[slug].add(int(status))
    for error in reference.errors():
        statuses[error.slug].add(int(STATUS[error.kind]))
    assert {slug: found for slug, found in statuses.items() if len(found) > 1} == {}


def test_every_error_says_in_a_sentence_what_is_wrong():
    for error in reference.errors():
        first = (vars(error).get("__doc__") or "").strip().splitlines()
        assert first, f"{error.__name__} has no docstring, and so no title"
        assert first[0].endswith("."), f"{error.__name__}: {first[0]!r}"


def test_every_error_is_one_of_ours():
    foreign = {
        each.__name__
        for module in reference.modules()
        for each in vars(module).values()
        if isinstance(each, type)
        and issubclass(each, Exception)
        and each.__module__ == module.__name__
        and not issubclass(each, MarketdayError)
        and not each.__name__.startswith("_")
    }
    assert foreign <= ALLOWED_FOREIGN


# A programmer's mistakes, and what a module throws for itself to catch: nobody is told them, they have no slug.
ALLOWED_FOREIGN = {"Overreach", "UnknownText", "PlaneFileInvalid", "Refused", "Unusable"}


def test_every_setting_has_a_meaning():
    silent = [line for line in reference.settings().splitlines() if line.startswith("| `") and line.endswith("|  |")]
    assert silent == []
