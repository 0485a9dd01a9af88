"""What the console needs from outside."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from marketday.web.console.model import Plane, Run


class Runs(Protocol):
    """Reads the recorded runs of environments."""

    async def latest(self, count: int) -> list[Run]:
        """Return the runs whose environment is not destroyed yet, and the last `count` of the destroyed ones.

        Raises:
            OSError: the records cannot be read now.

        """
        ...


class Services(Protocol):
    """The services, each on its own port."""

    async def metrics(self, base_url: str) -> str | None:
        """Return a service's metrics as text, None if it does not answer."""
        ...

    async def now(self, public_url: str, drop: str) -> Mapping[str, Any] | None:
        """Return a drop's public `now` document, None if the event plane does not answer."""
        ...


class Planes(Protocol):
    """The processes of the planes on this machine."""

    def all(self) -> Sequence[Plane]:
        """Return every plane, the mall's first."""
        ...
