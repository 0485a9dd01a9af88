"""The timeline of an emulated DMS task, as a test writes it."""

import json

import pytest
from botocore.exceptions import ClientError

MAPPINGS = {
    "rules": [
        {
            "rule-type": "selection",
            "rule-id": "1",
            "rule-name": "1",
            "object-locator": {"schema-name": "public", "table-name": "orders"},
            "rule-action": "include",
        }
    ]
}


@pytest.fixture
def dms(account):
    return account.client("dms")


@pytest.fixture
def task(account, dms):
    """A task between two databases, ready to start; returns its ARN."""
    ec2 = account.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{index}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for index, zone in enumerate(("ap-northeast-2a", "ap-northeast-2c"))
    ]
    group = dms.create_replication_subnet_group(
        ReplicationSubnetGroupIdentifier="g", ReplicationSubnetGroupDescription="g", SubnetIds=subnets
    )["ReplicationSubnetGroup"]
    assert (group["VpcId"], {one["SubnetIdentifier"] for one in group["Subnets"]}) == (vpc, set(subnets))
    instance = dms.create_replication_instance(
        ReplicationInstanceIdentifier="i", ReplicationInstanceClass="dms.t3.small"
    )
    ends = [
        dms.create_endpoint(EndpointIdentifier=kind, EndpointType=kind, EngineName="postgres")["Endpoint"][
            "EndpointArn"
        ]
        for kind in ("source", "target")
    ]
    made = dms.create_replication_task(
        ReplicationTaskIdentifier="t",
        SourceEndpointArn=ends[0],
        TargetEndpointArn=ends[1],
        ReplicationInstanceArn=instance["ReplicationInstance"]["ReplicationInstanceArn"],
        MigrationType="full-load-and-cdc",
        TableMappings=json.dumps(MAPPINGS),
    )["ReplicationTask"]["ReplicationTaskArn"]
    assert state(dms, made)["Status"] == "ready"
    return made


def state(dms, arn):
    return dms.describe_replication_tasks(Filters=[{"Name": "replication-task-arn", "Values": [arn]}])[
        "ReplicationTasks"
    ][0]


def tables(dms, arn):
    rows = dms.describe_table_statistics(ReplicationTaskArn=arn)["TableStatistics"]
    return {row["TableName"]: (row["TableState"], row["FullLoadRows"], row["ValidationState"]) for row in rows}


def start(dms, arn, kind="start-replication"):
    dms.start_replication_task(ReplicationTaskArn=arn, StartReplicationTaskType=kind)


def test_a_task_moves_on_look_by_look(dms, task):
    start(dms, task)
    assert [state(dms, task)["Status"] for _ in range(2)] == ["running", "running"]
    assert [tables(dms, task)["orders"] for _ in range(4)] == [
        ("Before load", 0, "Pending records"),
        ("Full load", 50, "Pending records"),
        ("Table completed", 100, "Pending records"),
        ("Table completed", 100, "Validated"),
    ]
    with pytest.raises(ClientError, match="InvalidResourceStateFault"):
        dms.delete_replication_task(ReplicationTaskArn=task)
    dms.stop_replication_task(ReplicationTaskArn=task)
    assert state(dms, task)["Status"] == "stopped"
    with pytest.raises(ClientError, match="running for the first time"):
        start(dms, task)
    start(dms, task, "resume-processing")
    assert state(dms, task)["Status"] == "running"


def test_a_test_writes_how_the_tables_end(account, dms, task):
    account.script_dms(
        tables={
            "public.orders": {"rows": 9, "outcome": "Mismatched records", "failed": 2},
            "public.payments": {"rows": 4, "outcome": "Table error"},
        }
    )
    start(dms, task)
    seen = [tables(dms, task) for _ in range(4)][-1]
    assert seen["orders"] == ("Table completed", 9, "Mismatched records")
    assert seen["payments"] == ("Table error", 4, "Table error")


def test_a_task_fails_when_a_test_says_so(account, dms, task):
    account.script_dms(fails_with="no connection to the source")
    start(dms, task)
    failed = state(dms, task)
    assert (failed["Status"], failed["LastFailureMessage"]) == ("failed", "no connection to the source")


def test_nothing_that_a_task_uses_is_removed_before_it(dms, task):
    instance = state(dms, task)["ReplicationInstanceArn"]
    with pytest.raises(ClientError, match="in use by replication task"):
        dms.delete_replication_instance(ReplicationInstanceArn=instance)
    dms.delete_replication_task(ReplicationTaskArn=task)
    dms.delete_replication_instance(ReplicationInstanceArn=instance)
    with pytest.raises(ClientError, match="ResourceNotFoundFault"):
        state(dms, task)
