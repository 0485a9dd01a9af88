"""Rows behind the emulated RDS: real PostgreSQL, dumped at the moment of a copy, and restored where RDS restored it.

RDS's own copying is what this stands for. What is real: the databases, their rows, and the way over a dump.
"""

import hashlib
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from marketday.kit.database import connect
from marketday.kit.ids import new_id

from .emulated import Account

RESTORE = "RestoreDBInstanceToPointInTime"


@dataclass
class CopiedRows:
    """Dumps of real databases, each under the ARN of its emulated copy."""

    server: Any  # tests.conftest.PostgresForTests
    folder: Path
    dumps: dict[str, Path] = field(default_factory=dict)

    def copy(self, arn: str, database_url: str) -> None:
        """Dump a database: what the copy has from now on, and nothing later."""
        file = self.folder / f"{len(self.dumps)}.dump"
        self._run("pg_dump", "--format=custom", f"--file={file}", database_url)
        self.dumps[arn] = file

    @contextmanager
    def restored(self, account: Account, region: str, instance: str) -> Iterator[str]:
        """Restore the dump of that copy from which RDS has made `instance` in the region; yield the database's URL."""
        calls = [
            call["request"] for call in account.calls("rds") if call["action"] == RESTORE and call["region"] == region
        ]
        of_it = [each for each in calls if re.search(rf"TargetDBInstanceIdentifier={instance}(&|$)", each)]
        [arn] = {_argument(each, "SourceDBInstanceAutomatedBackupsArn") for each in of_it}
        name = f"restored_{new_id().hex}"
        self.server.execute(f"CREATE DATABASE {name}")
        try:
            url = self.server.url(name)
            self._run("pg_restore", "--exit-on-error", f"--dbname={url}", str(self.dumps[arn]))
            yield url
        finally:
            self.server.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, program: str, *arguments: str) -> None:
        path = Path(self.server.server.programs) / program
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        done = subprocess.run(
            [path, *arguments], env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]


def _argument(request: str, name: str) -> str:
    found = re.search(rf"(?:^|&){name}=([^&]+)", request)
    assert found, request
    return found[1].replace("%3A", ":")


async def rows_of(url: str) -> dict[str, str]:
    """Return a digest of all rows of each table of a database."""
    connection = await connect(url)
    try:
        tables = await connection.fetch(
            "SELECT schemaname || '.' || tablename FROM pg_tables "
            "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        found = {}
        for [table] in tables:
            rows = await connection.fetch(f"SELECT t::text FROM {table} t ORDER BY 1")
            found[table] = f"{len(rows)} {hashlib.sha256(''.join(row[0] for row in rows).encode()).hexdigest()}"
        return found
    finally:
        await connection.close()
