"""Copies the drop's rows at one point, with binary COPY, through this process into the staging schema."""

from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING

from marketday.handback.model import Waiting, Window
from marketday.handback.tables import TABLES

if TYPE_CHECKING:
    from marketday.handback.postgres.link import LinkSnapshot
    from marketday.handback.postgres.stage import PostgresStage

_IN_MEMORY_BYTES = 16 * 1024 * 1024  # for one table; the rest is kept in a file


class DirectCopier:
    """A `Copier` that has copied everything when `start` returns.

    Every window copies whole tables: to copy only changes, we would need columns that show each change, and would still
    miss deleted rows.
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
        """Copy all tables. A repeated call starts again, so that nothing stays half copied after a kill."""
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
        """Return at once: nothing is copying any more."""

    async def remove(self, window: Window) -> Waiting | None:
        """Return at once: there is nothing to remove."""
