"""Copy: the drop's rows at one point, by binary COPY, into the staging schema."""

from collections.abc import Mapping
from tempfile import SpooledTemporaryFile

from marketday.handback.model import TABLES, Window
from marketday.handback.ports import Snapshot, Staging

_IN_MEMORY_BYTES = 16 * 1024 * 1024  # of a table; what is more waits in a file

Columns = Mapping[str, Mapping[str, str]]  # table -> column -> type


async def columns_of(snapshot: Snapshot) -> Columns:
    """Return the columns of every table that comes home."""
    return {table.name: await snapshot.columns(table) for table in TABLES}


async def copy(window: Window, snapshot: Snapshot, staging: Staging, columns: Columns) -> None:
    """Copy all tables. Repeating it begins anew, so that a killed copy leaves nothing half done."""
    await staging.prepare(window, columns)
    for table in TABLES:
        names = list(columns[table.name])
        with SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES) as rows:
            await snapshot.copy_out(table, names, rows)
            rows.seek(0)
            await staging.copy_in(window, table, names, rows)
