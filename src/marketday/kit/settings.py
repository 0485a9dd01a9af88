"""What every service reads from its environment variables, once, at its start."""

from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from marketday.kit.addresses import read_networks


class ServiceSettings(BaseSettings):
    """Settings that all services share; each is the environment variable `MARKETDAY_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="MARKETDAY_", extra="ignore")

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(ge=1, le=65535, description="TCP port to listen on.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="Least level logged.")
    log_format: Literal["json", "console"] = Field(default="json", description="`console` is for people.")
    trusted_proxies: str = Field(
        default="",
        description="Addresses and networks of the proxies whose X-Forwarded-For is believed, separated by commas.",
    )
    edge_key: SecretStr = Field(
        default=SecretStr(""), description="The key by which the nginx of the plane proves that it is the proxy."
    )

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        read_networks(value)
        return value
