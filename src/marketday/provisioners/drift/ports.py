"""What a look for drift needs."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from marketday.provisioners.drift.model import News
from marketday.provisioners.drift.state import Copy
from marketday.provisioners.sweep.model import Thing


class States(Protocol):
    """The states of Terraform, and what was told after the last look."""

    async def states(self) -> Mapping[str, str]:
        """Return the text of every state by its name, such as `prod` or `environments/<id>/event`."""
        ...

    async def told(self) -> str:
        """Return what was kept after the last look; empty before the first."""
        ...

    async def keep(self, text: str) -> None:
        """Keep what was told."""
        ...


class Looking(Protocol):
    """Reads again what a state has."""

    def plan(self, name: str, copy: Copy) -> dict[str, Any]:
        """Return Terraform's plan; raises LookFailed."""
        ...


class Marked(Protocol):
    """Finds what has our tags."""

    async def ours(self) -> Sequence[Thing]:
        """Return everything with one of our tags; raises SweepUnproven."""
        ...


class Channel(Protocol):
    """Tells people."""

    async def tell(self, news: News) -> bool:
        """Tell what is new and what is gone; False if it did not arrive."""
        ...
