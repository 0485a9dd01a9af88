"""The roles of a drop's services in its database, and its tables: made by the database's owner. Repeatable."""

from collections.abc import Collection, Mapping

from marketday.kit.database import PG_CATALOG, connect
from marketday.kit.files import sql_folder
from marketday.kit.migrations import Half, migrate
from marketday.kit.scram import scram_verifier

ROLES = ("store", "worker")


async def prepare_drop_database(
    owner_url: str, passwords: Mapping[str, str], halves: Collection[Half] = tuple(Half)
) -> list[str]:
    """Make the roles of a drop's services, and apply new migrations; return the names of these migrations.

    Raises:
        OSError, asyncpg.PostgresError: the database cannot be reached, or refuses.
        MarketdayError: a migration may not be applied now.

    """
    for role, password in passwords.items():
        await _ensure_role(owner_url, role, password)
    return await migrate(owner_url, sql_folder("drop"), halves)


async def _ensure_role(owner_url: str, name: str, password: str) -> None:
    """Make the role `name` if it does not exist, and set its `password`, a token of ASCII characters."""
    verifier = scram_verifier(password)
    connection = await connect(owner_url, application="provisioner", search_path=PG_CATALOG)
    try:
        known = await connection.fetchval("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", name)
        await connection.execute(f"{'ALTER' if known else 'CREATE'} ROLE \"{name}\" LOGIN PASSWORD '{verifier}'")
    finally:
        await connection.close()
