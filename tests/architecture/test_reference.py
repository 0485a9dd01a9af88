import ast
import sys
from collections import defaultdict

import pytest

from marketday.kit.errors import Kind, MarketdayError, Permanent, Temporary
from marketday.web.problems import STATUS

from .source import ROOT, python_files, tree

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
    meanings = defaultdict(set)
    for slug, (status, _) in reference.GENERAL.items():
        meanings[slug].add((int(status), False))
    for error in reference.errors():
        meanings[error.slug].add((int(STATUS[error.kind]), issubclass(error, Temporary)))
    assert {slug: found for slug, found in meanings.items() if len(found) > 1} == {}


def all_errors():
    waiting = [MarketdayError]
    while waiting:
        for each in waiting.pop().__subclasses__():
            waiting.append(each)
            if each.__module__.startswith("marketday.") and each not in {Temporary, Permanent}:
                yield each


def test_every_error_says_by_its_type_whether_the_same_may_be_tried_again():
    """There is no default. What is neither is a package's base, which others derive from and nobody raises."""
    called = {
        node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        for path in python_files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
    }
    both = {each.__name__ for each in all_errors() if issubclass(each, Temporary) and issubclass(each, Permanent)}
    neither = [each for each in all_errors() if not issubclass(each, Temporary | Permanent)]
    raised = {each.__name__ for each in neither if not each.__subclasses__() or each.__name__ in called}
    assert (both, raised) == (set(), set()), "derive each from kit.errors.Temporary or from kit.errors.Permanent"


def test_an_answer_that_says_try_again_is_about_something_temporary():
    """With status 503 goes `Retry-After`, and so does `retry_after`."""
    told = {each.__name__ for each in all_errors() if each.kind in {Kind.UNAVAILABLE, Kind.TOO_MANY}}
    told |= {
        node.func.id
        for path in python_files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        for keyword in node.keywords
        if keyword.arg == "retry_after"
    }
    temporary = {each.__name__ for each in all_errors() if issubclass(each, Temporary)}
    assert told - temporary == set()


def test_nothing_but_the_web_layer_decides_by_a_kind():
    """Whether to try again is in an error's type; its kind is there for the status code."""
    kinds = {"UNAVAILABLE", "TOO_MANY", "FAULT"}
    deciding = [
        f"{path.name}:{node.lineno}"
        for path in python_files()
        if path.name != "problems.py"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Compare | ast.Set)
        and any(isinstance(part, ast.Attribute) and part.attr in kinds for part in ast.walk(node))
    ]
    assert deciding == []


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
ALLOWED_FOREIGN = {
    "CellRefused",
    "Overreach",
    "PictureRefused",
    "PlaneFileInvalid",
    "Refused",
    "UnknownText",
    "Unusable",
}


def test_every_setting_has_a_meaning():
    silent = [line for line in reference.settings().splitlines() if line.startswith("| `") and line.endswith("|  |")]
    assert silent == []
