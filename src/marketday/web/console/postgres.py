"""The runs of environments, read from the mall's database."""

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import asyncpg

from marketday.kit.database import DRIVER_ERRORS, load_queries
from marketday.web.console.model import Receipt, Run, timeline


class PostgresRuns:
    """The runs that the mall's database records."""

    def __init__(self, pool: "asyncpg.Pool[Any]") -> None:
        self._pool = pool
        self._queries = load_queries(__package__)

    async def latest(self, count: int) -> list[Run]:
        """Return the runs whose environment is not destroyed yet, and the last `count` of the destroyed ones.

        Raises:
            OSError: the database cannot be read now.

        """
        try:
            async with self._pool.acquire(timeout=2) as connection:
                rows = await connection.fetch(self._queries["runs"], count, timeout=2)
                ids = [row["id"] for row in rows]
                steps = await connection.fetch(self._queries["steps"], ids, timeout=2)
                receipts = await connection.fetch(self._queries["receipts"], ids, timeout=2)
        except DRIVER_ERRORS as error:
            raise OSError(f"the mall's database did not answer: {type(error).__name__}") from error
        journals = defaultdict(list)
        for step in steps:
            journals[step["environment_id"]].append(step)
        signed = {row["environment_id"]: Receipt(row["issued_at"], row["token"], row["summary"]) for row in receipts}
        return [_run(row, steps=timeline(journals[row["id"]]), receipt=signed.get(row["id"])) for row in rows]


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
        zone=drop.get("zone", "UTC"),
        failed_step=row["failed_step"],
        failure=row["failure"],
        **more,
    )


def _services(recorded: Any) -> dict[str, str]:
    """Read the recorded addresses: provisioners write an object, or its JSON text."""
    value = json.loads(recorded) if isinstance(recorded, str) and recorded else recorded
    return value if isinstance(value, dict) else {}
