import sys

import pytest
from importlinter import cli

from .source import ROOT


def test_every_import_goes_in_the_allowed_direction(monkeypatch, capfd):
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(str(ROOT / "src"))
    broken = cli.lint_imports(is_debug_mode=False, no_cache=True)
    told = capfd.readouterr().out
    sys.stdout.write(told)
    if broken:
        pytest.fail(told)
