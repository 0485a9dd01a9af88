"""Runs of Terraform in the run table, beside their environments: pk `runs#<environment>#<stack>`, sk the run's id."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from marketday.environments.dynamodb.table import Refused, Table
from marketday.provisioners.terraform.errors import OutdatedRun
from marketday.provisioners.terraform.model import Run, Stack
from marketday.provisioners.terraform.records import from_json, to_json


class DynamoRuns:
    """A `RunStore` in the run table. Runs are compressed: a plan has hundreds of lines, and an item at most 400 KB."""

    def __init__(self, table: Table) -> None:
        """Use `table`."""
        self._table = table

    async def latest(self, environment_id: UUID, stack: Stack) -> Run | None:
        """Return the newest run of an environment's stack."""
        newest = await self._table.query(_key(environment_id, stack), newest=1)
        return _run(newest[0]) if newest else None

    async def of_environment(self, environment_id: UUID) -> Sequence[Run]:
        """Return all runs of an environment, oldest first."""
        items = [item for stack in Stack for item in await self._table.query(_key(environment_id, stack))]
        return sorted((_run(item) for item in items), key=lambda run: run.id)

    async def save(self, run: Run) -> Run:
        """Record `run` over the version that it was read with; raises OutdatedRun."""
        saved = replace(run, version=run.version + 1)
        item = {
            "pk": _key(run.environment_id, run.stack),
            "sk": str(run.id),
            "action": run.action.value,
            "state": run.state.value,
            "version": saved.version,
            "body": gzip.compress(json.dumps(to_json(saved), ensure_ascii=False).encode(), mtime=0),
        }
        try:
            await self._table.write(
                self._table.put(item, at_version=run.version)
                if run.version
                else self._table.put(item, unless_there=True)
            )
        except Refused:
            raise OutdatedRun(f"run {run.id} is no longer at version {run.version}") from None
        return saved


def _key(environment_id: UUID, stack: Stack) -> str:
    return f"runs#{environment_id}#{stack}"


def _run(item: dict[str, Any]) -> Run:
    return from_json(json.loads(gzip.decompress(bytes(item["body"]))))
