"""A shell on a build host: a small port that `BuildHost` uses, with an adapter for SSH and one for SSM."""

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
    """The result of a command."""

    exit_code: int
    output: str  # standard output and standard error together


class Shell(Protocol):
    """Runs short commands on a host; each ends within seconds, and can be repeated."""

    async def run(self, host: Host, command: str, stdin: bytes = b"") -> Reply | NotYet:
        """Run `command` with /bin/sh; NotYet, with the reason, if the host does not answer.

        Raises:
            HostUnavailable: the host answers but does not let us in, or the command did not end.
            HostKeyDiffers, SecretMissing, AccessRefused: a person has to act.

        """
        ...
