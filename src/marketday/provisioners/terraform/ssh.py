"""A build host's shell by SSH: one client key, one trusted host key, no other configuration."""

from typing import Any

import asyncssh

from marketday.environments.ports import NotYet
from marketday.provisioners.terraform.errors import HostKeyDiffers, HostUnavailable
from marketday.provisioners.terraform.keys import SSH_SECRET, SshKeys, read_keys
from marketday.provisioners.terraform.shell import Host, Reply

_CONNECT_SECONDS = 10
_COMMAND_SECONDS = 20


class SshShell:
    """A `Shell` that uses asyncssh, with keys from Secrets Manager. Implements `terraform.shell.Shell`."""

    def __init__(self, secrets: Any, secret: str = SSH_SECRET) -> None:
        """Read the keys from `secret` for each command, so that new keys are used at once."""
        self._secrets = secrets
        self._secret = secret

    async def run(self, host: Host, command: str, stdin: bytes = b"") -> Reply | NotYet:
        """Connect, run `command`, disconnect.

        Raises:
            SecretMissing: there are no keys.
            HostKeyDiffers: the host shows another key than the pinned one; nothing was sent to it.
            HostUnavailable: it refuses our key, or the command did not end within 20 seconds.

        """
        keys = await read_keys(self._secrets, self._secret)
        guard = _Guard()
        try:
            async with _connection(host, keys, guard) as connection:
                done = await connection.run(
                    command, input=stdin, encoding=None, stderr=asyncssh.STDOUT, timeout=_COMMAND_SECONDS
                )
        except asyncssh.HostKeyNotVerifiable as error:
            shown = guard.shown.get_fingerprint() if guard.shown else f"none ({error.reason})"
            pinned = keys.host_key.get_fingerprint()
            raise HostKeyDiffers(f"{host} shows the host key {shown}; expected the pinned {pinned}") from error
        except asyncssh.PermissionDenied as error:
            ours = keys.private_key.get_fingerprint()
            raise HostUnavailable(f"{host} refuses user {keys.user!r} with the key {ours}: {error.reason}") from error
        except asyncssh.TimeoutError as error:
            raise HostUnavailable(f"{host}: its command did not end within {_COMMAND_SECONDS} seconds") from error
        except (OSError, asyncssh.Error, TimeoutError) as error:
            return NotYet(f"does not answer SSH: {error or type(error).__name__}")
        output = done.stdout if isinstance(done.stdout, bytes) else b""
        # A command that was ended by a signal or a lost connection has no exit code.
        return Reply(-1 if done.exit_status is None else done.exit_status, output.decode(errors="replace"))


class _Guard(asyncssh.SSHClient):
    """Remembers the key of a host that is not trusted."""

    shown: asyncssh.SSHKey | None = None

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """Refuse the key: asyncssh calls this only for keys that are not the pinned one."""
        del host, addr, port
        self.shown = key
        return False


def _connection(host: Host, keys: SshKeys, guard: _Guard) -> Any:
    return asyncssh.connect(
        host.address,
        host.port,
        client_factory=lambda: guard,
        known_hosts=([keys.host_key], [], []),
        server_host_key_algs="default",  # to see which other key it shows, of any type
        username=keys.user,
        client_keys=[keys.private_key],
        preferred_auth="publickey",
        agent_path=None,
        config=None,
        connect_timeout=_CONNECT_SECONDS,
        login_timeout=_CONNECT_SECONDS,
    )
