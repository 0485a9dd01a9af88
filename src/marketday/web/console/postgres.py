"""The runs of environments, read from the mall's database."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import asyncpg

from marketday.kit.database import DRIVER_ERRORS, load_queries
from marketday.web.console.model import Receipt, Run, timeline


class PostgresRuns:
    """Runs, as the mall's database records them."""

    def __init__(self, pool: "asyncpg.Pool[Any]") -> None:
        self._pool = pool
        self._queries = load_queries(__package__)

    async def latest(self, count: int) -> list[Run]:
        """Return up to `count` runs, the one to watch first; only that one has its steps and receipt.

        Raises:
            OSError: the database cannot be read now.

        """
        try:
            async with self._pool.acquire(timeout=2) as connection:
                rows = await connection.fetch(self._queries["runs"], count, timeout=2)
                if not rows:
                    return []
                first = rows[0]["id"]
                steps = await connection.fetch(self._queries["steps"], first, timeout=2)
                receipt = await connection.fetchrow(self._queries["receipt"], first, timeout=2)
        except DRIVER_ERRORS as error:
            raise OSError(f"the mall's database did not answer: {type(error).__name__}") from error
        watched = _run(rows[0], steps=timeline(steps), receipt=None if receipt is None else Receipt(**dict(receipt)))
        return [watched, *(_run(row) for row in rows[1:])]


def _run(row: Mapping[str, Any], **more: Any) -> Run:
    definition, outputs = row["definition"], row["outputs"]
    schedule = {name: datetime.fromisoformat(at) for name, at in row["schedule"].items()}
    drop = definition.get("drop", definition)
    names = drop.get("name", {})
    return Run(
        id=str(row["id"]),
        drop=row["drop_slug"],
        name_ko=names.get("ko", row["drop_slug"]),
        name_en=names.get("en", row["drop_slug"]),
        state=row["state"],
        opens_at=schedule["opens_at"],
        closes_at=schedule["closes_at"],
        schedule=schedule,
        units=sum(product["stock"] for product in drop.get("products", ())),
        public_url=outputs.get("public_url", ""),
        services=_services(outputs.get("services")),
        failed_step=row["failed_step"],
        failure=row["failure"],
        **more,
    )


def _services(recorded: Any) -> dict[str, str]:
    """Provisioners may record addresses as an object, or as its JSON text."""
    value = json.loads(recorded) if isinstance(recorded, str) and recorded else recorded
    return value if isinstance(value, dict) else {}
