import pytest
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from marketday.accounts.tokens import new_signing_key
from marketday.apps.signing import check_signing_key
from marketday.kit.settings import DatabaseUrl, ServiceSettings, ValkeyUrl, WebUrl, settings_or_end


def test_settings_are_read_from_their_environment_variables(monkeypatch):
    monkeypatch.setenv("MARKETDAY_PORT", "8123")
    monkeypatch.setenv("MARKETDAY_LOG_LEVEL", "debug")
    settings = ServiceSettings()
    assert (settings.host, settings.port, settings.log_level) == ("127.0.0.1", 8123, "debug")


@pytest.mark.parametrize(("name", "value"), [("PORT", "0"), ("PORT", "65536"), ("PORT", "http"), ("LOG_LEVEL", "loud")])
def test_a_bad_value_is_refused_by_the_name_of_its_setting(monkeypatch, name, value):
    monkeypatch.setenv("MARKETDAY_PORT", "8123")
    monkeypatch.setenv(f"MARKETDAY_{name}", value)
    with pytest.raises(ValidationError, match=name.lower()):
        ServiceSettings()


def test_a_missing_setting_is_named(monkeypatch):
    monkeypatch.delenv("MARKETDAY_PORT", raising=False)
    with pytest.raises(ValidationError, match="port"):
        ServiceSettings()


class Places(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="MARKETDAY_")

    database_url: DatabaseUrl = Field()
    valkey_url: ValkeyUrl = Field()
    public_url: WebUrl = Field()


FINE = {
    "DATABASE_URL": "postgresql://mall:hush@database:5432/mall?sslmode=verify-full",
    "VALKEY_URL": "rediss://mall:hush@cache:6379/0",
    "PUBLIC_URL": "https://mall.example.com/a",
}


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("DATABASE_URL", "mysql://mall:hush@database/mall", "expected an address such as postgresql://"),
        (
            "DATABASE_URL",
            "postgresql://a:hush@b/c?sslmode=verify-full&sslrootcert=/nowhere.pem",
            "/nowhere.pem; expected",
        ),
        ("VALKEY_URL", "hush@cache", "expected an address such as rediss://"),
        ("PUBLIC_URL", "mall.example.com", "is 'mall.example.com': Value error, expected an address such as https://"),
        ("PUBLIC_URL", "https:// hush", "expected an address such as https://"),
    ],
)
def test_an_address_that_leads_nowhere_ends_the_process_with_one_line(monkeypatch, capsys, name, value, told):
    for each, fine in FINE.items():
        monkeypatch.setenv(f"MARKETDAY_{each}", fine)
    settings_or_end(Places)
    monkeypatch.setenv(f"MARKETDAY_{name}", value)
    with pytest.raises(SystemExit):
        settings_or_end(Places)
    said = capsys.readouterr().err
    assert said.startswith(f"settings: MARKETDAY_{name}")
    assert told in said
    assert len(said.splitlines()) == 1
    assert "hush" not in said or name == "PUBLIC_URL"


@pytest.mark.parametrize(
    ("written", "told"),
    [(None, "No such file or directory; expected the mall's private key"), ("tea", "the signing key is not a usable")],
)
def test_a_signing_key_that_cannot_be_used_ends_the_process_with_one_line(tmp_path, capsys, written, told):
    file = tmp_path / "key.json"
    if written:
        file.write_text(written, "utf-8")
    with pytest.raises(SystemExit):
        check_signing_key(file)
    said = capsys.readouterr().err
    assert said.startswith(f"settings: MARKETDAY_SIGNING_KEY_FILE is '{file}': {told}")
    assert len(said.splitlines()) == 1
    file.write_text(new_signing_key(), "utf-8")
    check_signing_key(file)
