"""What the hand-back needs: a link into the drop's database, staging and promotion in the mall's, and receipts."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

from marketday.handback.model import Waiting, Window

if TYPE_CHECKING:
    from marketday.handback.postgres.link import LinkSnapshot
    from marketday.handback.postgres.stage import PostgresStage

Password = Callable[[Window], Awaitable[str]]  # returns the password of a window's role, if it was chosen elsewhere


class Copier(Protocol):
    """Copies the drop's rows into the staging schema. Each call does what is possible now, and can be repeated.

    The four methods are called in this order, each again until it no longer returns `Waiting`.
    """

    at_snapshot: bool  # `start` copies everything, at the snapshot's point, so a row that differs is an error

    async def start(
        self, window: Window, snapshot: "LinkSnapshot", stage: "PostgresStage", *, again: bool
    ) -> Waiting | None:
        """Begin to copy; `again` means that the earlier copy is wrong. A copy under way continues."""
        ...

    async def wait(self, window: Window) -> Waiting | None:
        """Check whether everything is copied.

        Raises:
            CopyDiffers: the copy is wrong, and has to be made again.
            CopyRefused: the copy cannot be proved; trying again does not help.
            CopyFailed: the copying ended too early; starting it again may help.

        """
        ...

    async def stop(self, window: Window) -> Waiting | None:
        """Stop copying, so that nothing changes during the comparison. Raises CopyFailed as `wait` does."""
        ...

    async def remove(self, window: Window) -> Waiting | None:
        """Remove the copier."""
        ...
