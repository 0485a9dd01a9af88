"""Calls of AWS: outside the event loop, within seconds, and with our errors instead of botocore's."""

import asyncio
import logging
from functools import partial
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

from marketday.provisioners.terraform.errors import AccessRefused, HostUnavailable, NotSetUp

_REFUSED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "UnauthorizedAccess"}
# Otherwise botocore would write every answer into the log, also those with secrets.
logging.getLogger("botocore").setLevel(logging.INFO)
_MOST_WORDS = 300  # an encoded authorization message has thousands of characters


def client(service: str, region: str | None = None, *, answer_seconds: int = 15, attempts: int = 2) -> Any:
    """Return a client of `service` that gives up before a Lambda's minute is over.

    Raises:
        NotSetUp: there is no region, or the profile does not exist.

    """
    retries = {"mode": "standard", "total_max_attempts": attempts}
    config = Config(connect_timeout=5, read_timeout=answer_seconds, retries=retries)
    try:
        return boto3.client(service, region_name=region, config=config)
    except NoRegionError as error:
        raise NotSetUp(f"{service}: {error}; expected AWS_DEFAULT_REGION, or a profile with a region") from error
    except BotoCoreError as error:
        raise NotSetUp(f"{service}: {error}; expected a profile or credentials that boto3 can read") from error


async def call(client: Any, operation: str, **arguments: Any) -> dict[str, Any]:
    """Return the answer of `operation`, such as `run_instances`.

    Raises:
        NotSetUp: there are no credentials.
        AccessRefused: the role may not do this.
        HostUnavailable: no answer, or any other refusal; its `extra["code"]` is the code that AWS gave.

    """
    try:
        answer: dict[str, Any] = await asyncio.to_thread(partial(getattr(client, operation), **arguments))
    except ClientError as error:
        raise _told(client, error) from error
    except NoCredentialsError as error:
        expected = "expected AWS_PROFILE, AWS_ACCESS_KEY_ID or a role"
        raise NotSetUp(f"{client.meta.service_model.service_name}:{operation}: {error}; {expected}") from error
    except BotoCoreError as error:
        raise HostUnavailable(f"{client.meta.service_model.service_name}:{operation}: {error}") from error
    return answer


def _told(client: Any, error: ClientError) -> AccessRefused | HostUnavailable:
    told = error.response.get("Error", {})
    code, words = told.get("Code", "no code"), told.get("Message", "")[:_MOST_WORDS]
    action = f"{client.meta.service_model.service_name}:{error.operation_name}"
    if code in _REFUSED:
        return AccessRefused(f"{action} was refused with {code}; expected a role that may: {words}", code=code)
    return HostUnavailable(f"{action}: {code}: {words}", code=code)
