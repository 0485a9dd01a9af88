"""Staging and receipts in the mall's PostgreSQL."""

import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from marketday.handback.model import Brought, Point, Receipt, ReceiptKind, Window, WindowPhase, WindowProgress
from marketday.handback.ports import Password
from marketday.handback.postgres import sql
from marketday.handback.postgres.reaching import mall_reached
from marketday.handback.postgres.roles import make_role, remove_role, with_credential
from marketday.handback.postgres.stage import PostgresStage
from marketday.handback.tables import EVIDENCE, TABLES
from marketday.kit.database import PG_CATALOG, connect, load_queries
from marketday.kit.private import private_folder, write_whole

_OWNED_FOR = timedelta(hours=1)
_OWNER_SESSIONS = 2
_ADMITTED_FOR = timedelta(hours=1)
_ADMITTED_SESSIONS = 40  # DMS loads eight tables at a time, follows the changes, and validates at the same time
_SQL = load_queries(__package__)


class PostgresStaging:
    """The staging schemas in the mall's database, and the progress of their windows."""

    def __init__(self, mall: "asyncpg.Pool[Any]", mall_url: str, password: Password | None = None) -> None:
        """Use the mall's database, at `mall_url`; DMS writes into a schema with a role that has this `password`."""
        self._mall = mall
        self._url = mall_url
        self._password = password

    @asynccontextmanager
    async def open(self, window: Window) -> AsyncIterator[PostgresStage]:
        """Make the schema if it is missing, and work on it with a role that owns it and may do nothing else.

        The role is removed with the context; the schema stays, because it is the drop's archive.
        """
        password = secrets.token_urlsafe(32)
        try:
            await self._make_owner(window, password)
            with mall_reached():
                url = with_credential(self._url, window.archive_role, password)
                connection = await connect(url, application="hand-back archive", search_path=PG_CATALOG)
            try:
                yield PostgresStage(connection, window)
            finally:
                with mall_reached():
                    await connection.close(timeout=5)
        finally:
            await self.put_away(window)

    async def put_away(self, window: Window) -> None:
        """Remove that role, if a process was killed before it could. Repeatable."""
        async with acquired(self._mall) as connection:
            await remove_role(connection, window.archive_role, keep_owned=True)

    async def _make_owner(self, window: Window, password: str) -> None:
        role, tables = window.archive_role, [table.name for table in (*TABLES, *EVIDENCE)]
        async with acquired(self._mall) as connection, connection.transaction():
            until = await connection.fetchval("SELECT now() + $1::interval", _OWNED_FOR)
            await make_role(connection, role, password, until, _OWNER_SESSIONS)
            await connection.execute(await connection.fetchval(_SQL["join_role"], role))
            for statement in await connection.fetchval(_SQL["own_schema"], window.staging, role, tables):
                await connection.execute(statement)

    async def admit(self, window: Window) -> None:
        """Let DMS write into the schema, and nowhere else, for a limited time. A repeated call prolongs it."""
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
        """Drop DMS's role and the tables that DMS made for itself; the drop's tables stay."""
        async with acquired(self._mall) as connection:
            await remove_role(connection, window.stage_role)

    async def progress(self, window: Window) -> WindowProgress | None:
        """Return the progress of a window; None if it has not begun."""
        async with acquired(self._mall) as connection:
            row = await connection.fetchrow(_SQL["progress"], window.environment_id, window.due)
        return (
            None
            if row is None
            else WindowProgress(WindowPhase(row["phase"]), row["copies"], _read_brought(row["brought"]))
        )

    async def note(self, window: Window, progress: WindowProgress) -> None:
        """Record the progress of a window."""
        brought = None if progress.brought is None else _written(progress.brought)
        row = (window.environment_id, window.due, progress.phase.value, progress.copies, brought)
        async with acquired(self._mall) as connection:
            await connection.execute(_SQL["note_progress"], *row)


class PostgresReceipts:
    """Keeps receipts in the mall's database; on one machine each also as a file that an operator can keep."""

    def __init__(self, mall: "asyncpg.Pool[Any]", folder: Path | None = None) -> None:
        """Keep the files in `folder`, if there is one; on AWS the run table has each receipt, and no disk is kept."""
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
        """Keep a receipt, unless an earlier one is kept already; return the one that is kept."""
        issued_at = datetime.fromtimestamp(receipt.claims["iat"], UTC)
        row = (receipt.environment_id, issued_at, receipt.token, dict(receipt.claims))
        with mall_reached():
            await self._mall.execute(_SQL["put_receipt"], *row)
        kept = await self.get(receipt.environment_id) or receipt
        if self._folder is not None:
            _write(self._folder, kept)
        return kept


def _write(folder: Path, receipt: Receipt) -> None:
    private_folder(folder)
    content = {"receipt": receipt.token, "summary": receipt.claims}
    write_whole(folder / f"{receipt.environment_id}.json", json.dumps(content, indent=2, ensure_ascii=False))


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
    """Hold one connection to the mall's database; the driver's errors become MallUnavailable."""
    with mall_reached():
        async with mall.acquire() as connection:
            yield connection


@asynccontextmanager
async def staged(mall: "asyncpg.Pool[Any]", window: Window) -> AsyncIterator[Any]:
    """Open a transaction on the mall's database in which table names without a schema mean the staged drop's tables."""
    async with acquired(mall) as connection, connection.transaction():
        await connection.execute(f"SET LOCAL search_path = {sql.quoted([window.staging])}")
        yield connection
