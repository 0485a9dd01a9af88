"""RDS: copies of automated backups in another region, and what is restored from them.

A copy is five minutes behind while its database's region is there, and stays as it is when that is lost.
No rows are in it: a test that restores rows keeps a dump of a real PostgreSQL under the copy's ARN.
"""

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.core.responses import ActionResult
from moto.moto_api._internal import mock_random
from moto.rds.models import RDSBackend, rds_backends
from moto.rds.responses import RDSResponse

from emulator.patching import AwsError, added, around, notes
from emulator.regions import LOST

BEHIND = timedelta(minutes=5)
KEPT = (
    "db_instance_class",
    "engine",
    "engine_version",
    "allocated_storage",
    "storage_type",
    "master_username",
    "port",
    "iops",
)


def _copies(backend: Any) -> dict[str, Any]:
    return notes(backend, "backup_copies")


def _told(backend: Any, one: dict[str, Any]) -> dict[str, Any]:
    region = one["DBInstanceArn"].split(":")[3]
    until = LOST.since(backend.account_id, region) or datetime.now(UTC)
    latest = one.get("latest") or until - BEHIND
    known = {key: value for key, value in one.items() if key not in {"latest", "database"}}
    return {
        **known,
        "RestoreWindow": {"EarliestTime": one["since"], "LatestTime": max(latest, one["since"])},
        "Region": region,
    }


def set_latest(fields: dict[str, Any]) -> None:
    """Say to which moment (ISO 8601) the copy of a database is: `account`, `region` of the copy, `id`, `latest`."""
    backend = rds_backends[fields["account"]][fields["region"]]
    for one in _copies(backend).values():
        if one["DBInstanceIdentifier"] == fields["id"]:
            one["latest"] = datetime.fromisoformat(fields["latest"])
            one["since"] = min(one["since"], one["latest"])


@added(RDSResponse)
def start_db_instance_automated_backups_replication(self: Any) -> ActionResult:
    source = self.params["SourceDBInstanceArn"]
    region, name = source.split(":")[3], source.rpartition(":")[2]
    database = rds_backends[self.backend.account_id][region].databases.get(name)
    if database is None:
        raise AwsError("DBInstanceNotFound", f"DBInstance {name} not found.")
    here = f"{self.backend.region_name}:{self.backend.account_id}"
    arn = f"arn:aws:rds:{here}:auto-backup:ab-{mock_random.get_random_hex(40)}"
    database.db_instance_automated_backups_replications = [{"DBInstanceAutomatedBackupsArn": arn}]
    one = {
        "DBInstanceArn": source,
        "DbiResourceId": database.dbi_resource_id,
        "DBInstanceIdentifier": name,
        "Status": "replicating",
        "Engine": database.engine,
        "EngineVersion": database.engine_version,
        "AllocatedStorage": database.allocated_storage,
        "MasterUsername": database.master_username,
        "Encrypted": True,
        "KmsKeyId": self.params.get("KmsKeyId"),
        "BackupRetentionPeriod": self.params.get("BackupRetentionPeriod") or 7,
        "DBInstanceAutomatedBackupsArn": arn,
        "TagList": list(database.tags or []),
        "since": datetime.now(UTC),
        "database": {
            key.removeprefix("_"): copy.copy(value)
            for key, value in database.__dict__.items()
            if key not in {"backend", "db_subnet_group"}
        },
    }
    _copies(self.backend)[arn] = one
    return ActionResult({"DBInstanceAutomatedBackup": _told(self.backend, one)})


@added(RDSResponse)
def stop_db_instance_automated_backups_replication(self: Any) -> ActionResult:
    for one in _copies(self.backend).values():
        if one["DBInstanceArn"] == self.params["SourceDBInstanceArn"] and one["Status"] == "replicating":
            source = rds_backends[self.backend.account_id][one["DBInstanceArn"].split(":")[3]]
            if one["DBInstanceIdentifier"] in source.databases:
                source.databases[one["DBInstanceIdentifier"]].db_instance_automated_backups_replications = []
            one["latest"], one["Status"] = _told(self.backend, one)["RestoreWindow"]["LatestTime"], "retained"
            return ActionResult({"DBInstanceAutomatedBackup": _told(self.backend, one)})
    raise AwsError("InvalidDBInstanceState", "Automated backups replication is not enabled.")


@added(RDSResponse)
def delete_db_instance_automated_backup(self: Any) -> ActionResult:
    arn = self.params["DBInstanceAutomatedBackupsArn"]
    one = _copies(self.backend).pop(arn, None)
    if one is None:
        raise AwsError("DBInstanceAutomatedBackupNotFound", arn)
    return ActionResult({"DBInstanceAutomatedBackup": _told(self.backend, one)})


@around(RDSResponse)
def describe_db_instance_automated_backups(describe: Any, self: Any) -> ActionResult:
    arn, name = self.params.get("DBInstanceAutomatedBackupsArn"), self.params.get("DBInstanceIdentifier")
    copies = [_told(self.backend, one) for one in _copies(self.backend).values()]
    found = [
        one
        for one in copies
        if arn in {None, one["DBInstanceAutomatedBackupsArn"]} and name in {None, one["DBInstanceIdentifier"]}
    ]
    if arn is not None and not found:
        raise AwsError("DBInstanceAutomatedBackupNotFound", arn)
    own = [] if arn is not None else describe(self).result["DBInstanceAutomatedBackups"]
    return ActionResult({"DBInstanceAutomatedBackups": [*own, *found]})


@around(RDSBackend)
def restore_db_instance_to_point_in_time(
    restore: Any, self: Any, source: str | None, target: str, overrides: dict[str, Any]
) -> Any:
    arn = overrides.get("SourceDBInstanceAutomatedBackupsArn") or overrides.get(
        "source_db_instance_automated_backups_arn"
    )
    if arn is None:
        return restore(self, source, target, overrides)
    one = _copies(self).get(arn)
    if one is None:
        raise AwsError("DBInstanceAutomatedBackupNotFound", arn)
    kept = {key: value for key, value in one["database"].items() if key in KEPT or key == "db_name"}
    given = {key: value for key, value in overrides.items() if value}
    return self.create_db_instance(
        {**kept, **given, "db_instance_identifier": target, "storage_encrypted": True, "kms_key_id": one["KmsKeyId"]}
    )
