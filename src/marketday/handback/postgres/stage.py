"""Work on a drop's staging schema, with a role that owns it and may do nothing else in the mall's database."""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from typing import IO, Any, BinaryIO, cast
from uuid import UUID

import asyncpg

from marketday.handback.errors import CopyRefused
from marketday.handback.model import MOST_DIFFERENCES, RowDigest, Sum, Window
from marketday.handback.postgres import sql
from marketday.handback.postgres.link import PREFETCH_ROWS
from marketday.handback.postgres.reaching import mall_reached
from marketday.handback.tables import EVIDENCE, TABLES, CopiedTable
from marketday.kit.database import load_queries
from marketday.kit.printable import printable

_NO_ROWS = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, asyncpg.ProgramLimitExceededError)
_SQL = load_queries(__package__)
_EQUATIONS = load_queries(__package__, "equations.sql")


class PostgresStage:
    """The drop's rows in their own schema, through one connection of the role that owns the schema."""

    def __init__(self, connection: "asyncpg.Connection[Any]", window: Window) -> None:
        """Work on the staging schema of `window`."""
        self._connection = connection
        self._schema = window.staging
        self._slug = window.drop_slug

    async def prepare(self) -> None:
        """Make all tables again, empty, in one transaction."""
        with mall_reached():
            async with self._connection.transaction():
                for table in (*TABLES, *EVIDENCE):
                    await self._connection.execute(sql.drop_table(table, self._schema))
                    await self._connection.execute(sql.create_table(table, self._schema))

    async def holds_copy(self) -> bool:
        """Return whether the tables exist in the right form and contain a copy."""
        with mall_reached():
            names = [table.name for table in TABLES]
            rows = await self._connection.fetch(_SQL["staged_columns"], self._schema, names)
            found = {(row["table"], row["name"], row["type"]) for row in rows}
            wanted = {(table.name, *column) for table in TABLES for column in table.columns.items()}
            if found != wanted:
                return False
            query = f"SELECT EXISTS ({sql.rows(TABLES[0], self._schema)})"
            return bool(await self._connection.fetchval(query, self._slug))

    async def copy_in(self, table: CopiedTable, source: IO[bytes]) -> None:
        """Fill a table from `source`, in PostgreSQL's binary COPY format.

        Raises:
            CopyRefused: the source sends something other than rows of this table.

        """
        with mall_reached():
            try:
                await self._connection.copy_to_table(
                    table.name,
                    source=cast(BinaryIO, source),
                    columns=list(table.columns),
                    schema_name=self._schema,
                    format="binary",
                )
            except _NO_ROWS as error:
                raise CopyRefused(f"{table.name}: {printable(error)}; expected rows of that table") from error

    async def fill(self, table: CopiedTable, rows: Iterable[Sequence[object]]) -> None:
        """Add rows to a table of evidence; a row whose key exists already stays as it is."""
        with mall_reached():
            await self._connection.executemany(sql.insert(table, self._schema), rows)

    async def digests(self, table: CopiedTable) -> AsyncGenerator[RowDigest]:
        """Return the digests of all rows of a table, so that a row of another drop is found too."""
        with mall_reached():
            async with self._connection.transaction(readonly=True):
                await self._connection.execute(sql.PRINTING)
                query = sql.digests(table, self._schema, "true")
                async for row in self._connection.cursor(query, prefetch=PREFETCH_ROWS):
                    yield RowDigest(row["key"], row["sha256"])

    async def sums(self) -> Sequence[Sum]:
        """Return orders and payments by state and currency."""
        with mall_reached():
            query = _SQL["sums"].format(schema=sql.quoted([self._schema]))
            return [Sum(**row) for row in await self._connection.fetch(query, self._slug)]

    async def buyers(self) -> Sequence[UUID]:
        """Return the people who have an order."""
        with mall_reached():
            query = f"SELECT DISTINCT person_id FROM {sql.quoted([self._schema])}.orders"  # noqa: S608 - our own name
            return [row[0] for row in await self._connection.fetch(query)]

    async def payments(self, references: Sequence[UUID]) -> set[UUID]:
        """Return which of these payments the copy has."""
        with mall_reached():
            query = f"SELECT id FROM {sql.quoted([self._schema])}.payments WHERE id = ANY($1::uuid[])"  # noqa: S608 - our own name
            return {row["id"] for row in await self._connection.fetch(query, references)}

    async def problems(self) -> Mapping[str, Sequence[str]]:
        """Check the equations; return what breaks each one, by its name; an empty list if it holds."""
        found = {}
        with mall_reached():
            async with self._connection.transaction(readonly=True):
                await self._connection.execute(f"SET LOCAL search_path = {sql.quoted([self._schema])}")
                for name, query in _EQUATIONS.items():
                    bounded = _SQL["bounded_problems"].format(query=query.rstrip(";"))
                    found[name] = [row[0] for row in await self._connection.fetch(bounded, MOST_DIFFERENCES)]
        return found
