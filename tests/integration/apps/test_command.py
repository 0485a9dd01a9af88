"""Commands on a stopped mall say so, and say how to start it."""

import json

import pytest
from typer.testing import CliRunner

from marketday.accounts.tokens import new_signing_key
from marketday.apps.command import app
from marketday.provisioners.local.ports import free_ports

PORTS = ("edge", "postgres", "valkey", "mall", "console", "controller")


@pytest.fixture
def stopped_home(tmp_path):
    for plane, names in (("mall", PORTS), ("sandbox", ("sandbox",))):
        folder = tmp_path / plane
        folder.mkdir()
        (folder / "ports.json").write_text(json.dumps(dict(zip(names, free_ports(len(names)), strict=True))))
    secrets = tmp_path / "mall" / "secrets"
    secrets.mkdir(exist_ok=True)
    (secrets / "signing-key.json").write_text(new_signing_key())
    return tmp_path


@pytest.mark.parametrize("words", [("catalog", "list"), ("accounts", "list"), ("env", "status")])
def test_a_stopped_mall_is_named(stopped_home, words):
    said = CliRunner().invoke(app, ["--home", str(stopped_home), *words])
    assert said.exit_code == 1
    assert isinstance(said.exception, SystemExit)
    assert "`marketday up` starts the mall" in said.stderr


def test_on_aws_a_missing_setting_is_named(monkeypatch, tmp_path):
    for name in ("MARKETDAY_RUN_TABLE", "MARKETDAY_REPOSITORY_COMMIT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MARKETDAY_PROVISIONER", "terraform")
    said = CliRunner().invoke(app, ["--home", str(tmp_path / "none"), "env", "status"])
    assert said.exit_code == 1
    assert isinstance(said.exception, SystemExit)
    assert "MARKETDAY_RUN_TABLE: Field required" in said.stderr
    assert "`terraform output -raw settings` of the stack permanent has them" in said.stderr


def test_another_provisioner_is_refused(tmp_path):
    said = CliRunner().invoke(app, ["--home", str(tmp_path), "--provisioner", "pulumi", "env", "status"])
    assert said.exit_code == 2
    assert "'pulumi' is not one of 'local', 'terraform'" in said.stderr


def test_a_report_that_is_a_folder_is_refused_before_the_day_is_played(tmp_path):
    said = CliRunner().invoke(app, ["--home", str(tmp_path / "home"), "demo", "--report", str(tmp_path)])
    assert said.exit_code == 2
    assert "is a directory" in " ".join(said.stderr.replace("│", "").split())
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("wrong", ["10.0.0.1/8", "localhost", "127.0.0.1;10.0.0.1"])
def test_a_proxy_that_is_no_address_is_refused_before_anything_starts(tmp_path, wrong):
    said = CliRunner().invoke(app, ["--home", str(tmp_path / "home"), "up", "--trusted-proxies", wrong])
    assert said.exit_code == 2
    assert "is not an address" in said.stderr
    assert not (tmp_path / "home").exists()
