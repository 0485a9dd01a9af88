"""The two key pairs of the build host: ours to log in with, and the host's own, whose public half we pin."""

import json
from dataclasses import dataclass, field
from typing import Any

import asyncssh

from marketday.provisioners.terraform.aws import call
from marketday.provisioners.terraform.errors import AccessRefused, HostUnavailable, KeysExist, SecretMissing

SSH_SECRET = "marketday/build-host/ssh"  # noqa: S105 - a name
HOST_KEY_SECRET = "marketday/build-host/host-key"  # noqa: S105 - a name
USER = "ec2-user"
_ALGORITHM = "ssh-ed25519"
_EXPECTED = (
    'expected JSON with "private_key" (OpenSSH, without a passphrase), "host_key" (ssh-ed25519 AAAA...) and "user"; '
    "`marketday aws keys` makes it"
)


@dataclass(frozen=True, slots=True)
class SshKeys:
    """The credentials for a login: our private key, the host's public key, and the user."""

    private_key: asyncssh.SSHKey = field(repr=False)
    host_key: asyncssh.SSHKey
    user: str


async def read_keys(secrets: Any, name: str = SSH_SECRET) -> SshKeys:
    """Return the keys in the secret `name`.

    Raises:
        SecretMissing: it does not exist, may not be read, or does not hold keys.
        HostUnavailable: Secrets Manager does not answer.

    """
    try:
        text = await secret_value(secrets, name)
    except AccessRefused as error:
        raise SecretMissing(f"the secret {name!r} may not be read: {error.detail}") from error
    if text is None:
        raise SecretMissing(f"there is no secret {name!r}; {_EXPECTED}")
    return parse_keys(name, text)


def parse_keys(name: str, text: str) -> SshKeys:
    """Return the keys in `text`, the value of the secret `name`; the value is never shown in an error."""
    try:
        values = json.loads(text)
        private_key = asyncssh.import_private_key(values["private_key"])
        host_key = asyncssh.import_public_key(values["host_key"])
        user = values["user"]
    except (ValueError, KeyError, TypeError, asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        raise SecretMissing(f"the secret {name!r} holds something else; {_EXPECTED}") from None
    if host_key.get_algorithm() != _ALGORITHM or not isinstance(user, str) or not user:
        raise SecretMissing(f"the secret {name!r} holds something else; {_EXPECTED}")
    return SshKeys(private_key, host_key, user)


class Keys:
    """Makes the key pairs."""

    def __init__(self, secrets: Any) -> None:
        """Keep the private halves in Secrets Manager, with its client `secrets`."""
        self._secrets = secrets

    async def make(self, *, replace: bool = False) -> str:
        """Make both pairs, keep their private halves, and return our public key for `authorized_keys`.

        Raises:
            KeysExist: there are keys already, and they must not be replaced.
            AccessRefused, HostUnavailable: Secrets Manager does not store them.

        """
        if not replace:
            for name in (SSH_SECRET, HOST_KEY_SECRET):
                if await self._has_value(name):
                    raise KeysExist(
                        f"the secret {name!r} has a value; replacing it locks us out of running build hosts"
                    )
        ours, host = (asyncssh.generate_private_key(_ALGORITHM, comment) for comment in ("marketday", "build-host"))
        # The host's half first: if this is killed in between, the keys do not work, but no wrong host is trusted.
        await self._put(HOST_KEY_SECRET, _private(host))
        value = {"private_key": _private(ours), "host_key": _public(host), "user": USER}
        await self._put(SSH_SECRET, json.dumps(value))
        return _public(ours)

    async def _has_value(self, name: str) -> bool:
        """Ask without reading it: the permanent stack lets only its users read it, and not who makes it."""
        try:
            answer = await call(self._secrets, "describe_secret", SecretId=name)
        except HostUnavailable as error:
            if error.extra.get("code") != "ResourceNotFoundException":
                raise
            return False
        return bool(answer.get("VersionIdsToStages"))

    async def _put(self, name: str, value: str) -> None:
        """Write a secret's value; make the secret if the permanent stack has not made it."""
        try:
            await call(self._secrets, "put_secret_value", SecretId=name, SecretString=value)
        except HostUnavailable as error:
            if error.extra.get("code") != "ResourceNotFoundException":
                raise
            await call(self._secrets, "create_secret", Name=name, SecretString=value)


async def secret_value(secrets: Any, name: str) -> str | None:
    """Return the value of a secret; None if there is no such secret, or it has no value yet.

    Raises:
        SecretMissing: it is marked for deletion.
        AccessRefused, HostUnavailable: it may not be read, or Secrets Manager does not answer.

    """
    try:
        answer = await call(secrets, "get_secret_value", SecretId=name)
    except HostUnavailable as error:
        if error.extra.get("code") == "InvalidRequestException":  # it is marked for deletion
            raise SecretMissing(f"the secret {name!r} cannot be read: {error.detail}") from error
        if error.extra.get("code") != "ResourceNotFoundException":
            raise
        return None
    return str(answer.get("SecretString", ""))


def _private(key: asyncssh.SSHKey) -> str:
    return key.export_private_key().decode()


def _public(key: asyncssh.SSHKey) -> str:
    return key.export_public_key().decode().strip()
