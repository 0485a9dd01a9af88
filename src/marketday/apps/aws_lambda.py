"""The functions on AWS Lambda: `handler` moves environments, `shell` is the build host's shell inside its network."""

import asyncio
from functools import cache
from typing import Any, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from marketday.apps import aws
from marketday.kit.logging import configure
from marketday.lambdas.lifecycle import keep_on, read_wake
from marketday.lambdas.shell import reply
from marketday.provisioners.terraform.aws import client
from marketday.provisioners.terraform.ssh import SshShell


class Settings(BaseSettings):
    """The settings of the shell's function, from environment variables. The lifecycle's function has `aws.Settings`."""

    model_config = SettingsConfigDict(env_prefix="MARKETDAY_", extra="ignore")

    ssh_secret: str = Field(description="Secret with the key to the build host, and its pinned host key.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The lowest level that is logged."
    )


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Do the step for which a schedule invoked this function, and return the result.

    Raises:
        InvalidEvent: the event is not the input of a schedule.
        RecordsUnavailable: the run table cannot be reached.
        UnknownEnvironment: the run table does not have the environment, although its schedule exists.

    """
    return asyncio.run(_keep_on(event, context))


def shell(event: Any, context: Any) -> dict[str, Any]:
    """Run what the lifecycle's function asks on the build host; raises InvalidEvent."""
    del context
    return asyncio.run(reply(_ssh_shell(), event))


async def _keep_on(event: Any, context: Any) -> dict[str, Any]:
    wake = read_wake(event)
    settings, site = _lifecycle()
    if not settings.lifecycle_function_arn:
        settings = settings.model_copy(update={"lifecycle_function_arn": context.invoked_function_arn})
    on_aws = aws.OnAws(settings, site)
    return await keep_on(on_aws.lambda_service(), wake, on_aws.clock)


@cache
def _lifecycle() -> tuple[aws.Settings, aws.AwsSite]:
    """Return what stays between invocations: the settings, and the clients of AWS."""
    settings = aws.Settings()
    configure("lifecycle", settings.log_level)
    return settings, aws.AwsSite()


@cache
def _ssh_shell() -> SshShell:
    settings = Settings()
    configure("build-host-shell", settings.log_level)
    return SshShell(client("secretsmanager"), settings.ssh_secret)
