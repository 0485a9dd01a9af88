"""A shell on a build host: the small port under `BuildHost`, with an adapter by SSH and one by SSM."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from marketday.environments.ports import NotYet


@dataclass(frozen=True, slots=True)
class Host:
    """A build host that runs."""

    id: str  # i-0abc
    address: str
    port: int
    launched_at: datetime

    def __str__(self) -> str:
        return f"build host {self.id} at {self.address}:{self.port}"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command came to."""

    exit_code: int
    output: str  # of both streams


class Shell(Protocol):
    """Runs short commands on a host; each ends within seconds, and can be repeated."""

    async def run(self, host: Host, command: str, stdin: bytes = b"") -> Reply | NotYet:
        """Run `command` by /bin/sh; NotYet when the host does not answer, with the reason.

        Raises:
            HostUnavailable: it answers, and does not let us in, or the command did not end.
            HostKeyDiffers, SecretMissing, AccessRefused: a person has to look.

        """
        ...
