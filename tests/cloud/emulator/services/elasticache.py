"""ElastiCache: replication groups and their members. Parameter groups are in a module of their own."""

from typing import Any

from moto.core.responses import ActionResult
from moto.elasticache.models import ElastiCacheBackend, ReplicationGroup, elasticache_backends
from moto.elasticache.responses import ElastiCacheResponse

from emulator.patching import AwsError, added, around


# AWS takes NumCacheClusters, the primary included; moto counts ReplicasPerNodeGroup alone.
@around(ReplicationGroup)
def _set_node_members_clusters_disabled(set_members: Any, self: Any, **kwargs: Any) -> None:
    if not kwargs["replicas_per_node_group"]:
        kwargs["replicas_per_node_group"] = int(kwargs["num_cache_clusters"] or 1) - 1
    set_members(self, **kwargs)


# In AWS the members of a replication group are cache clusters that can be described; in moto they are names.
@around(ElastiCacheBackend)
def describe_cache_clusters(describe: Any, self: Any, cache_cluster_id: str | None = None) -> list[Any]:
    members = [
        _member(self, group, name) for group in self.replication_groups.values() for name in group.member_clusters
    ]
    if cache_cluster_id is None:
        return [*describe(self), *members]
    return [member for member in members if member["CacheClusterId"] == cache_cluster_id] or describe(
        self, cache_cluster_id
    )


def _member(backend: Any, group: Any, name: str) -> dict[str, Any]:
    version = group.engine_version or "7.1"
    return {
        "CacheClusterId": name,
        "ARN": f"arn:aws:elasticache:{backend.region_name}:{backend.account_id}:cluster:{name}",
        "ReplicationGroupId": group.replication_group_id,
        "CacheClusterStatus": "available",
        "CacheNodeType": group.cache_node_type,
        "NumCacheNodes": 1,
        "Engine": group.engine,
        "EngineVersion": version if version.count(".") > 1 else f"{version}.0",
        "CacheSubnetGroupName": group.cache_subnet_group_name,
        "CacheParameterGroup": {
            "CacheParameterGroupName": group.cache_parameter_group_name or f"default.{group.engine}7",
            "ParameterApplyStatus": "in-sync",
        },
        "SecurityGroups": [{"SecurityGroupId": id_, "Status": "active"} for id_ in group.security_group_ids or []],
        "PreferredMaintenanceWindow": group.preferred_maintenance_window or "sun:05:00-sun:06:00",
        "AtRestEncryptionEnabled": bool(group.at_rest_encryption_enabled),
        "TransitEncryptionEnabled": bool(group.transit_encryption_enabled),
        "TransitEncryptionMode": group.transit_encryption_mode,
        "AutoMinorVersionUpgrade": group.auto_minor_version_upgrade in {None, True, "true"},
        "NetworkType": "ipv4",
        "IpDiscovery": "ipv4",
    }


def set_status(fields: dict[str, Any]) -> None:
    """Say how far a replication group is: `account`, `region`, `id`, `status` (creating, create-failed, available)."""
    backend = elasticache_backends[fields["account"]][fields["region"]]
    backend.replication_groups[fields["id"]].status = fields["status"]


# AWS tells the tags of a group only when it is available, and does not delete one that it is still making.
def _refuse_unready(backend: Any, name: str, *unready: str) -> None:
    group = backend.replication_groups.get(name)
    if group is not None and group.status in unready:
        message = f"Replication group {name} is in state {group.status}."
        raise AwsError("InvalidReplicationGroupState", message)


@around(ElastiCacheBackend)
def list_tags_for_resource(list_tags: Any, self: Any, arn: str) -> Any:
    _refuse_unready(self, arn.rpartition(":")[2], "creating", "create-failed")
    return list_tags(self, arn)


# In AWS a deleted group is gone; moto keeps it as "deleting" for ever.
@around(ElastiCacheBackend)
def delete_replication_group(delete: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
    _refuse_unready(self, kwargs.get("replication_group_id") or args[0], "creating")
    group = delete(self, *args, **kwargs)
    del self.replication_groups[group.replication_group_id]
    return group


@added(ElastiCacheResponse)
def delete_cache_subnet_group(self: Any) -> ActionResult:
    name = self._get_param("CacheSubnetGroupName")
    self.elasticache_backend.describe_cache_subnet_groups(name)
    del self.elasticache_backend.cache_subnet_groups[name]
    return ActionResult({})


# Nobody can make one of these here.
@added(ElastiCacheResponse)
def describe_user_groups(self: Any) -> ActionResult:
    return ActionResult({"UserGroups": []})


@added(ElastiCacheResponse)
def describe_serverless_caches(self: Any) -> ActionResult:
    return ActionResult({"ServerlessCaches": []})
