"""The mall's signing key in Secrets Manager: made there once, and only its public half leaves it."""

import json
from typing import Any

from marketday.accounts.tokens import new_signing_key, parse_signing_key, public_jwks
from marketday.provisioners.terraform.aws import call
from marketday.provisioners.terraform.errors import HostUnavailable, SecretMissing
from marketday.provisioners.terraform.keys import secret_value


class MallKey:
    """Makes the key of a mall, and tells its public half."""

    def __init__(self, secrets: Any) -> None:
        """Keep the key in Secrets Manager, with its client `secrets`."""
        self._secrets = secrets

    async def public(self, plane: str, issuer: str) -> str:
        """Return the JWK set of the mall `plane` as JSON, with its `issuer`; make a key first if there is none.

        Raises:
            SecretMissing: prod has not made the secret, it is marked for deletion, or it holds something else.
            AccessRefused, HostUnavailable: Secrets Manager may not be used, or does not answer.

        """
        name = f"{plane}/signing-key"
        text = await secret_value(self._secrets, name)
        if text is None:
            text = new_signing_key()
            await self._put(name, text)
        try:
            key = parse_signing_key(text)
        except ValueError as error:
            raise SecretMissing(f"the secret {name!r}: {error}") from None
        return json.dumps(public_jwks(key, issuer), separators=(",", ":"))

    async def _put(self, name: str, text: str) -> None:
        try:
            await call(self._secrets, "put_secret_value", SecretId=name, SecretString=text)
        except HostUnavailable as error:
            if error.extra.get("code") != "ResourceNotFoundException":
                raise
            raise SecretMissing(f"there is no secret {name!r}; expected the one of the stack prod: apply it") from None
