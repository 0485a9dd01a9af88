"""`marketday env drift`: by hand on any machine, and each hour on a host of its own (`drift_host`)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import boto3
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from marketday.apps.aws_desk import NotConfigured
from marketday.cli.drift import DriftWish
from marketday.kit.languages import StaffLanguage
from marketday.provisioners.drift.errors import NotTold
from marketday.provisioners.drift.s3 import S3States
from marketday.provisioners.drift.service import Drift, DriftLook
from marketday.provisioners.drift.slack import DriftChannel
from marketday.provisioners.drift.terraform import TerraformLook
from marketday.provisioners.sweep.aws import AwsSweep
from marketday.provisioners.terraform.aws import client
from marketday.provisioners.terraform.surroundings import read_secret


class Settings(BaseSettings):
    """The settings of a look for drift, from environment variables."""

    model_config = SettingsConfigDict(env_prefix="MARKETDAY_", extra="ignore")

    state_bucket: str = Field(min_length=3, description="S3 bucket of Terraform's states, logs and plans.")
    slack_secret: str = Field(
        default="", description="Secret with Slack's webhook; without one, drift goes to the topic."
    )
    alarm_topic_arn: str = Field(default="", description="SNS topic of alarms, where there is no Slack.")
    drift_regions: str = Field(
        default="", description="More regions in which things with our tags are looked for, separated by commas."
    )
    language: StaffLanguage = Field(default=StaffLanguage.KO, description="Language of messages.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The lowest level that is logged."
    )


@dataclass(frozen=True, slots=True)
class DriftSite:
    """How AWS and Terraform are reached."""

    client: Callable[[str], Any] = client
    sweeping: Callable[..., Any] = field(default_factory=lambda: boto3.Session().client)
    program: str = "terraform"
    surroundings: Mapping[str, str] = field(default_factory=dict)


async def drift(wish: DriftWish, report: Callable[[str], None], site: DriftSite | None = None) -> DriftLook:
    """Look for drift, and tell it if that is wished.

    Raises:
        NotConfigured: a setting or the region is missing.
        UnknownStack: a named stack has no state.
        NotTold: something is new, and nobody could be told.

    """
    settings, region = _settings()
    site = site or DriftSite()
    regions = [region, *(each.strip() for each in settings.drift_regions.split(",") if each.strip())]
    looking = Drift(
        S3States(site.client("s3"), settings.state_bucket),
        TerraformLook(site.program, site.surroundings),
        AwsSweep(site.sweeping, regions),
        region,
    )
    look = await looking.look(wish.stacks, report)
    if wish.tell and not await looking.tell(look, _channel(settings, site)):
        raise NotTold(
            f"{len(look.found)} differences were found; expected a webhook in the secret {settings.slack_secret!r}"
        )
    return look


def _channel(settings: Settings, site: DriftSite) -> DriftChannel:
    async def webhook() -> str:
        return (await read_secret(site.client("secretsmanager"), settings.slack_secret)).strip()

    topic = settings.alarm_topic_arn
    sns = site.client("sns") if topic else None
    return DriftChannel(webhook if settings.slack_secret else None, settings.language, sns, topic)


def _settings() -> tuple[Settings, str]:
    try:
        settings = Settings()
    except ValidationError as error:
        wrong = "; ".join(f"MARKETDAY_{str(one['loc'][0]).upper()}: {one['msg']}" for one in error.errors())
        raise NotConfigured(f"{wrong}; the output `settings` of the stack permanent has the values") from None
    region = boto3.Session().region_name
    if region is None:
        raise NotConfigured("AWS_DEFAULT_REGION: missing; expected the region of the stacks, such as ap-northeast-2")
    return settings, region
