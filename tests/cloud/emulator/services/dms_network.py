"""DMS: the replication instance and its subnet group."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from moto.core.resource_tagging import TaggedResource
from moto.dms.models import DatabaseMigrationServiceBackend, FakeReplicationInstance, FakeReplicationSubnetGroup
from moto.ec2.models import ec2_backends

from emulator.patching import around


def epoch(value: Any) -> Any:
    """Return moments as numbers, which is what the JSON protocol says; moto answers with ISO 8601 text."""
    if isinstance(value, dict):
        return {key: epoch(one) for key, one in value.items()}
    if isinstance(value, str) and value[4:5] == "-" and value[10:11] == "T":
        return datetime.fromisoformat(value).timestamp()
    return value


@around(FakeReplicationInstance)
def to_dict(render: Any, self: Any) -> dict[str, Any]:
    rendered: dict[str, Any] = epoch(render(self))
    return rendered


def _group_arn(backend: Any, name: str) -> str:
    return f"arn:aws:dms:{backend.region_name}:{backend.account_id}:subgrp:{name}"


# AWS knows the subnets of a group and tags it by its ARN; moto answers constants and tags it by its name.
@around(DatabaseMigrationServiceBackend)
def create_replication_subnet_group(create: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
    tags = kwargs.pop("tags", None)
    group = create(self, *args, **kwargs)
    group.subnetIds, group.backend = kwargs["subnet_ids"], self
    if tags:
        self.tagger.tag_resource(_group_arn(self, group.replication_subnet_group_identifier), tags)
    return group


@around(FakeReplicationSubnetGroup)
def to_dict(render: Any, self: Any) -> dict[str, Any]:  # noqa: F811
    ec2 = ec2_backends[self.backend.account_id][self.backend.region_name]
    subnets = ec2.describe_subnets(subnet_ids=self.subnetIds)
    return {
        **render(self),
        "VpcId": subnets[0].vpc_id,
        "Subnets": [
            {
                "SubnetIdentifier": subnet.id,
                "SubnetAvailabilityZone": {"Name": subnet.availability_zone},
                "SubnetStatus": "Active",
            }
            for subnet in subnets
        ],
    }


@around(DatabaseMigrationServiceBackend)
def iter_tagged_resources(iterate: Any, self: Any) -> Iterator[TaggedResource]:
    yield from iterate(self)
    for name in self.replication_subnet_groups:
        arn = _group_arn(self, name)
        yield TaggedResource(arn, self.tagger.get_tag_dict_for_resource(arn), "dms:subgrp")
