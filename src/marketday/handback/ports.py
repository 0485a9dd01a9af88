"""What the hand-back needs: a link into the drop's database, staging and promotion in the mall's, and receipts."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

from marketday.handback.model import Waiting, Window

if TYPE_CHECKING:
    from marketday.handback.postgres.link import LinkSnapshot
    from marketday.handback.postgres.stage import PostgresStage

Password = Callable[[Window], Awaitable[str]]  # of a role that exists for a window, where somebody else chose it


class Copier(Protocol):
    """Copies the drop's rows into the staging schema. Each call does what is possible now, and can be repeated.

    The four are called in this order, each until it no longer waits.
    """

    at_snapshot: bool  # `start` copies all of it, at the snapshot's point: a row that differs is an error

    async def start(
        self, window: Window, snapshot: "LinkSnapshot", stage: "PostgresStage", *, again: bool
    ) -> Waiting | None:
        """Begin to copy; `again`: the earlier copy is wrong. A copy under way goes on."""
        ...

    async def wait(self, window: Window) -> Waiting | None:
        """Look whether everything is copied.

        Raises:
            CopyDiffers: the copy is known to be wrong; it has to be made again.
            CopyRefused: it can never be right.
            CopyFailed: it ended too early; starting it again may help.

        """
        ...

    async def stop(self, window: Window) -> Waiting | None:
        """End the copying, so that nothing changes what is compared. Raises CopyFailed as `wait` does."""
        ...

    async def remove(self, window: Window) -> Waiting | None:
        """Remove the copier."""
        ...
