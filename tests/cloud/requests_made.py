"""The requests that Terraform made, as IAM would ask a role about them: out of the emulator's log.

For EC2 with their resources, tags and conditions; for other services whether the role may do such a thing at all,
because a request's text does not tell the ARNs that AWS would check.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from .emulated import Account
from .policies import Resource, Statement, allowed, may

KINDS = {
    "acl": "network-acl",
    "eipalloc": "elastic-ip",
    "fl": "vpc-flow-log",
    "igw": "internet-gateway",
    "nat": "natgateway",
    "pcx": "vpc-peering-connection",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "subnet": "subnet",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
}
MADE = {
    "AllocateAddress": "elastic-ip",
    "AuthorizeSecurityGroupEgress": "security-group-rule",
    "AuthorizeSecurityGroupIngress": "security-group-rule",
    "CreateFlowLogs": "vpc-flow-log",
    "CreateInternetGateway": "internet-gateway",
    "CreateNatGateway": "natgateway",
    "CreateRouteTable": "route-table",
    "CreateSecurityGroup": "security-group",
    "CreateSubnet": "subnet",
    "CreateVpc": "vpc",
    "CreateVpcEndpoint": "vpc-endpoint",
    "CreateVpcPeeringConnection": "vpc-peering-connection",
}
# What a rule, a route or a peering leads to is not checked, only the group, the table or the network that it is in.
LEADS = re.compile(r"Route$|SecurityGroup|CreateVpcPeeringConnection")
TARGETS = re.compile(r"IpPermissions|GatewayId|VpcPeeringConnectionId|PeerVpcId")
ID = re.compile(rf"({'|'.join(KINDS)})-[0-9a-f]{{8,}}")
# The signing names of services whose actions have another prefix in policies.
PREFIXES = {"monitoring": "cloudwatch"}
# S3's operations that need an action of another name.
S3 = {
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "DeleteBucketTagging": "PutBucketTagging",
    "DeleteObjects": "DeleteObject",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetBucketCors": "GetBucketCORS",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "HeadBucket": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjectsV2": "ListBucket",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
}
# They name only an association, which has no ARN: AWS finds the route table or the address itself.
BY_ASSOCIATION = {"DisassociateAddress", "DisassociateRouteTable", "ReplaceRouteTableAssociation"}
EVERYBODY = {"sts:GetCallerIdentity"}


def tags_of(account: Account, region: str) -> dict[str, dict[str, str]]:
    """Return the tags of everything in EC2, by id."""
    found: dict[str, dict[str, str]] = {}
    for page in account.client("ec2", region).get_paginator("describe_tags").paginate():
        for tag in page["Tags"]:
            found.setdefault(tag["ResourceId"], {})[tag["Key"]] = tag["Value"]
    return found


def refused(
    statements: Sequence[Statement], calls: Iterable[Mapping[str, Any]], tags: Mapping[str, Mapping[str, str]]
) -> list[str]:
    """Return which of the calls the statements do not allow."""
    different = {
        (call["service"], call["action"], call["request"] if call["service"] == "ec2" else ""): call for call in calls
    }
    found = {_name(call): call["request"] for call in different.values() if not _allowed(statements, call, tags)}
    return [f"{name} {request}".strip() for name, request in sorted(found.items()) if name not in EVERYBODY]


def _name(call: Mapping[str, Any]) -> str:
    service = PREFIXES.get(call["service"], call["service"])
    return f"{service}:{S3.get(call['action'], call['action']) if service == 's3' else call['action']}"


def _allowed(statements: Sequence[Statement], call: Mapping[str, Any], tags: Mapping[str, Mapping[str, str]]) -> bool:
    if call["service"] != "ec2" or call["action"].startswith(("Describe", "Get")) or call["action"] in BY_ASSOCIATION:
        return may(statements, _name(call))
    asked = dict(parse_qsl(call["request"]))
    place = f"arn:aws:ec2:{call['region']}:{call['account']}"
    new = _new_tags(asked)
    context = {f"aws:RequestTag/{key}": value for key, value in new.items()} | {"aws:TagKeys": list(new)}
    ids = [
        found
        for name, value in asked.items()
        if (found := ID.fullmatch(value)) and not (LEADS.search(call["action"]) and TARGETS.search(name))
    ]
    named = [
        Resource(
            f"{place}:{KINDS[each[1]]}/{each[0]}",
            {f"aws:ResourceTag/{key}": value for key, value in tags.get(each[0], {}).items()},
        )
        for each in ids
    ]
    made = [Resource(f"{place}:{MADE[call['action']]}/*")] if call["action"] in MADE else []
    while_made = {**context, "ec2:CreateAction": call["action"]}
    return allowed(statements, _name(call), [*named, *made] or [Resource("*")], context) and (
        not (made and new) or allowed(statements, "ec2:CreateTags", made, while_made)
    )


def _new_tags(asked: Mapping[str, str]) -> dict[str, str]:
    keys = [name for name in asked if re.fullmatch(r"(TagSpecification\.\d+\.)?Tag\.\d+\.Key", name)]
    return {asked[name]: asked.get(f"{name.removesuffix('Key')}Value", "") for name in keys}
