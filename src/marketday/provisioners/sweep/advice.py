"""What a leftover that AWS or a person made costs or blocks, and what to do about it, in a sentence. Pure.

Each function gets what AWS answers about one thing, and its region. What Terraform made and removes needs no sentence.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_FUNCTION = re.compile(r"AWS Lambda VPC ENI-(?P<name>.+?)(-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?$")
_OF_DMS, _OF_RDS = "DMSNetworkInterface", "RDSNetworkInterface"
_FREE = "available"
VERSIONS = "{Objects: [Versions, DeleteMarkers][].{Key: Key, VersionId: VersionId}}"


@dataclass(frozen=True, slots=True)
class Advice:
    """A sentence for people; `passes` if AWS usually removes the thing by itself in less than an hour."""

    text: str
    passes: bool = False


def of_interface(item: Mapping[str, Any], region: str) -> Advice:
    """Advise about a network interface by its description, which is all that shows for whom AWS made it."""
    told, free = str(item.get("Description") or ""), item.get("Status") == _FREE
    remove = f"aws ec2 delete-network-interface --region {region} --network-interface-id {item['NetworkInterfaceId']}"
    attached = item.get("Attachment") or {}
    holds = "it costs nothing, but its subnet and its security groups cannot be removed before it"
    function = _FUNCTION.match(told)
    if function:
        who = f"Lambda made it for the function {function['name']}"
        used = f"aws lambda get-function-configuration --region {region} --function-name {function['name']}"
        goes = f"Lambda removes it up to 45 minutes after the function has left the network; see whether it has: {used}"
    elif told in (_OF_DMS, _OF_RDS):
        service = told.removesuffix("NetworkInterface")
        who, goes = f"{service} made it", f"{service} removes it some minutes after its instance is gone"
    elif item.get("RequesterManaged") or attached.get("InstanceOwnerId", item.get("OwnerId")) != item.get("OwnerId"):
        who, goes = f"AWS made it ({told or 'no description'})", "AWS removes it with what it belongs to"
    else:
        used = f"{attached.get('InstanceId') or 'something unknown'} uses it: ask its owner"
        return Advice(f"no service of AWS made it; {holds}; {f'nothing uses it: {remove}' if free else used}")
    return Advice(f"{who}; {holds}; {f'nothing uses it any more: {remove}' if free else goes}", passes=True)


def of_rule(item: Mapping[str, Any], region: str) -> Advice | None:
    """Advise about a rule that nobody has marked and that names another group."""
    named = (item.get("ReferencedGroupInfo") or {}).get("GroupId")
    if named in (None, item["GroupId"]) or item.get("Tags"):
        return None  # AWS's own rule of each network's default group names that group itself
    way, of = ("egress" if item.get("IsEgress") else "ingress"), f"--region {region} --group-id {item['GroupId']}"
    remove = f"aws ec2 revoke-security-group-{way} {of} --security-group-rule-ids {item['SecurityGroupRuleId']}"
    return Advice(f"somebody made it in {item['GroupId']}; {named} cannot be removed before it: {remove}")


def of_foreign(home: str) -> Advice:
    """Advise about something of another owner that is in something of ours, or uses it."""
    return Advice(f"not ours, so do not remove it; {home} cannot be removed before its owner takes it out")


def of_secret(item: Mapping[str, Any], region: str) -> Advice | None:
    """Advise about a secret that waits for its deletion; RDS removes its own."""
    if "DeletedDate" not in item or item.get("OwningService"):
        return None
    remove = f"aws secretsmanager delete-secret --region {region} --secret-id {item['Name']}"
    return Advice(
        "it costs nothing while it waits, but until then nobody can make a secret of this name; "
        f"at once, and for ever: {remove} --force-delete-without-recovery"
    )


def of_service(item: Mapping[str, Any], region: str) -> Advice | None:
    """Advise about a container service that does not end."""
    if item.get("status") != "DRAINING":
        return None
    name, cluster, role = item["serviceName"], item["clusterArn"].rpartition("/")[2], item.get("roleArn")
    made = "aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com"
    again = (
        f"make the role {role} again" if role and ":role/aws-service-role/" not in role else f"make it again: {made}"
    )
    return Advice(
        "its tasks cost until they have stopped, and its cluster cannot be removed before it; usually it ends within "
        f"minutes; if not, the role with which ECS ends it is gone: {again}, then "
        f"aws ecs wait services-inactive --region {region} --cluster {cluster} --services {name}"
    )


def of_bucket(item: Mapping[str, Any], _: str) -> Advice:
    """Advise about a bucket, which may hold evidence."""
    name = item["Name"]
    return Advice(
        "it costs by the GB, and cannot be removed while anything is in it, also old versions and delete markers; it "
        "may be evidence: first copy it into the bucket of logs of the stack permanent (aws s3 sync); then, until none "
        f'is left: aws s3api delete-objects --bucket {name} --delete "$(aws s3api list-object-versions --bucket {name} '
        f"--max-items 1000 --query '{VERSIONS}' --output json)\"; aws s3api delete-bucket --bucket {name}"
    )


def of_snapshot(item: Mapping[str, Any], region: str) -> Advice:
    """Advise about a snapshot of a database, which is evidence if somebody says so."""
    name = item["DBSnapshotIdentifier"]
    return Advice(
        "somebody made it, because destroying makes none; it costs by the GB, and nothing removes it; its key is "
        "deleted 30 days after the environment, so to keep it, copy it: aws rds copy-db-snapshot with --kms-key-id, "
        "another name, and --tags Key=marketday:stack,Value=permanent; "
        f"then: aws rds delete-db-snapshot --region {region} --db-snapshot-identifier {name}"
    )


def of_cache(item: Mapping[str, Any], region: str) -> Advice:
    """Advise about a cache, which may be half made."""
    name, state = item["ReplicationGroupId"], item.get("Status")
    wait = f"aws elasticache wait replication-group-available --region {region} --replication-group-id {name} && "
    remove = f"aws elasticache delete-replication-group --region {region} --replication-group-id {name}"
    return Advice(
        "it costs by the hour, also if Terraform does not know it, and its network cannot be removed before it; "
        f"{wait if state == 'creating' else ''}{remove}"
    )


def of_cache_subnets(item: Mapping[str, Any], region: str) -> Advice:
    """Advise about the subnet group of a cache."""
    name = item["CacheSubnetGroupName"]
    remove = f"aws elasticache delete-cache-subnet-group --region {region} --cache-subnet-group-name {name}"
    return Advice(f"it costs nothing, but its subnets cannot be removed before it; when its cache is gone: {remove}")
