"""Copies with AWS DMS: Terraform makes the replication task; this file starts, watches, stops and removes it.

DMS is not trusted. After DMS's own validation we compare every row, as PostgreSQL prints it on both sides, and so find
everything that DMS may have changed:

- `timestamptz` and integers arrive unchanged (microseconds, all in UTC). The copied tables have no unbounded `numeric`
  and no `float`, whose digits DMS could round.
- `jsonb` is sent as text and parsed again by the target: PostgreSQL orders and prints it the same way.
- `text`, `jsonb` and `bytea` are large objects for DMS, which cuts them at the task's largest size. The stack `link`
  sets that size, and makes the task fail instead of cutting. DMS writes them after their row, so the staging columns
  have no NOT NULL; the stack's table mappings let DMS read keys of type text as strings.
- `char(3)` loses trailing blanks, which a currency never has.
- Sequences, defaults, constraints and indices are not copied. `sequences` sets the sequences; an archive does not need
  the others.
- Tables are copied whole, so rows of another drop are copied too, and found as extra; the smoke test leaves none.

We make the staging tables, before each load. DMS's own tables (`awsdms_*`) are in the same schema until DMS's role is
dropped with all that it owns. Changes have to be applied one by one (no batch apply): otherwise the numbers of applied
and captured changes cannot be compared.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from marketday.handback.errors import CopyDiffers, CopyFailed, CopyRefused, DmsUnavailable
from marketday.handback.model import Replication, Waiting, Window, shown
from marketday.handback.tables import TABLES

if TYPE_CHECKING:
    from marketday.handback.postgres.link import LinkSnapshot
    from marketday.handback.postgres.stage import PostgresStage
    from marketday.handback.postgres.staging import PostgresStaging

SOURCE_SCHEMA = "public"
_UNDER_WAY = ("starting", "running")
_STARTABLE = {"ready": "start-replication", "stopped": "reload-target", "failed": "reload-target"}
_BROKEN_TABLE = ("Table error", "Table cancelled", "Table does not exist")
_UNPROVABLE = ("No primary key", "Not enabled")
_MISMATCH = ("Mismatched records", "Suspended records", "Table error", "Error")
_CAPTURED = (("Inserts", "AppliedInserts"), ("Updates", "AppliedUpdates"), ("Deletes", "AppliedDeletes"))

_Fields = Mapping[str, Any]


class DmsCopier:
    """A `Copier` that uses a DMS task (full load, then changes), which exists during one window."""

    at_snapshot = False

    def __init__(self, client: Any, staging: "PostgresStaging") -> None:
        """Call DMS with boto3's `dms` client; `staging` gives DMS access to the staging schema."""
        self._client = client
        self._staging = staging

    async def start(
        self,
        window: Window,
        snapshot: "LinkSnapshot",  # noqa: ARG002 - DMS reads the database itself
        stage: "PostgresStage",
        *,
        again: bool,
    ) -> Waiting | None:
        """Start the task: with a full load, or, after a complete copy, only with the changes since then."""
        task = await self._existing(window)
        status = task["Status"]
        if status in _UNDER_WAY:
            return None
        if status not in _STARTABLE:
            return Waiting(f"the DMS task is {status}; expected {' or '.join(_STARTABLE)}")
        kind = _STARTABLE[status]
        if status == "stopped" and not again and await stage.holds_copy():
            kind = "resume-processing"
        else:
            await stage.prepare()
        await self._staging.admit(window)
        waiting = await self._connected(task)
        if waiting is None:
            arn = task["ReplicationTaskArn"]
            await self._ask("start_replication_task", ReplicationTaskArn=arn, StartReplicationTaskType=kind)
        return waiting

    async def wait(self, window: Window) -> Waiting | None:
        """Check whether every table is loaded and validated, and every captured change applied."""
        task = await self._existing(window)
        status = task["Status"]
        if status not in _UNDER_WAY:
            raise CopyFailed(_failure(task))
        await self._staging.admit(window)
        if status == "starting":
            return Waiting("the DMS task is starting")
        found = judge(await self._statistics(task["ReplicationTaskArn"]))
        return Waiting(shown(found)) if found else None

    async def stop(self, window: Window) -> Waiting | None:
        """Stop the task and remove its right to write, so that nothing changes during the comparison."""
        task = await self._task(window)
        status = task["Status"] if task else "removed"
        if status == "failed" and task:
            raise CopyFailed(_failure(task))
        if status == "running":
            await self._ask("stop_replication_task", ReplicationTaskArn=_replication(window).task_arn)
        if status in (*_UNDER_WAY, "stopping"):
            return Waiting("the DMS task is stopping")
        await self._staging.shut(window)
        return None

    async def remove(self, window: Window) -> Waiting | None:
        """Delete the task, and with it the replication slot in the drop's database, unless both are already deleted."""
        task = await self._task(window) if window.replication else None
        if task is None:
            return None
        arn, status = task["ReplicationTaskArn"], task["Status"]
        if status == "running":
            await self._ask("stop_replication_task", ReplicationTaskArn=arn)
        elif status in _STARTABLE:
            await self._ask("delete_replication_task", ReplicationTaskArn=arn)
        return Waiting("the DMS task is being removed")

    async def _connected(self, task: _Fields) -> Waiting | None:
        """Check that DMS reaches both databases: it does not start a task before a successful test."""
        instance, waiting = task["ReplicationInstanceArn"], list[str]()
        for end in ("source", "target"):
            endpoint = task[f"{end.title()}EndpointArn"]
            filters = [{"Name": "endpoint-arn", "Values": [endpoint]}]
            answer = await self._ask("describe_connections", Filters=filters)
            known = [one for one in answer["Connections"] if one["ReplicationInstanceArn"] == instance]
            status = known[0]["Status"] if known else "untried"
            if status in ("untried", "failed"):
                await self._ask("test_connection", ReplicationInstanceArn=instance, EndpointArn=endpoint)
            if status == "failed":
                reason = known[0].get("LastFailureMessage", "no reason given")
                raise CopyFailed(f"DMS does not reach its {end}: {reason}; it tries again")
            if status != "successful":
                waiting.append(end)
        return Waiting(f"DMS is testing the connection to its {' and its '.join(waiting)}") if waiting else None

    async def _existing(self, window: Window) -> _Fields:
        task = await self._task(window)
        if task is None:
            raise CopyFailed(f"there is no DMS task {_replication(window).task_arn}; expected the task of an open link")
        return task

    async def _task(self, window: Window) -> _Fields | None:
        filters = [{"Name": "replication-task-arn", "Values": [_replication(window).task_arn]}]
        answer = await self._ask("describe_replication_tasks", Filters=filters, WithoutSettings=True)
        tasks: Sequence[_Fields] = answer.get("ReplicationTasks", [])
        return tasks[0] if tasks else None

    async def _statistics(self, arn: str) -> Sequence[_Fields]:
        found, marker = list[_Fields](), dict[str, str]()
        while True:
            page = await self._ask("describe_table_statistics", ReplicationTaskArn=arn, **marker)
            found += page["TableStatistics"]
            if not page.get("Marker"):
                return found
            marker = {"Marker": page["Marker"]}

    async def _ask(self, operation: str, **asked: Any) -> _Fields:
        try:
            answer: _Fields = await asyncio.to_thread(getattr(self._client, operation), **asked)
        except ClientError as error:
            if operation == "describe_replication_tasks" and _code(error) == "ResourceNotFoundFault":
                return {}
            raise DmsUnavailable(f"{operation}: {error}") from error
        except BotoCoreError as error:
            raise DmsUnavailable(f"{operation}: {error}") from error
        return answer


def judge(statistics: Sequence[_Fields]) -> list[str]:
    """Return what each table waits for that is not fully copied yet.

    Raises:
        CopyDiffers: DMS itself reports that rows are wrong or could not be copied; the detail has tables and numbers.
        CopyRefused: a table cannot be validated, so the copy cannot be proved.

    """
    by_name = {one["TableName"]: one for one in statistics if one.get("SchemaName") == SOURCE_SCHEMA}
    known = [by_name.get(table.name, {"TableName": table.name}) for table in TABLES]
    unprovable = [f"{one['TableName']}: {_validation(one)}" for one in known if _validation(one) in _UNPROVABLE]
    if unprovable:
        raise CopyRefused(f"{shown(unprovable)}; expected every table to be validated")
    wrong = [text for one in known if (text := _wrong(one))]
    if wrong:
        raise CopyDiffers(shown(wrong), differences=len(wrong))
    return [text for one in known if (text := _missing(one))]


def _wrong(table: _Fields) -> str:
    state, validation = table.get("TableState", ""), _validation(table)
    lost = table.get("FullLoadErrorRows", 0)
    if state not in _BROKEN_TABLE and validation not in _MISMATCH and not lost:
        return ""
    return (
        f"{table['TableName']}: {state}, {validation or 'not validated'}, {lost} rows not loaded, "
        f"{table.get('ValidationFailedRecords', 0)} mismatched, {table.get('ValidationSuspendedRecords', 0)} suspended"
        f" {table.get('ValidationStateDetails', '')}"
    ).strip()


def _missing(table: _Fields) -> str:
    state, validation, name = table.get("TableState", "not begun"), _validation(table), table["TableName"]
    if state != "Table completed":
        return f"{name}: {state}"
    captured, applied = (sum(table.get(pair[side], 0) for pair in _CAPTURED) for side in (0, 1))
    if applied < captured:
        return f"{name}: {captured} changes captured, {applied} applied"
    pending = table.get("ValidationPendingRecords", 0)
    return "" if validation == "Validated" and not pending else f"{name}: {validation or 'validation'}, {pending} rows"


def _validation(table: _Fields) -> str:
    return str(table.get("ValidationState", ""))


def _failure(task: _Fields) -> str:
    reason = task.get("LastFailureMessage") or task.get("StopReason") or "no reason given"
    return f"the DMS task is {task['Status']}: {reason}; expected it to run"


def _replication(window: Window) -> Replication:
    if window.replication is None:
        raise CopyFailed("the window has no DMS task; expected the task of an open link")
    return window.replication


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
