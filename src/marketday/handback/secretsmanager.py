"""Reads the credentials of a window from AWS Secrets Manager, where Terraform put them for DMS and for us."""

import asyncio
import json
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from marketday.handback.errors import CredentialUnavailable
from marketday.handback.model import Window


class SecretPasswords:
    """The passwords of the two roles of a window: `source` and `target` are each a `Password`."""

    def __init__(self, client: Any) -> None:
        """Call Secrets Manager with its boto3 client."""
        self._client = client

    async def source(self, window: Window) -> str:
        """Return the password of the role that reads the drop's database."""
        link = window.replication
        return await self._password(link.source_secret_arn if link else None, window.link_role)

    async def target(self, window: Window) -> str:
        """Return the password of the role that writes into the staging schema."""
        link = window.replication
        return await self._password(link.target_secret_arn if link else None, window.stage_role)

    async def _password(self, arn: str | None, role: str) -> str:
        if arn is None:
            raise CredentialUnavailable(f"the window has no link, and so no password for {role}; expected an open link")
        try:
            answer = await asyncio.to_thread(self._client.get_secret_value, SecretId=arn)
            found = json.loads(answer["SecretString"])
            username, password = str(found["username"]), str(found["password"])
        except (ClientError, BotoCoreError) as error:
            raise CredentialUnavailable(f"{arn}: {error}") from error
        except (KeyError, TypeError, ValueError):
            # With the cause, the secret would be written into the log.
            raise CredentialUnavailable(f"{arn} does not hold a username and a password") from None
        if username != role:
            raise CredentialUnavailable(f"{arn} is the credential of {username!r}; expected {role!r}")
        return password
