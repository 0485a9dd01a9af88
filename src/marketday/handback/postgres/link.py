"""The link: a credential for one window, which may read the copied tables and is removed afterwards."""

import asyncio
import re
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import IO, Any

import asyncpg
import structlog

from marketday.handback.errors import CopyRefused, SourceUnavailable
from marketday.handback.model import Point, RowDigest, Sum, Window
from marketday.handback.ports import Password
from marketday.handback.postgres import sql
from marketday.handback.postgres.reaching import source_reached
from marketday.handback.postgres.roles import make_role, remove_role, with_credential
from marketday.handback.tables import TABLES, CopiedTable
from marketday.kit.clock import Clock
from marketday.kit.database import PG_CATALOG, connect, load_queries
from marketday.kit.printable import printable

VALID_FOR = timedelta(minutes=15)
_LONGEST_SECONDS = 1800  # for one link, even if the other end answers slowly
_SHARED_FOR = timedelta(hours=1)
_SHARED_SESSIONS = 40  # DMS loads eight tables at a time, follows the changes, and validates at the same time
PREFETCH_ROWS = 2000
LARGEST_COPY_BYTES = 4 * 1024**3  # for all tables; ten million entries need about a quarter of it
_SQL = load_queries(__package__)
_log = structlog.get_logger()


class PostgresLinks:
    """Opens the short-lived path into the PostgreSQL of an environment."""

    def __init__(self, clock: Clock, password: Password | None = None) -> None:
        """Make credentials that are valid for a limited time from the `clock`'s present.

        A `password` is given if another process (DMS) uses the same role to copy. Then the role does not end with the
        context: each `open` prolongs it, and `close` removes it.
        """
        self._clock = clock
        self._password = password

    @asynccontextmanager
    async def open(self, window: Window) -> AsyncIterator["LinkSnapshot"]:
        """Make a credential, and read one snapshot with it. The credential ends with the context, or with `close`.

        Raises:
            SourceUnavailable: the database does not answer.

        """
        try:
            async with asyncio.timeout(_LONGEST_SECONDS), self._opened(window) as snapshot:
                yield snapshot
        except TimeoutError as error:
            raise SourceUnavailable(f"not read completely within {_LONGEST_SECONDS} s") from error

    @asynccontextmanager
    async def _opened(self, window: Window) -> AsyncIterator["LinkSnapshot"]:
        with source_reached():
            owner = await connect(window.database_url, application="hand-back", search_path=PG_CATALOG, guarded=True)
        try:
            if self._password is None:
                await self._remove_role(owner, window)
            url = await self._make_role(owner, window)
            try:
                async with _snapshot(url, window) as snapshot:
                    yield snapshot
            finally:
                if self._password is None:
                    await self._remove_role(owner, window)
        finally:
            await owner.close()

    async def close(self, window: Window) -> None:
        """Remove the credential, if it still exists after the context, and end its sessions. Repeatable.

        Raises:
            SourceUnavailable: the database does not answer.

        """
        if self._password is None:
            return
        with source_reached():
            owner = await connect(window.database_url, application="hand-back", search_path=PG_CATALOG, guarded=True)
            try:
                await self._remove_role(owner, window)
                await owner.fetch(_SQL["drop_slots"])
            finally:
                await owner.close()

    async def close_drop(self, window: Window) -> int:
        """Close the drop for good, so that nothing can be reserved, unless somebody has bought or reserved something.

        Returns how many held reservations, open payments and orders it has; 0 if it is closed now, or has no tables.
        Counting and closing are one transaction, which locks the stock. Repeating it changes nothing.

        Raises:
            SourceUnavailable: the database does not answer.

        """
        with source_reached():
            owner = await connect(window.database_url, application="hand-back", search_path=PG_CATALOG, guarded=True)
            try:
                if not await owner.fetchval(_SQL["has_tables"]):
                    return 0
                async with owner.transaction():
                    await owner.execute(_SQL["lock_stock_of_drop"], window.drop_slug)
                    taken: int = await owner.fetchval(_SQL["taken_of_drop"], window.drop_slug)
                    if not taken:
                        await owner.execute(_SQL["close_drop"], window.drop_slug)
                        await owner.execute(_SQL["end_offers"], window.drop_slug)
                return taken
            finally:
                await owner.close()

    async def _make_role(self, owner: Any, window: Window) -> str:
        password = secrets.token_urlsafe(32) if self._password is None else await self._password(window)
        valid_for, sessions = (VALID_FOR, 2) if self._password is None else (_SHARED_FOR, _SHARED_SESSIONS)
        until = self._clock.now() + valid_for
        with source_reached():
            async with owner.transaction():
                await make_role(owner, window.link_role, password, until, sessions)
                tables = [table.name for table in TABLES]
                await owner.execute(await owner.fetchval(_SQL["grant_read"], tables, window.link_role))
                if self._password is not None:
                    for row in await owner.fetch(_SQL["grant_replication"], window.link_role):
                        await owner.execute(row[0])
        return with_credential(window.database_url, window.link_role, password)

    async def _remove_role(self, owner: Any, window: Window) -> None:
        with source_reached():
            ended = await remove_role(owner, window.link_role)
        if ended:
            _log.warning("link_sessions_ended", environment=str(window.environment_id), sessions=ended)


class LinkSnapshot:
    """The drop's database at one point, through the link."""

    def __init__(self, connection: "asyncpg.Connection[Any]", slug: str, point: Point) -> None:
        """Read the drop `slug` through `connection`, whose transaction is at `point`."""
        self.point = point
        self._connection = connection
        self._slug = slug
        self._sent = 0

    async def copy_out(self, table: CopiedTable, sink: IO[bytes]) -> None:
        """Write the drop's rows to `sink`, in PostgreSQL's binary COPY format.

        Raises:
            CopyRefused: the database sends more data than one drop can have.

        """
        query = sql.rows(table, "public")

        async def take(portion: bytes) -> None:
            self._sent += len(portion)
            if self._sent > LARGEST_COPY_BYTES:
                self._connection.terminate()  # otherwise the driver would read for ever
            else:
                sink.write(portion)

        with source_reached():
            try:
                await self._connection.copy_from_query(query, self._slug, output=take, format="binary")
            except Exception:  # the driver may raise anything after a lost connection
                if self._sent <= LARGEST_COPY_BYTES:
                    raise
        if self._sent > LARGEST_COPY_BYTES:
            raise CopyRefused(
                f"the tables up to {table.name} have over {LARGEST_COPY_BYTES} bytes; expected the rows of one drop"
            )

    async def digests(self, table: CopiedTable) -> AsyncGenerator[RowDigest]:
        """Return the digests of the drop's rows, in the order of their keys."""
        query = sql.digests(table, "public", table.rows)
        with source_reached():
            async for row in self._connection.cursor(query, self._slug, prefetch=PREFETCH_ROWS):
                yield _digest(row)

    async def sums(self) -> Sequence[Sum]:
        """Return orders and payments by state and currency."""
        with source_reached():
            query = _SQL["sums"].format(schema="public")
            return [Sum(**row) for row in await self._connection.fetch(query, self._slug)]


def _digest(row: Any) -> RowDigest:
    key, sha256 = row["key"], row["sha256"]
    if not isinstance(key, str) or not isinstance(sha256, bytes):
        raise SourceUnavailable(f"the drop's database answers {printable(row)}; expected a key and a digest")
    return RowDigest(key, sha256)


@asynccontextmanager
async def _snapshot(url: str, window: Window) -> AsyncIterator[LinkSnapshot]:
    with source_reached():
        connection = await connect(url, application="hand-back link", search_path=PG_CATALOG, guarded=True)
    try:
        with source_reached():
            await connection.execute(sql.PRINTING)
            # The transaction ends with the connection: nothing was written, so there is nothing to commit.
            await connection.transaction(isolation="repeatable_read", readonly=True).start()
            point = _point(await connection.fetchrow(_SQL["point"]))
        yield LinkSnapshot(connection, window.drop_slug, point)
    finally:
        with source_reached():
            await connection.close(timeout=5)


def _point(row: Any) -> Point:
    """Return the snapshot's point, checked, because it goes into the receipt."""
    lsn, at = row["lsn"], row["at"]
    if not re.fullmatch(r"[0-9A-F]{1,8}/[0-9A-F]{1,8}", lsn) or not isinstance(at, datetime) or at.tzinfo is None:
        raise SourceUnavailable(
            f"the drop's database is at {printable(lsn)}, {printable(at)}; expected position and time"
        )
    return Point(lsn, at)
