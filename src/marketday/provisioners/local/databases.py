"""Databases of our clusters. Every call can be repeated; names are our own."""

import asyncpg

from marketday.kit.database import PG_CATALOG, connect


async def ensure_database(admin_url: str, name: str) -> None:
    """Make the database `name` if it does not exist."""
    connection = await connect(admin_url, application="provisioner", search_path=PG_CATALOG)
    try:
        if not await connection.fetchval("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name):
            await connection.execute(f'CREATE DATABASE "{name}"')
    except asyncpg.DuplicateDatabaseError:  # another process was faster
        return
    finally:
        await connection.close()


async def wait_for_nobody(admin_url: str) -> None:
    """Let the cluster commit without waiting for an archive (`backup/streaming.py`); repeating it is safe."""
    connection = await connect(admin_url, application="provisioner", search_path=PG_CATALOG)
    try:
        if await connection.fetchval("SELECT current_setting('synchronous_standby_names')"):
            await connection.execute("ALTER SYSTEM RESET synchronous_standby_names")
            await connection.execute("SELECT pg_reload_conf()")
    finally:
        await connection.close()
