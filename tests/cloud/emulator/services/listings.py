"""Listings that moto lacks or refuses, of things that nobody can make here: they are empty, and not an error."""

from collections.abc import Mapping
from typing import Any

from moto.core.responses import ActionResult
from moto.elasticache.responses import ElastiCacheResponse
from moto.rds.models import RDSBackend
from moto.rds.responses import RDSResponse

from emulator.patching import added, around


@added(RDSResponse)
def describe_db_cluster_automated_backups(self: Any) -> ActionResult:
    return ActionResult({"DBClusterAutomatedBackups": []})


@added(ElastiCacheResponse)
def describe_user_groups(self: Any) -> ActionResult:
    return ActionResult({"UserGroups": []})


@added(ElastiCacheResponse)
def describe_serverless_caches(self: Any) -> ActionResult:
    return ActionResult({"ServerlessCaches": []})


# AWS lists all option groups when none is named; moto wants a name, and finds it an error that there are none.
@around(RDSBackend)
def describe_option_groups(describe: Any, self: Any, wanted: Mapping[str, Any]) -> list[Any]:
    if wanted.get("option_group_name"):
        found: list[Any] = describe(self, wanted)
        return found
    return list(self.option_groups.values())
