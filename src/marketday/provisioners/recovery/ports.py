"""What a recovery needs of the account and of Terraform. Every call can be repeated."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from marketday.provisioners.recovery.imports import NewThing
from marketday.provisioners.recovery.model import DatabaseCopy, Finding, RecoverySite, StepName

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class WantedThere:
    """What the values of the stacks say that must be there: the images, the secrets, the host name and its zone."""

    hostname: str
    zone: str
    image_tag: str
    digests: Mapping[str, str] = field(default_factory=dict)  # of images that the overlay of the mall names
    secrets: Mapping[str, bool] = field(default_factory=dict)  # by name: whether its value must be there
    zones: Sequence[str] = ()  # the letters of the zones
    database: str = "marketday-prod"


class RecoveryAccount(Protocol):
    """The AWS account, seen from the region in which everything is brought back."""

    async def identity(self) -> tuple[str, str]:
        """Return the account's number and who asks; raises LifecycleError."""
        ...

    async def answers(self, region: str) -> bool:
        """Whether a region answers a call within seconds."""
        ...

    async def copies(self) -> Sequence[DatabaseCopy]:
        """Return the copies of databases of the lost region; raises LifecycleError."""
        ...

    async def look(self, wanted: WantedThere) -> Sequence[Finding]:
        """Return what of `wanted` is there and what is not. What cannot be asked is a finding too."""
        ...

    async def fence(self) -> str | None:
        """Forbid the roles of the planes everything in the lost region; None if that was so already."""
        ...

    async def base(self, template: str, progress: Progress) -> str | None:
        """Let CloudFormation make the base; None if it is there."""
        ...

    async def free_secrets(self, names: Sequence[str]) -> str | None:
        """Make the copied secrets independent of the lost region; None if they are."""
        ...

    async def restore(
        self, copies: Sequence[DatabaseCopy], network: Mapping[str, Any], progress: Progress
    ) -> str | None:
        """Restore environments' databases beside the mall's; None if all are there."""
        ...

    async def find(self, things: Sequence[NewThing]) -> Mapping[str, str]:
        """Return what of `things` exists: ids for imports, by address."""
        ...


@dataclass(frozen=True, slots=True)
class Applied:
    """A stack is as its values say: whether something had to change, and its outputs."""

    changed: int
    taken_over: int
    outputs: Mapping[str, Any]


class Stacks(Protocol):
    """The Terraform stacks of the repository, worked on in a copy."""

    def findings(self) -> Sequence[Finding]:
        """Return whether Terraform and the repository are usable."""
        ...

    async def values(self, stack: str, more: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of all variables of a stack, with `more` above them; raises StackFailed."""
        ...

    async def outputs(self, stack: str) -> Mapping[str, Any]:
        """Return the outputs of a stack; none before it was applied."""
        ...

    async def apply(self, stack: str, more: Mapping[str, Any], progress: Progress) -> Applied:
        """Take over what exists, and apply a stack; raises StackFailed, WouldRemove."""
        ...


@dataclass(frozen=True, slots=True)
class RecoveryWish:
    """What a person asks for."""

    site: RecoverySite
    lost_at: datetime | None = None
    oldest: timedelta = timedelta(minutes=60)
    although_it_answers: bool = False
    without: frozenset[str] = frozenset()  # names of findings that a person accepts as missing
    until: StepName | None = None
