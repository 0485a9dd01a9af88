"""PostgreSQL through asyncpg: pools, connections, and named queries from `.sql` files.

Connections are made only here, because here each of their waits has a limit (see `kit/connections.py`).
"""

import json
import re
from functools import cache
from importlib import resources
from typing import Any

import asyncpg

from marketday.kit.connections import Connection, Pool, connection_settings
from marketday.kit.guard import guarded_loop
from marketday.kit.outages import ANSWER_SECONDS, AWAY, DRIVER_ERRORS, WORK_SECONDS

__all__ = [
    "ANSWER_SECONDS",
    "AWAY",
    "DRIVER_ERRORS",
    "PG_CATALOG",
    "WORK_SECONDS",
    "Pool",
    "connect",
    "create_pool",
    "load_queries",
    "make_pool",
]

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
PG_CATALOG = "pg_catalog"


async def _prepare(connection: "asyncpg.Connection[Any]") -> None:
    await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")


def make_pool(
    url: str,
    *,
    min_size: int = 0,
    max_size: int = 10,
    application: str = "marketday",
    search_path: str = "public",
    seconds: float = ANSWER_SECONDS,
) -> Pool:
    """Return a pool that opens when it is awaited or entered; with `min_size` 0 even while the server is unavailable.

    A connection and one statement on it take at most `seconds` together, also when the server or the network fails:
    then TimeoutError is raised, the connection is dropped, and the server ends the statement by itself.
    """
    return Pool(
        url,
        min_size=min_size,
        max_size=max_size,
        init=_prepare,
        wait_seconds=seconds / 2,
        connection=connection_settings(application, seconds / 2, search_path),
    )


async def create_pool(
    url: str,
    *,
    min_size: int = 1,
    max_size: int = 10,
    application: str = "marketday",
    seconds: float = WORK_SECONDS,
) -> Pool:
    """Open a pool for the work of one program.

    Raises:
        OSError, asyncpg.PostgresError: the server cannot be reached or refuses.

    """
    return await make_pool(url, min_size=min_size, max_size=max_size, application=application, seconds=seconds)


async def connect(
    url: str,
    *,
    application: str = "marketday",
    search_path: str = "public",
    seconds: float = WORK_SECONDS,
    silent_seconds: float = 0,
    guarded: bool = False,
) -> Connection:
    """Open one connection on which jsonb is a Python value; the caller closes it.

    `search_path` is used even if the database or its owner has set another one. For a database that is not trusted, use
    `PG_CATALOG`, name every table with its schema, and set `guarded` against what its server may send.

    Half of `seconds` is the limit of each statement; connecting takes two seconds at most. With `silent_seconds` the
    server ends a session without queries after that time, and releases its locks.
    """
    settings = connection_settings(application, seconds / 2, search_path, silent_seconds)
    loop = guarded_loop() if guarded else None
    connection: Connection = await asyncpg.connect(url, loop=loop, **settings)
    await _prepare(connection)
    return connection


@cache
def load_queries(package: str, file: str = "queries.sql") -> dict[str, str]:
    """Return the queries of a package's `.sql` file by their names: the lines `-- name: take_stock`.

    Raises:
        FileNotFoundError: the package has no such file.
        ValueError: a name is there twice.

    """
    text = resources.files(package).joinpath(file).read_text("utf-8")
    parts = _NAME.split(text)[1:]
    names = parts[0::2]
    if len(set(names)) != len(names):
        raise ValueError(f"{package}/{file}: two queries have the same name")
    return {name: body.strip() for name, body in zip(names, parts[1::2], strict=True)}
