"""Named queries: none is asked for that is not there, and none is there that nobody asks for."""

import re

from .source import PRODUCT, text, wrong

ALL_COLUMNS = re.compile(r"SELECT\s+(?:[^;()]*?,\s*)?(?:\w+\.)?\*(?=[\s,])", re.IGNORECASE)
NAMED = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
ASKED_FOR = re.compile(r"\b_?(?:sql|queries)\[\"(\w+)\"\]", re.IGNORECASE)
FILES = [file for file in PRODUCT.rglob("*.sql") if file.name != "equations.sql"]  # all of those are asked, one by one


def beside(file):
    return "".join(text(each) for each in sorted(file.parent.glob("*.py")))


def test_every_query_is_asked_for_in_its_package():
    assert len(FILES) > 10
    assert (
        wrong(FILES, lambda file: [name for name in NAMED.findall(text(file)) if f'"{name}"' not in beside(file)]) == {}
    )


def test_every_query_that_is_asked_for_is_there():
    def unknown(file):
        there = {name for each in file.parent.glob("*.sql") for name in NAMED.findall(text(each))}
        return sorted(set(ASKED_FOR.findall(beside(file))) - there)

    assert sum(len(ASKED_FOR.findall(beside(file))) for file in FILES) > 100
    assert wrong(FILES, unknown) == {}


def test_every_query_names_its_columns():
    """A table's new column, such as a picture, must not travel with every row that somebody asks for."""
    assert ALL_COLUMNS.search("SELECT a.id, b.* FROM c")
    assert wrong(FILES, lambda file: ALL_COLUMNS.findall(text(file))) == {}
