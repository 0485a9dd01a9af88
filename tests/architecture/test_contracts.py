import sys

import pytest
from importlinter import cli

from .source import ROOT

ANNOTATIONS_TOO = "exclude_type_checking_imports = False"


@pytest.fixture
def lint(monkeypatch, capfd):
    """Checks contracts, and says what breaks them."""
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(str(ROOT / "src"))

    def check(**options):
        broken = cli.lint_imports(is_debug_mode=False, no_cache=True, **options)
        told = capfd.readouterr().out
        sys.stdout.write(told)
        if broken:
            pytest.fail(told)

    return check


def test_every_import_goes_in_the_allowed_direction(lint):
    lint()


def test_names_in_annotations_come_from_the_same_layer_or_one_below(lint, tmp_path):
    rules = (ROOT / ".importlinter").read_text("utf-8")
    assert ANNOTATIONS_TOO.replace("False", "True") in rules
    strict = tmp_path / "strict"
    strict.write_text(rules.replace(ANNOTATIONS_TOO.replace("False", "True"), ANNOTATIONS_TOO), "utf-8")
    lint(config_filename=str(strict), limit_to_contracts=("layers",))
