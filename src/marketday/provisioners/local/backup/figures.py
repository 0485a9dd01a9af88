"""Reads from a database what a backup notes of it, and what a check compares. An event plane's word is only data."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

from marketday.environments.model import RESTORED
from marketday.kit.connections import Connection
from marketday.kit.database import AWAY, DRIVER_ERRORS, PG_CATALOG, connect, load_queries
from marketday.provisioners.local.backup.clusters import Cluster
from marketday.provisioners.local.backup.errors import BackupFailed
from marketday.provisioners.local.backup.model import MALL, Witness

_SQL = load_queries(__package__, "figures.sql")
_WORK_SECONDS = 600.0  # of a statement that reads every order of a mall


@asynccontextmanager
async def opened(cluster: Cluster, seconds: float = 10, database: str | None = None) -> AsyncIterator[Connection]:
    """Connect to a cluster as its owner; a statement takes half of `seconds` at most.

    Raises:
        BackupFailed: it does not answer, or not as expected.

    """
    url = cluster.server.url(database or cluster.database)
    guarded = cluster.name != MALL
    try:
        connection = await connect(url, application="backup", search_path=PG_CATALOG, seconds=seconds, guarded=guarded)
        try:
            yield connection
        finally:
            await connection.close(timeout=5)
    except (*AWAY, *DRIVER_ERRORS) as error:
        raise BackupFailed(f"the database of {cluster.name} does not answer as expected: {error!r:.300}") from error


async def read_witness(cluster: Cluster, until: datetime) -> Witness:
    """Return what a restored database must have of the orders that were placed before `until`."""
    async with opened(cluster, _WORK_SECONDS) as connection:
        row = await connection.fetchrow(_SQL["witness"], until)
        sums = await connection.fetch(_SQL["sums"], until)
    assert row is not None  # noqa: S101 - an aggregate has one row
    found = {str(one["currency"]): int(one["total_minor"]) for one in sums}
    return Witness(until=until, orders=row["orders"], sha256=row["sha256"], sums=found)


async def broken_sums(cluster: Cluster) -> list[str]:
    """Return a line for each sum of the business that does not hold in this database."""
    query = _SQL["mall"] if cluster.name == MALL else _SQL["drop"]
    async with opened(cluster, _WORK_SECONDS) as connection:
        rows = await connection.fetch(query)
    return [f"{row['problem']}: {row['found']}" for row in rows]


async def receipts(cluster: Cluster) -> list[tuple[UUID, str]]:
    """Return the mall's receipts: environment and token."""
    async with opened(cluster, _WORK_SECONDS) as connection:
        return [(row["environment_id"], row["token"]) for row in await connection.fetch(_SQL["receipts"])]


async def living(cluster: Cluster) -> list[UUID]:
    """Return the environments of the mall that are not destroyed."""
    async with opened(cluster) as connection:
        return [row["id"] for row in await connection.fetch(_SQL["living"])]


async def is_selling(cluster: Cluster) -> bool:
    """Return whether a drop is open, or being closed and handed back."""
    async with opened(cluster) as connection:
        return bool(await connection.fetchval(_SQL["selling"]))


async def move(
    cluster: Cluster, environment_id: UUID, outputs: dict[str, str], restored: Mapping[str, object] | None
) -> None:
    """Record in the mall the address at which a restored environment will be reached, and from when its copy is."""
    async with opened(cluster) as connection:
        restores = [] if restored is None else [restored]
        await connection.execute(_SQL["move"], environment_id, outputs, RESTORED, restores)


async def newest_payments(cluster: Cluster, since: datetime, most: int) -> list[UUID]:
    """Return the payments of a restored drop that were begun since a moment, `most` at most."""
    async with opened(cluster) as connection:
        return [row["id"] for row in await connection.fetch(_SQL["newest_payments"], since, most)]
