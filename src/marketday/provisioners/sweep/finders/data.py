"""Finders of things that keep data, and of their copies, which stay after them."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from marketday.provisioners.sweep import advice
from marketday.provisioners.sweep.finder import HOME, Ask, Finder, first


def _rds(kind: str, call: str, items: str, name: str, arn: str, type_: str, **more: Any) -> Finder:
    """Return a finder of RDS; without a path `tags` in the listing, each thing's tags are asked for."""
    if "tags" not in more:
        more["ask_tags"] = Ask("ListTagsForResource", {"ResourceName": arn}, "TagList")
    return Finder(kind, "rds", call, items, id=name, arn=arn, type=f"rds:{type_}:", **more)


def _removed_by_rds(backup: Any) -> datetime | None:
    """Return when RDS removes the backups of a removed database; None if it is not known."""
    latest, days = first(backup, "RestoreWindow.LatestTime"), first(backup, "BackupRetentionPeriod")
    if backup.get("Status") != "retained" or not isinstance(latest, datetime) or not days:
        return None
    return latest + timedelta(days=days)


_INSTANCE = "DBInstanceIdentifier"
_RDS = (
    _rds(
        "database",
        "DescribeDBInstances",
        "DBInstances",
        _INSTANCE,
        "DBInstanceArn",
        "db",
        tags="TagList",
        inside=("DBSubnetGroup.VpcId",),
        state="DBInstanceStatus",
    ),
    *(
        _rds(
            "database snapshot",
            "DescribeDBSnapshots",
            "DBSnapshots",
            "DBSnapshotIdentifier",
            "DBSnapshotArn",
            "snapshot",
            names=(_INSTANCE,),
            tags="TagList",
            state="Status",
            advice=advice.of_snapshot,
            theirs=("DBSnapshotIdentifier", "rds:"),  # a part of the automated backups below, and gone with them
            arguments=arguments,
        )
        for arguments in ({}, {"SnapshotType": "awsbackup"})
    ),
    _rds(
        "automated backup",
        "DescribeDBInstanceAutomatedBackups",
        "DBInstanceAutomatedBackups",
        _INSTANCE,
        "DBInstanceAutomatedBackupsArn",
        "auto-backup",
        tags="TagList",
        state="Status",
        kept=("retained",),
        until=_removed_by_rds,
    ),
    _rds(
        "database parameter group",
        "DescribeDBParameterGroups",
        "DBParameterGroups",
        "DBParameterGroupName",
        "DBParameterGroupArn",
        "pg",
        theirs=("DBParameterGroupName", "default."),
    ),
    _rds(
        "database subnet group",
        "DescribeDBSubnetGroups",
        "DBSubnetGroups",
        "DBSubnetGroupName",
        "DBSubnetGroupArn",
        "subgrp",
        inside=("VpcId",),
    ),
    _rds(
        "option group",
        "DescribeOptionGroups",
        "OptionGroupsList",
        "OptionGroupName",
        "OptionGroupArn",
        "og",
        theirs=("OptionGroupName", "default:"),
    ),
)

_cache = partial(
    Finder, service="elasticache", arn="ARN", ask_tags=Ask("ListTagsForResource", {"ResourceName": "ARN"}, "TagList")
)
_CACHE = (
    _cache(
        "cache",
        call="DescribeReplicationGroups",
        items="ReplicationGroups",
        id="ReplicationGroupId",
        type="elasticache:replicationgroup:",
        state="Status",
        advice=advice.of_cache,
    ),
    _cache(
        "cache node",
        call="DescribeCacheClusters",
        items="CacheClusters",
        id="CacheClusterId",
        type="elasticache:cluster:",
        names=("ReplicationGroupId",),
        state="CacheClusterStatus",
    ),
    _cache(
        "cache snapshot",
        call="DescribeSnapshots",
        items="Snapshots",
        id="SnapshotName",
        type="elasticache:snapshot:",
        names=("ReplicationGroupId", "CacheClusterId"),
        state="SnapshotStatus",
    ),
    _cache(
        "cache parameter group",
        call="DescribeCacheParameterGroups",
        items="CacheParameterGroups",
        id="CacheParameterGroupName",
        type="elasticache:parametergroup:",
        theirs=("CacheParameterGroupName", "default."),
    ),
    _cache(
        "cache subnet group",
        call="DescribeCacheSubnetGroups",
        items="CacheSubnetGroups",
        id="CacheSubnetGroupName",
        type="elasticache:subnetgroup:",
        inside=("VpcId",),
        advice=advice.of_cache_subnets,
    ),
    _cache(
        "cache user",
        call="DescribeUsers",
        items="Users",
        id="UserId",
        type="elasticache:user:",
        state="Status",
        names=("UserName",),
        theirs=("UserId", "default"),
    ),
    _cache(
        "cache user group",
        call="DescribeUserGroups",
        items="UserGroups",
        id="UserGroupId",
        type="elasticache:usergroup:",
        state="Status",
    ),
)


def _dms(kind: str, call: str, items: str, name: str, arn: str, type_: str, **more: Any) -> Finder:
    tags = Ask("ListTagsForResource", {"ResourceArn": arn}, "TagList")
    return Finder(kind, "dms", call, items, id=name, arn=arn, type=f"dms:{type_}:", ask_tags=tags, **more)


_DMS = (
    _dms(
        "replication instance",
        "DescribeReplicationInstances",
        "ReplicationInstances",
        "ReplicationInstanceIdentifier",
        "ReplicationInstanceArn",
        "rep",
        state="ReplicationInstanceStatus",
    ),
    _dms(
        "replication endpoint",
        "DescribeEndpoints",
        "Endpoints",
        "EndpointIdentifier",
        "EndpointArn",
        "endpoint",
        state="Status",
    ),
    _dms(
        "replication task",
        "DescribeReplicationTasks",
        "ReplicationTasks",
        "ReplicationTaskIdentifier",
        "ReplicationTaskArn",
        "task",
        state="Status",
    ),
    _dms(
        "replication certificate",
        "DescribeCertificates",
        "Certificates",
        "CertificateIdentifier",
        "CertificateArn",
        "cert",
    ),
    Finder(
        "replication subnet group",
        "dms",
        "DescribeReplicationSubnetGroups",
        "ReplicationSubnetGroups",
        id="ReplicationSubnetGroupIdentifier",
        type="dms:subgrp:",
        inside=("VpcId",),
    ),
)

_repositories = Finder(
    "image repository",
    "ecr",
    "DescribeRepositories",
    "repositories",
    id="repositoryName",
    arn="repositoryArn",
    type="ecr:repository/",
    ask_tags=Ask("ListTagsForResource", {"resourceArn": "repositoryArn"}, "tags"),
)
_KEPT = (
    Finder(
        "bucket",
        "s3",
        "ListBuckets",
        "Buckets",
        id="Name",
        type="s3:",
        ask_tags=Ask("GetBucketTagging", {"Bucket": "Name"}, "TagSet"),
        region=HOME,
        granted_by="s3:ListAllMyBuckets",
        advice=advice.of_bucket,
    ),
    Finder("table", "dynamodb", "ListTables", "TableNames", type="dynamodb:table/"),
    Finder(
        "table backup",
        "dynamodb",
        "ListBackups",
        "BackupSummaries",
        id="BackupName",
        arn="BackupArn",
        names=("TableName",),
        state="BackupStatus",
        gone=("DELETED",),
    ),
    _repositories,
    Finder(
        "image",
        "ecr",
        "DescribeImages",
        "imageDetails",
        id="imageDigest",
        names=("imageTags",),
        each=(_repositories, {"repositoryName": "repositoryName"}),
    ),
)

DATA = (*_RDS, *_CACHE, *_DMS, *_KEPT)
