"""AWS DMS in memory: one task. Each call that reads its state also moves it to the next state.

`copy_rows` stands for what the task itself does: it copies the rows, with the credentials that DMS would have.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from botocore.exceptions import ClientError

from marketday.handback.tables import TABLES
from marketday.kit.database import connect

TASK = "arn:aws:dms:ap-northeast-2:123456789012:task:WINDOW"
_NEXT = {"creating": "ready", "starting": "running", "stopping": "stopped", "deleting": ""}

Statistics = Mapping[str, Mapping[str, Any]]  # table -> what differs from DONE

LOADING: Mapping[str, Any] = {"TableState": "Full load", "ValidationState": "Pending validation"}
DONE: Mapping[str, Any] = {
    "SchemaName": "public",
    "TableState": "Table completed",
    "ValidationState": "Validated",
    "FullLoadErrorRows": 0,
    "ValidationPendingRecords": 0,
    "ValidationFailedRecords": 0,
    "ValidationSuspendedRecords": 0,
    **dict.fromkeys(("Inserts", "Updates", "Deletes", "AppliedInserts", "AppliedUpdates", "AppliedDeletes"), 0),
}


async def copy_rows(source_url: str, target_url: str, schema: str, kind: str) -> None:
    """Copy every table from one database into `schema` of the other, beside a table of DMS's own.

    `kind` is the kind of the start: after `resume-processing` the rows replace those of an earlier copy.
    """
    source, target = await connect(source_url), await connect(target_url)
    try:
        await target.execute(f"CREATE TABLE IF NOT EXISTS {schema}.awsdms_status (server_name text, task_name text)")
        for table in TABLES:
            rows = io.BytesIO()
            await source.copy_from_table(table.name, output=rows)
            rows.seek(0)
            if kind == "resume-processing":
                await target.execute(f"DELETE FROM {schema}.{table.name}")  # noqa: S608 - names of ours
            await target.copy_to_table(table.name, schema_name=schema, source=rows)
    finally:
        await source.close()
        await target.close()


class FakeDms:
    """boto3's `dms` client, with only the calls that the hand-back makes.

    `load` is called when the task starts, with the kind of the start, and may copy rows. `rounds` are the answers of
    `describe_table_statistics`, one after the other; the last one is repeated. If `later` is given, a start that loads
    everything replaces `rounds` by it.
    """

    def __init__(self, load: Callable[[str], None] = lambda _: None, *, status: str = "ready", page: int = 4) -> None:
        self.status = status  # "" if the task does not exist any more
        self.failure = ""  # if set, the task fails with this message when it is next read while it runs
        self.connections: dict[str, str] = {}  # endpoint -> status
        self.unreachable: str = ""  # the endpoint whose connection test fails
        self.rounds: list[Statistics] = [{"orders": LOADING}, {}]
        self.later: list[Statistics] = []
        self.calls: list[str] = []  # the calls that changed something, in order
        self._load = load
        self._page = page

    def describe_replication_tasks(self, *, Filters: Sequence[Any], WithoutSettings: bool) -> Any:  # noqa: ARG002, N803 - as boto3 names them
        """Return the task, and move it to its next state."""
        if not self.status:
            _refuse("DescribeReplicationTasks", "ResourceNotFoundFault", "No Tasks found matching the filter")
        if self.failure and self.status == "running":
            self.status = "failed"
        task = {
            "ReplicationTaskArn": TASK,
            "ReplicationInstanceArn": "instance",
            "SourceEndpointArn": "source",
            "TargetEndpointArn": "target",
            "Status": self.status,
        }
        if self.status == "failed":
            task["LastFailureMessage"], self.failure = self.failure, ""
        self.status = _NEXT.get(self.status, self.status)
        return {"ReplicationTasks": [task]}

    def describe_connections(self, *, Filters: Sequence[Any]) -> Any:  # noqa: N803 - as boto3 names them
        """Return the endpoint's connection; a test is shown as running once, and then with its result."""
        endpoint = Filters[0]["Values"][0]
        status = self.connections.get(endpoint)
        if status is None:
            return {"Connections": []}
        if status == "testing":
            self.connections[endpoint] = "failed" if endpoint == self.unreachable else "successful"
        connection = {"ReplicationInstanceArn": "instance", "Status": status}
        if status == "failed":
            connection["LastFailureMessage"] = "password authentication failed"
        return {"Connections": [connection]}

    def test_connection(self, *, ReplicationInstanceArn: str, EndpointArn: str) -> None:  # noqa: ARG002, N803 - as boto3 names them
        """Begin the connection test."""
        self.calls.append(f"test {EndpointArn}")
        self.connections[EndpointArn] = "testing"

    def start_replication_task(self, *, ReplicationTaskArn: str, StartReplicationTaskType: str) -> None:  # noqa: ARG002, N803 - as boto3 names them
        """Start the task: call `load`."""
        startable = ("ready",) if StartReplicationTaskType == "start-replication" else ("stopped", "failed")
        if self.status not in startable:
            _refuse("StartReplicationTask", "InvalidResourceStateFault", f"the task is {self.status}")
        if set(self.connections.values()) != {"successful"}:
            _refuse("StartReplicationTask", "InvalidResourceStateFault", "test connection should be successful")
        if StartReplicationTaskType == "reload-target" and self.later:
            self.rounds, self.later = self.later, []
        self.calls.append(StartReplicationTaskType)
        self._load(StartReplicationTaskType)
        self.status = "starting"

    def describe_table_statistics(self, *, ReplicationTaskArn: str, Marker: str = "0") -> Any:  # noqa: ARG002, N803 - as boto3 names them
        """Return one page; after the last page the next call returns the next of `rounds`."""
        begin, now = int(Marker), self.rounds[0]
        tables = [{**DONE, **now.get(table.name, {}), "TableName": table.name} for table in TABLES]
        tables.append({**DONE, "SchemaName": "other", "TableName": "orders", "TableState": "Table error"})
        end = begin + self._page
        answer: dict[str, Any] = {"TableStatistics": tables[begin:end]}
        if end < len(tables):
            answer["Marker"] = str(end)
        elif len(self.rounds) > 1:
            self.rounds = self.rounds[1:]
        return answer

    def stop_replication_task(self, *, ReplicationTaskArn: str) -> None:  # noqa: ARG002, N803 - as boto3 names them
        """Begin to stop the task."""
        if self.status != "running":
            _refuse("StopReplicationTask", "InvalidResourceStateFault", f"the task is {self.status}")
        self.calls.append("stop")
        self.status = "stopping"

    def delete_replication_task(self, *, ReplicationTaskArn: str) -> None:  # noqa: ARG002, N803 - as boto3 names them
        """Begin to delete the task."""
        if self.status not in ("ready", "stopped", "failed"):
            _refuse("DeleteReplicationTask", "InvalidResourceStateFault", f"the task is {self.status}")
        self.calls.append("delete")
        self.status = "deleting"


def _refuse(operation: str, code: str, message: str) -> NoReturn:
    raise ClientError({"Error": {"Code": code, "Message": message}}, operation)
