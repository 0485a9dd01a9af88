"""Staging and receipts in the mall's PostgreSQL."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any
from uuid import UUID

import asyncpg

from marketday.handback import sql
from marketday.handback.link import PREFETCH_ROWS
from marketday.handback.model import (
    TABLES,
    Brought,
    Columns,
    Phase,
    Point,
    Progress,
    Receipt,
    ReceiptKind,
    RowDigest,
    Sum,
    Table,
    Window,
)
from marketday.handback.ports import Password
from marketday.handback.reaching import mall_reached
from marketday.handback.roles import make_role, remove_role
from marketday.kit.database import load_queries

_ADMITTED_FOR = timedelta(hours=1)
_ADMITTED_SESSIONS = 40  # DMS loads eight tables at a time, follows the changes, and validates beside that
_SQL = load_queries(__package__)
_EQUATIONS = load_queries(__package__, "equations.sql")


class PostgresStaging:
    """`Staging` in a schema of the mall's database. The schema stays: it is the drop's archive."""

    def __init__(self, mall: "asyncpg.Pool[Any]", password: Password | None = None) -> None:
        """Use the mall's database; whoever else writes into a schema does so with this password."""
        self._mall = mall
        self._password = password

    async def prepare(self, window: Window, columns: Columns) -> None:
        """Make the schema anew, in one transaction."""
        async with acquired(self._mall) as connection, connection.transaction():
            await connection.execute(f"DROP SCHEMA IF EXISTS {sql.quoted([window.staging])} CASCADE")
            await connection.execute(f"CREATE SCHEMA {sql.quoted([window.staging])}")
            for table in TABLES:
                await connection.execute(sql.create_table(table, columns[table.name].items(), window.staging))

    async def holds(self, window: Window, columns: Columns) -> bool:
        """Say whether the schema stands, with these columns and a copy in it."""
        async with staged(self._mall, window) as connection:
            rows = await connection.fetch(_SQL["staged_columns"], window.staging, list(columns))
            found = {(row["table"], row["name"], row["type"]) for row in rows}
            wanted = {(table, *column) for table, named in columns.items() for column in named.items()}
            return found == wanted and bool(await connection.fetchval(_SQL["has_copy"], window.drop_slug))

    async def admit(self, window: Window) -> None:
        """Make the role that may write into the schema, or prolong it."""
        if self._password is None:
            return
        password = await self._password(window)
        async with acquired(self._mall) as connection, connection.transaction():
            until = await connection.fetchval("SELECT now() + $1::interval", _ADMITTED_FOR)
            await make_role(connection, window.stage_role, password, until, _ADMITTED_SESSIONS)
            tables = [table.name for table in TABLES]
            for statement in await connection.fetchval(_SQL["admit"], window.staging, window.stage_role, tables):
                await connection.execute(statement)

    async def shut(self, window: Window) -> None:
        """Drop that role with the tables that it made: such as DMS's own, beside the drop's."""
        async with acquired(self._mall) as connection:
            await remove_role(connection, window.stage_role)

    async def progress(self, window: Window) -> Progress | None:
        """Return how far a window has come."""
        async with acquired(self._mall) as connection:
            row = await connection.fetchrow(_SQL["progress"], window.environment_id, window.due)
        return None if row is None else Progress(Phase(row["phase"]), row["copies"], _read_brought(row["brought"]))

    async def note(self, window: Window, progress: Progress) -> None:
        """Write down how far a window has come."""
        brought = None if progress.brought is None else _written(progress.brought)
        row = (window.environment_id, window.due, progress.phase.value, progress.copies, brought)
        async with acquired(self._mall) as connection:
            await connection.execute(_SQL["note_progress"], *row)

    async def copy_in(self, window: Window, table: Table, columns: Sequence[str], source: IO[bytes]) -> None:
        """Fill a table by binary COPY."""
        async with acquired(self._mall) as connection:
            await connection.copy_to_table(
                table.name, source=source, columns=list(columns), schema_name=window.staging, format="binary"
            )

    async def digests(self, window: Window, table: Table, columns: Sequence[str]) -> AsyncIterator[RowDigest]:
        """Return the digests of a table's rows; all of them, so that a row of another drop is found too."""
        query = sql.digests(table, columns, window.staging, "true")
        async with acquired(self._mall) as connection, connection.transaction(readonly=True):
            await connection.execute(sql.PRINTING)
            async for row in connection.cursor(query, prefetch=PREFETCH_ROWS):
                yield RowDigest(row["key"], row["sha256"])

    async def sums(self, window: Window) -> Sequence[Sum]:
        """Return orders and payments by state and currency."""
        async with staged(self._mall, window) as connection:
            return [Sum(**row) for row in await connection.fetch(_SQL["sums"], window.drop_slug)]

    async def problems(self, window: Window) -> Mapping[str, Sequence[str]]:
        """Check every equation of `equations.sql`."""
        arguments = (window.environment_id, window.commitment)
        found = {}
        async with staged(self._mall, window) as connection:
            for name, query in _EQUATIONS.items():
                used = arguments[: 2 if "$2" in query else 1 if "$1" in query else 0]
                found[name] = [str(row[0]) for row in await connection.fetch(query, *used)]
        return found


class PostgresReceipts:
    """`Receipts` in the mall's database, each also as a file that an operator can keep."""

    def __init__(self, mall: "asyncpg.Pool[Any]", folder: Path) -> None:
        """Keep the files in `folder`."""
        self._mall = mall
        self._folder = folder

    async def get(self, environment_id: UUID) -> Receipt | None:
        """Return an environment's receipt."""
        with mall_reached():
            row = await self._mall.fetchrow(_SQL["receipt"], environment_id)
        if row is None:
            return None
        return Receipt(environment_id, ReceiptKind(row["summary"]["kind"]), row["token"], row["summary"])

    async def put(self, receipt: Receipt) -> Receipt:
        """Keep a receipt in the table, where the first one stays, and that one as a file."""
        issued_at = datetime.fromtimestamp(receipt.claims["iat"], UTC)
        row = (receipt.environment_id, issued_at, receipt.token, dict(receipt.claims))
        with mall_reached():
            await self._mall.execute(_SQL["put_receipt"], *row)
        kept = await self.get(receipt.environment_id) or receipt
        self._write(kept)
        return kept

    def _write(self, receipt: Receipt) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / f"{receipt.environment_id}.json"
        fresh = file.with_suffix(".json.new")
        content = {"receipt": receipt.token, "summary": receipt.claims}
        fresh.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")
        fresh.replace(file)


def _written(brought: Brought) -> dict[str, Any]:
    point = {"lsn": brought.point.lsn, "at": brought.point.at.isoformat()}
    return {"point": point, "rows": dict(brought.rows), "behind": dict(brought.behind)}


def _read_brought(written: Any) -> Brought | None:
    if written is None:
        return None
    point = Point(written["point"]["lsn"], datetime.fromisoformat(written["point"]["at"]))
    return Brought(point, written["rows"], written["behind"])


@asynccontextmanager
async def acquired(mall: "asyncpg.Pool[Any]") -> AsyncIterator[Any]:
    """Hold one connection to the mall's database; what its driver raises becomes MallUnavailable."""
    with mall_reached():
        async with mall.acquire() as connection:
            yield connection


@asynccontextmanager
async def staged(mall: "asyncpg.Pool[Any]", window: Window) -> AsyncIterator[Any]:
    """Open a transaction on the mall's database in which unqualified tables are the staged drop's."""
    async with acquired(mall) as connection, connection.transaction():
        await connection.execute(f"SET LOCAL search_path = {sql.quoted([window.staging])}")
        yield connection
