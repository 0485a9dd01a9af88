"""RDS."""

import string
from collections.abc import Iterable
from typing import Any

from moto.core.responses import ActionResult
from moto.moto_api._internal import mock_random
from moto.rds.models import DBCluster, DBInstance, DBParameterGroup, RDSBackend
from moto.rds.responses import RDSResponse

from emulator.patching import added, around

RESOURCE_ID_LENGTH = 26


@around(DBInstance)
def __init__(construct: Any, self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
    construct(self, *args, **kwargs)
    # In AWS a resource id is unique, and the provider finds an instance by it; moto's is a constant.
    letters = string.ascii_uppercase + string.digits
    self.dbi_resource_id = "db-" + "".join(mock_random.choice(letters) for _ in range(RESOURCE_ID_LENGTH))
    # moto drops the settings of Performance Insights.
    wanted = str(kwargs.get("enable_performance_insights") or "").lower() == "true"
    self.performance_insights_enabled = wanted
    if wanted:
        self.performance_insights_retention_period = int(kwargs.get("performance_insights_retention_period") or 7)
        self.performance_insights_kms_key_id = kwargs.get("performance_insights_kms_key_id")


# A restored database gets them by a change after it was made; moto drops that as well.
@around(RDSBackend)
def modify_db_instance(modify: Any, self: Any, db_instance_identifier: str, db_kwargs: dict[str, Any]) -> Any:
    wanted = db_kwargs.get("enable_performance_insights")
    database = modify(self, db_instance_identifier, db_kwargs)
    if wanted is not None:
        database.performance_insights_enabled = str(wanted).lower() == "true"
        period = db_kwargs.get("performance_insights_retention_period")
        database.performance_insights_retention_period = int(period or 7)
        database.performance_insights_kms_key_id = db_kwargs.get("performance_insights_kms_key_id")
    return database


# AWS marks a parameter that somebody set with the source "user"; the provider reads those alone.
@around(DBParameterGroup)
def update_parameters(update: Any, self: Any, new_parameters: Iterable[dict[str, Any]]) -> None:
    update(self, [{**parameter, "Source": "user"} for parameter in new_parameters])


def _scaling_configuration(cluster: Any) -> Any:
    return cluster.scaling_configuration if cluster.engine_mode == "serverless" else None


# AWS has no scaling configuration for a provisioned cluster; moto answers with one.
DBCluster.scaling_configuration_info = property(_scaling_configuration)


# AWS lists all option groups to whoever names none; moto fails at the missing name.
@around(RDSBackend)
def describe_option_groups(describe: Any, self: Any, option_group_kwargs: dict[str, Any]) -> list[Any]:
    if "option_group_name" in option_group_kwargs:
        groups: list[Any] = describe(self, option_group_kwargs)
        return groups
    return list(self.option_groups.values())


# Nobody can make one here.
@added(RDSResponse)
def describe_db_cluster_automated_backups(self: Any) -> ActionResult:
    return ActionResult({"DBClusterAutomatedBackups": []})
