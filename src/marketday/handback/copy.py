"""Copy: the drop's rows at one point, by binary COPY, through this process into the staging schema."""

from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING

from marketday.handback.model import Waiting, Window
from marketday.handback.tables import TABLES

if TYPE_CHECKING:
    from marketday.handback.postgres.link import LinkSnapshot
    from marketday.handback.postgres.stage import PostgresStage

_IN_MEMORY_BYTES = 16 * 1024 * 1024  # of a table; the rest is kept in a file


class DirectCopier:
    """`Copier` that is done when `start` returns.

    Every window copies whole tables: otherwise we would need columns that show every change, and would still miss
    deleted rows.
    """

    at_snapshot = True

    async def start(
        self,
        window: Window,  # noqa: ARG002 - every copy starts from the beginning
        snapshot: "LinkSnapshot",
        stage: "PostgresStage",
        *,
        again: bool,  # noqa: ARG002
    ) -> Waiting | None:
        """Copy all tables. Repeating it starts again, so that a killed copy leaves nothing half done."""
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
