"""What the console asks the world."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from marketday.web.console.model import Plane, Run


class Runs(Protocol):
    """Where the runs of environments are recorded."""

    async def latest(self, count: int) -> list[Run]:
        """Return every run that is not destroyed, and the last `count` of those that are.

        Raises:
            OSError: the record cannot be read now.

        """
        ...


class Services(Protocol):
    """The services, each on a port of its own."""

    async def metrics(self, base_url: str) -> str | None:
        """Return a service's metrics as text, None where it does not answer."""
        ...

    async def now(self, public_url: str, drop: str) -> Mapping[str, Any] | None:
        """Return a drop's public `now` document, None where the event plane does not answer."""
        ...


class Planes(Protocol):
    """The processes of the planes on this machine."""

    def all(self) -> Sequence[Plane]:
        """Return every plane there is, the mall's first."""
        ...
