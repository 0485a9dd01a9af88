"""Finders of keys, secrets and parameters, and of the roles, users and policies that give access to them."""

from functools import partial

from marketday.provisioners.sweep import advice
from marketday.provisioners.sweep.finder import HOME, Ask, Finder

_iam = partial(Finder, service="iam", region=HOME, arn="Arn")
_WHO = (
    _iam(
        "role",
        call="ListRoles",
        items="Roles",
        id="RoleName",
        type="iam:role/",
        names=("Description",),
        ask_tags=Ask("ListRoleTags", {"RoleName": "RoleName"}, "Tags"),
        theirs=("Path", "/aws-service-role/"),
    ),
    _iam(
        "policy",
        call="ListPolicies",
        items="Policies",
        id="PolicyName",
        type="iam:policy/",
        ask_tags=Ask("ListPolicyTags", {"PolicyArn": "Arn"}, "Tags"),
        arguments={"Scope": "Local"},
    ),
    _iam(
        "instance profile",
        call="ListInstanceProfiles",
        items="InstanceProfiles",
        id="InstanceProfileName",
        type="iam:instance-profile/",
        ask_tags=Ask("GetInstanceProfile", {"InstanceProfileName": "InstanceProfileName"}, "InstanceProfile.Tags"),
    ),
)
_WHAT = (
    Finder(
        "secret",
        "secretsmanager",
        "ListSecrets",
        "SecretList",
        id="Name",
        arn="ARN",
        type="secretsmanager:secret:",
        names=("Description",),
        tags="Tags",
        until="DeletedDate",
        advice=advice.of_secret,
        arguments={"IncludePlannedDeletion": True},
    ),
    Finder(
        "parameter",
        "ssm",
        "DescribeParameters",
        "Parameters",
        id="Name",
        type="ssm:parameter/",
        ask_tags=Ask("ListTagsForResource", {"ResourceId": "Name"}, "TagList", {"ResourceType": "Parameter"}),
    ),
    # A key waits at least 7 days before it is deleted, and costs nothing in that time.
    Finder(
        "key",
        "kms",
        "ListKeys",
        "Keys",
        id="KeyId",
        arn="Arn",
        type="kms:key/",
        names=("Description",),
        ask_tags=Ask("ListResourceTags", {"KeyId": "KeyId"}, "Tags"),
        state="KeyState",
        going=("PendingDeletion", "PendingReplicaDeletion"),
        until="DeletionDate",
        theirs=("KeyManager", "AWS"),
        describe=Ask("DescribeKey", {"KeyId": "KeyId"}, "KeyMetadata"),
    ),
    Finder(
        "key alias",
        "kms",
        "ListAliases",
        "Aliases",
        id="AliasName",
        inside=("TargetKeyId",),
        theirs=("AliasName", "alias/aws/"),
    ),
)

SECRETS = (*_WHO, *_WHAT)
