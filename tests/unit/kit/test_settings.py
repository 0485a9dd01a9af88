import pytest
from pydantic import ValidationError

from marketday.kit.settings import ServiceSettings


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
