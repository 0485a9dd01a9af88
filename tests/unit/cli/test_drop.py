import pytest
from typer.testing import CliRunner

from marketday.cli import drop
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
    assert "400 units of 1 products" in result.output
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
