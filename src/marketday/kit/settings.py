"""What every service reads from its environment variables, once, at its start."""

import sys
from typing import Literal, NoReturn, TypeVar

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """Settings that all services share; each is the environment variable `MARKETDAY_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="MARKETDAY_", extra="ignore")

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(ge=1, le=65535, description="TCP port to listen on.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="Least level logged.")
    log_format: Literal["json", "console"] = Field(default="json", description="`console` is for people.")


_S = TypeVar("_S", bound=BaseSettings)


def settings_or_end(kind: type[_S]) -> _S:
    """Return the settings of a service's process; one line on standard error and status 2 where one is wrong."""
    try:
        return kind()
    except ValidationError as error:
        wrong = "; ".join(_wrong(kind, one["loc"], one["type"], one["msg"], one["input"]) for one in error.errors())
        _end(f"settings: {wrong}")


def _wrong(kind: type[BaseSettings], where: tuple[int | str, ...], type_: str, message: str, value: object) -> str:
    """Name a setting by its variable, with its value where it has one that is no secret."""
    name = str(where[0]) if where else ""
    field = kind.model_fields.get(name)
    shown = "" if type_ == "missing" or field is None or "Secret" in str(field.annotation) else f" is {value!r:.80}"
    return f"{kind.model_config.get('env_prefix', '')}{name.upper()}{shown}: {message}"


def _end(words: str) -> NoReturn:
    sys.stderr.write(f"{words}\n")
    raise SystemExit(2)
