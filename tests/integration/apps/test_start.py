import sys

from typer.testing import CliRunner

from marketday.apps import command, start


def test_the_version_is_told_at_once_and_as_the_commands_tell_it(monkeypatch, capsys):
    usual = CliRunner().invoke(command.app, ["--version"])
    monkeypatch.setitem(sys.modules, "marketday.apps.command", None)  # to load it fails
    monkeypatch.delattr("marketday.apps.command")
    monkeypatch.setattr(sys, "argv", ["marketday", "--version"])
    start.main()
    assert capsys.readouterr().out == usual.output
