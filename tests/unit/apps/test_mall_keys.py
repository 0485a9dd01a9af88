"""Gate and store get the mall's public keys as a file, or as the document itself."""

import json

import pytest

from marketday.accounts.tokens import new_signing_key, parse_signing_key, public_jwks
from marketday.apps import gate, store
from marketday.apps.mall_keys import MallKeys
from marketday.kit.settings import settings_or_end


@pytest.fixture(scope="module")
def jwks():
    return json.dumps(public_jwks(parse_signing_key(new_signing_key()), "http://mall.localhost"))


@pytest.fixture(autouse=True)
def _port(monkeypatch):
    monkeypatch.setenv("MARKETDAY_PORT", "1")


def test_the_file_and_the_document_are_the_same_keys(jwks, tmp_path, monkeypatch):
    file = tmp_path / "jwks.json"
    file.write_text(jwks, "utf-8")
    from_file = MallKeys(jwks_file=file).public_keys()
    monkeypatch.setenv("MARKETDAY_JWKS", jwks)
    given = MallKeys().public_keys()
    assert given == from_file
    assert given.issuer == "http://mall.localhost"


@pytest.mark.parametrize("both", [True, False])
def test_neither_and_both_are_refused_in_one_line(jwks, both, monkeypatch, capsys):
    if both:
        monkeypatch.setenv("MARKETDAY_JWKS", jwks)
        monkeypatch.setenv("MARKETDAY_JWKS_FILE", "/nowhere")
    with pytest.raises(SystemExit):
        settings_or_end(MallKeys)
    said = capsys.readouterr().err
    assert "MARKETDAY_JWKS_FILE" in said
    assert "expected either this file or MARKETDAY_JWKS" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("wrong", ["tea", '{"keys": []}', "[]"])
def test_a_document_without_keys_is_refused_at_the_start(wrong, monkeypatch, capsys):
    monkeypatch.setenv("MARKETDAY_JWKS", wrong)
    with pytest.raises(SystemExit):
        settings_or_end(MallKeys)
    assert "MARKETDAY_JWKS is" in capsys.readouterr().err


def test_gate_and_store_take_them():
    assert issubclass(gate.Settings, MallKeys)
    assert issubclass(store.Settings, MallKeys)
