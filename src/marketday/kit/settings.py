"""The settings that every service reads from environment variables, once, at its start."""

import re
import sys
from pathlib import Path
from typing import Annotated, Literal, NoReturn, TypeVar
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from marketday.kit.addresses import read_networks


def _leads_to_a_database(value: SecretStr) -> SecretStr:
    url = value.get_secret_value()
    if not url.startswith(("postgresql://", "postgres://")):
        raise ValueError("expected an address such as postgresql://user:password@host:5432/database")
    for file in parse_qs(urlsplit(url).query).get("sslrootcert", []):
        if not Path(file).is_file():
            raise ValueError(f"sslrootcert is {file}; expected a file with certificates that is there")
    return value


def _leads_to_valkey(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("expected an address such as rediss://user:password@host:6379/0")
    return value


def _leads_somewhere(value: str) -> str:
    if not re.match(r"https?://[^/\s]+(/\S*)?$", value):
        raise ValueError("expected an address such as https://mall.example.com")
    return value


DatabaseUrl = Annotated[SecretStr, AfterValidator(_leads_to_a_database)]
ValkeyUrl = Annotated[SecretStr, AfterValidator(_leads_to_valkey)]
WebUrl = Annotated[str, AfterValidator(_leads_somewhere)]


class ServiceSettings(BaseSettings):
    """Settings that all services share; each is the environment variable `MARKETDAY_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="MARKETDAY_", extra="ignore")

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(ge=1, le=65535, description="TCP port to listen on.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The lowest level that is logged."
    )
    log_format: Literal["json", "console"] = Field(
        default="json", description="Format of the log; `console` is for people."
    )
    trusted_proxies: str = Field(
        default="",
        description="Addresses and networks of the proxies whose X-Forwarded-For is trusted, separated by commas.",
    )
    edge_key: SecretStr = Field(
        default=SecretStr(""), description="The key with which the plane's nginx proves that it is the proxy."
    )

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        read_networks(value)
        return value


_S = TypeVar("_S", bound=BaseSettings)


def settings_or_end(kind: type[_S]) -> _S:
    """Return the settings of a service's process; if one is wrong, end with one line on standard error and status 2."""
    try:
        return kind()
    except ValidationError as error:
        wrong = "; ".join(_wrong(kind, one["loc"], one["type"], one["msg"], one["input"]) for one in error.errors())
        end(f"settings: {wrong}")


def _wrong(kind: type[BaseSettings], where: tuple[int | str, ...], type_: str, message: str, value: object) -> str:
    """Return the name of a setting's variable and what is wrong; its value is shown unless it is a secret."""
    name = str(where[0]) if where else ""
    field = kind.model_fields.get(name)
    shown = "" if type_ == "missing" or field is None or "Secret" in str(field.annotation) else f" is {value!r:.80}"
    return f"{kind.model_config.get('env_prefix', '')}{name.upper()}{shown}: {message}"


def end(words: str) -> NoReturn:
    """End the process with one line on standard error and status 2."""
    sys.stderr.write(f"{words}\n")
    raise SystemExit(2)
