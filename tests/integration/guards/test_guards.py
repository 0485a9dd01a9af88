"""What removes guards and looks whether a test notices: on a tiny project, and on one guard of the product."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tools"))
import guard_table  # isort: skip
import guards  # isort: skip

sys.path.pop(0)

SHOP = """
def may_buy(age):
    if age < 18:
        return False
    return isinstance(age, int)
"""
TESTS = """
from shop import may_buy

def test_nobody_under_age():
    assert not may_buy(17)

def test_grown_up():
    assert may_buy(18)

def test_of_an_error():
    if may_buy(17):
        raise LookupError(17)
"""
ROW = """
[[guard]]
name = "{name}"
file = "src/shop.py"
cut = "{cut}"
instead = "{instead}"
fails = ["tests/test_shop.py::{test}"]
raises = "{raises}"
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # they take longer to load than everything else here
    for folder in ("src", "tests/guards"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "src/shop.py").write_text(SHOP)
    (tmp_path / "tests/test_shop.py").write_text(TESTS)
    return tmp_path


def check(project: Path, **rows: dict[str, str]) -> dict[str, str]:
    usual = {"cut": "age < 18", "instead": "False", "test": "test_nobody_under_age", "raises": ""}
    text = "".join(ROW.format(name=name, **{**usual, **row}) for name, row in rows.items())
    (project / "tests/guards/shop.toml").write_text(text)
    table = guard_table.read(project)
    found = guards.check(project, list(table.values()), table)
    assert (project / "src/shop.py").read_text() == SHOP, "only a copy is changed"
    return found


def test_a_guard_is_needed_if_its_test_fails_by_an_assertion(project: Path):
    found = check(
        project,
        noticed={},
        noticed_by_an_error={"test": "test_of_an_error", "raises": "LookupError"},
        survives={"test": "test_grown_up"},
        another_error={"test": "test_of_an_error"},
        cannot_run={"instead": "("},
    )
    assert (found.pop("noticed"), found.pop("noticed_by_an_error")) == ("", "")
    assert "test_grown_up passes without it" in found["survives"]
    assert "fails, but not by an assertion: LookupError" in found["another_error"]
    assert "could not run" in found["cannot_run"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"cut": "age < 21"}, "age: its text is 0 times in src/shop.py; expected once"),
        ({"cut": "return"}, "age: its text is 2 times in src/shop.py; expected once"),
        ({"test": "test_that_is_gone"}, "test_that_is_gone: not found or failing while every guard stands"),
    ],
)
def test_a_row_that_does_not_fit_is_named(project: Path, row: dict[str, str], said: str):
    with pytest.raises(guard_table.Unusable, match=said):
        check(project, age=row)


def test_the_newest_body_of_a_function_is_the_one_that_counts(tmp_path: Path):
    (tmp_path / "sql/drop").mkdir(parents=True)
    body = "CREATE FUNCTION reserve(a int) RETURNS int LANGUAGE sql AS $$\n    SELECT {0}\n$$;\n"
    for number, text in enumerate((body.format(1), body.format(2).replace("CREATE", "CREATE OR REPLACE"))):
        (tmp_path / f"sql/drop/000{number}.sql").write_text(text)
    guard = guard_table.Guard("newest", [], function="drop/reserve", cut="SELECT 2", instead="SELECT 3")
    file, text = guard_table.cut(tmp_path, guard)
    assert (file.name, "SELECT 3" in text) == ("0001.sql", True)
    (tmp_path / "sql/drop/0009.contract.sql").write_text("DROP FUNCTION reserve(int);\n")
    with pytest.raises(guard_table.Unusable, match="there is no function 'drop/reserve' in use"):
        guard_table.cut(tmp_path, guard)


def test_one_guard_of_the_product():
    """`make test-guards` removes them all; here one shows that the way there works."""
    table = guard_table.read(guards.ROOT)
    name = "admission token: of this person"
    one = guard_table.Guard(
        name, [table[name].fails[0]], file=table[name].file, cut=table[name].cut, instead="if False:"
    )
    assert guards.check(guards.ROOT, [one], {name: one}) == {name: ""}
