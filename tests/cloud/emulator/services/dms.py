"""DMS: tasks that take their time, as a test has written it, and tables with their numbers and their validation."""

import json
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from moto.core.utils import utcnow
from moto.dms.exceptions import (
    InvalidParameterCombinationException,
    InvalidResourceStateFault,
    ResourceNotFoundFault,
)
from moto.dms.models import DatabaseMigrationServiceBackend, Endpoint, FakeReplicationTask, dms_backends
from moto.dms.responses import DatabaseMigrationServiceResponse

from emulator.patching import added, around, notes
from emulator.services.dms_network import epoch
from emulator.services.dms_tables import TableScript, at_look, tables_of

FULL_LOAD = "full-load"
COPY_SECONDS = 60
# What one look (a describe call) finds the task in, and what the next one will.
NEXT_LOOK = {"creating": "ready", "starting": "running", "stopping": "stopped"}


# In AWS an endpoint is active as soon as it is there; moto leaves it `creating` for ever.
@around(Endpoint)
def __init__(construct: Any, self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
    construct(self, *args, **kwargs)
    self.status = "active"


@dataclass
class Script:
    """What happens to the tasks of an account and region: their tables, whether they fail, and who copies rows."""

    tables: dict[str, TableScript] = field(default_factory=dict)
    fails_with: str = ""
    copied_by: str = ""


def script(fields: dict[str, Any]) -> None:
    """Write what happens from now on: `account`, `region`, `tables` ({"schema.table": {...}}), `fails_with`.

    `copied_by` is an address that is told of each start, {"task": ARN, "kind": the start's kind}: it copies the rows.

    Raises TypeError for a field that is not known, KeyError without a region.
    """
    backend = dms_backends[fields.pop("account", "123456789012")][fields.pop("region")]
    tables = {name: TableScript(**table) for name, table in fields.pop("tables", {}).items()}
    notes(backend, "script")["now"] = Script(tables=tables, **fields)


def _script(backend: Any) -> Script:
    now: Script = notes(backend, "script").get("now", Script())
    return now


def _task(backend: Any, arn: str) -> Any:
    if arn not in backend.replication_tasks:
        raise ResourceNotFoundFault("Replication task could not be found.")
    return backend.replication_tasks[arn]


@around(FakeReplicationTask)
def to_dict(render: Any, self: Any) -> dict[str, Any]:
    rendered: dict[str, Any] = epoch(render(self))
    running, looks = self.status in {"running", "stopping", "stopped"}, getattr(self, "looks", 0)
    rendered["ReplicationTaskStats"]["FullLoadProgressPercent"] = min(100, 50 * looks) if running else 0
    rendered["ReplicationTaskSettings"] = self.replication_task_settings or "{}"
    for name in ("stop_reason", "last_failure_message"):
        if text := getattr(self, name, ""):
            rendered["".join(part.capitalize() for part in name.split("_"))] = text
    return rendered


def _look(backend: Any, task: Any) -> None:
    """Let a task move on, once somebody looks."""
    task.status = NEXT_LOOK.get(task.status, task.status)
    if task.status == "running" and (reason := _script(backend).fails_with):
        task.status, task.last_failure_message = "failed", reason
        task.stop_reason = "Stop Reason FATAL_ERROR Error Level FATAL"
    elif task.status == "running":
        task.looks += 1
        if task.migration_type == FULL_LOAD and task.looks > 2:
            task.status, task.stop_date = "stopped", utcnow()
            task.stop_reason = "Stop Reason FULL_LOAD_ONLY_FINISHED"


@around(DatabaseMigrationServiceBackend)
def describe_replication_tasks(describe: Any, self: Any, filters: Any, max_records: int) -> list[Any]:
    tasks = list(describe(self, filters, max_records))
    if filters and not tasks:
        raise ResourceNotFoundFault("No Tasks found matching this filter")
    for task in tasks:
        _look(self, task)
    return tasks


# In AWS a task starts by and by, and refuses what does not fit its state; moto's runs at once, from any state.
@around(DatabaseMigrationServiceResponse)
def start_replication_task(start: Any, self: Any) -> str:
    task = _task(self.dms_backend, self._get_param("ReplicationTaskArn"))
    kind = self._get_param("StartReplicationTaskType")
    if task.status not in {"ready", "stopped", "failed"}:
        raise InvalidResourceStateFault(f"Replication Task cannot be started, invalid state: {task.status}")
    if (kind == "start-replication") != (task.start_date is None):
        raise InvalidParameterCombinationException(
            f"Start Type : {kind}, valid only for tasks "
            + ("that have run" if task.start_date is None else "running for the first time")
        )
    start(self)
    if address := _script(self.dms_backend).copied_by:
        body = json.dumps({"task": task.arn, "kind": kind}).encode()
        with urllib.request.urlopen(urllib.request.Request(address, body), timeout=COPY_SECONDS):  # noqa: S310
            pass
    task.status, task.stop_date, task.looks = "starting", None, 0
    task.stop_reason = task.last_failure_message = ""
    return json.dumps({"ReplicationTask": task.to_dict()})


@around(FakeReplicationTask)
def stop(stop_at_once: Any, self: Any) -> Any:
    stop_at_once(self)
    self.status, self.stop_reason = "stopping", "Stop Reason NORMAL"
    return self


@around(DatabaseMigrationServiceBackend)
def delete_replication_task(delete: Any, self: Any, replication_task_arn: str) -> Any:
    task = _task(self, replication_task_arn)
    if task.status in {"running", "starting", "stopping"}:
        raise InvalidResourceStateFault(f"Replication Task cannot be deleted, invalid state: {task.status}")
    return delete(self, replication_task_arn)


@added(DatabaseMigrationServiceResponse)
def describe_table_statistics(self: Any) -> str:
    task = _task(self.dms_backend, self._get_param("ReplicationTaskArn"))
    if task.start_date is None:
        rows = []
    else:
        task.table_looks = getattr(task, "table_looks", 0) + 1
        tables = _script(self.dms_backend).tables or tables_of(task.table_mappings)
        rows = [at_look(task.table_looks, name, table) for name, table in sorted(tables.items())]
    wanted = {one["Name"]: one["Values"] for one in self._get_param("Filters", [])}
    for name, key in (("schema-name", "SchemaName"), ("table-name", "TableName")):
        rows = [row for row in rows if name not in wanted or row[key] in wanted[name]]
    return json.dumps({"ReplicationTaskArn": task.arn, "TableStatistics": rows})


# AWS refuses to remove what a task still uses; moto lets it go.
@around(DatabaseMigrationServiceBackend)
def delete_replication_instance(delete: Any, self: Any, replication_instance_arn: str) -> Any:
    _refuse_used(self, replication_instance_arn)
    return delete(self, replication_instance_arn)


@around(DatabaseMigrationServiceBackend)
def delete_endpoint(delete: Any, self: Any, endpoint_arn: str) -> Any:
    _refuse_used(self, endpoint_arn)
    return delete(self, endpoint_arn)


def _refuse_used(backend: Any, arn: str) -> None:
    for task in backend.replication_tasks.values():
        if arn in {task.replication_instance_arn, task.source_endpoint_arn, task.target_endpoint_arn}:
            raise InvalidResourceStateFault(f"{arn} is in use by replication task {task.id}")
