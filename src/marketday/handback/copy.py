"""Copy: the drop's rows at one point, by binary COPY, through this process into the staging schema."""

from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING

from marketday.handback.model import Waiting, Window
from marketday.handback.tables import TABLES

if TYPE_CHECKING:
    from marketday.handback.postgres.link import LinkSnapshot
    from marketday.handback.postgres.stage import PostgresStage

_IN_MEMORY_BYTES = 16 * 1024 * 1024  # of a table; what is more waits in a file


class DirectCopier:
    """`Copier` that is done when `start` returns.

    Every window brings whole tables: what changed since the last one would have to be found first, by columns that
    tell of every change, and a row that a delete took would still be missed. A copy at one point needs neither.
    """

    at_snapshot = True

    async def start(
        self,
        window: Window,  # noqa: ARG002 - every copy is made anew, as is the next
        snapshot: "LinkSnapshot",
        stage: "PostgresStage",
        *,
        again: bool,  # noqa: ARG002
    ) -> Waiting | None:
        """Copy all tables. Repeating it begins anew, so that a killed copy leaves nothing half done."""
        await stage.prepare()
        for table in TABLES:
            with SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES) as rows:
                await snapshot.copy_out(table, rows)
                rows.seek(0)
                await stage.copy_in(table, rows)
        return None

    async def wait(self, window: Window) -> Waiting | None:
        """Return at once: everything is copied."""

    async def stop(self, window: Window) -> Waiting | None:
        """Return at once: nothing copies any more."""

    async def remove(self, window: Window) -> Waiting | None:
        """Return at once: nothing is left."""
