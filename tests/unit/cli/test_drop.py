import re

import pytest
from typer.testing import CliRunner

from marketday.cli import drop
from marketday.drops.definition import load
from marketday.testing.definitions import DAWN_SERUM


@pytest.fixture
def check(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")

    def invoke(text):
        file = tmp_path / "drop.toml"
        file.write_text(text, "utf-8")
        return CliRunner().invoke(drop.app, ["check", str(file)])

    return invoke


def test_a_good_definition_shows_its_day(check):
    result = check(DAWN_SERUM)
    assert result.exit_code == 0, result.output
    assert "400 units of 1 product\n" in result.output
    assert "2026-12-09 22:00:00 +0900" in result.output


def test_each_mistake_is_listed(check):
    result = check(DAWN_SERUM.replace("stock = 400", "stok = 400").replace("Asia/Seoul", "Asia/Soul"))
    assert result.exit_code == 1
    assert "drop.products[0].stok" in result.output
    assert "did you mean 'stock'?" in result.output
    assert "'Asia/Soul'" in result.output


def test_broken_toml_is_told_with_its_line(check):
    result = check("[drop\n")
    assert result.exit_code == 1
    assert "line 1" in result.output


@pytest.fixture
def new(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    return lambda file, *words: CliRunner().invoke(drop.app, ["new", str(tmp_path / file), *words])


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--opens-in", "2"),
        ("--opens-in", "1440", "--minutes", "1440"),
        ("--opens-at", "2031-03-09T12:00:00", "--zone", "America/New_York"),
        ("--name", 'Say "새벽" \\ \u200b\x7e', "--product", 'a "b" \\=1:1'),
    ],
)
def test_a_new_definition_is_good_as_it_is(new, tmp_path, words):
    result = new("my-drop.toml", "--product", "SOAP=10:2", *words)
    assert result.exit_code == 0, result.output
    definition = load(tmp_path / "my-drop.toml")
    assert (definition.slug, definition.products[0].stock, definition.products[0].limit_per_person) == (
        "my-drop",
        10,
        2,
    )
    assert new("my-drop.toml", "--product", "SOAP=10").exit_code == 1  # never written over


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--product", "SOAP"), "--product = SOAP: expected SKU=UNITS"),
        (("--product", "SOAP=many"), "--product = SOAP=many: expected SKU=UNITS"),
        (("--product", "SOAP=0"), "drop.products[0].stock = 0"),
        (("--product", "SOAP=1", "--zone", "Mars"), "--zone = Mars: expected a time zone"),
        (("--product", "SOAP=1", "--zone", "../x"), "--zone = ../x: expected a time zone"),
        (("--product", "SOAP=1", "--opens-at", "2031-01-01T10:00:00", "--opens-in", "5"), "expected one of the two"),
        (("--product", "SOAP=1", "--opens-at", "2031-03-30T02:30:00", "--zone", "Europe/Berlin"), "a time that exists"),
    ],
)
def test_what_cannot_be_made_is_named_and_nothing_is_written(new, tmp_path, words, told):
    result = new("my-drop.toml", *words)
    assert result.exit_code == 1
    assert told in result.output
    assert not (tmp_path / "my-drop.toml").exists()


def test_a_file_that_cannot_be_written_is_named(new):
    assert "cannot be written" in new("nowhere/my-drop.toml", "--product", "SOAP=1").output


@pytest.mark.parametrize("name", ['"Soap"', '{ en = "Soap" }', '{ ko = "Soap" }'])
def test_one_language_is_enough_for_a_name(check, name):
    result = check(re.sub(r"name = .*", f"name = {name}", DAWN_SERUM))
    assert result.exit_code == 0, result.output
    assert "Soap / Soap" in result.output
