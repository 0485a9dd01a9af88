"""What somebody who has taken over a build host, or the lifecycle's function, can ask of AWS, and is refused."""

import json
import re

import pytest

from marketday.kit.ids import new_id
from marketday.provisioners.terraform.model import Run, Stack
from marketday.provisioners.terraform.script import Source

from .policies import Resource, allowed, as_json
from .rights import Rights, rights
from .terraform import STACKS, copy_of_stacks

ACCOUNT, REGION = "210987654321", "ap-northeast-2"
EC2 = f"arn:aws:ec2:{REGION}:{ACCOUNT}"
IAM = f"arn:aws:iam::{ACCOUNT}"
MALL = {
    "vpc_id": "vpc-0mall",
    "security_group_id": "sg-0mall",
    "route_table_ids": ["rtb-0mall"],
    "subnet_ids": ["subnet-0malldata"],
    "kms_key_arn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/mall",
}
EVENT, LINK, PROD = "event", "link", "prod"
REQUEST, TAGGED = "aws:RequestTag/marketday:stack", "aws:ResourceTag/marketday:stack"


@pytest.fixture(scope="module")
def roles(terraform, mocked, tmp_path_factory) -> Rights:
    stacks = copy_of_stacks(tmp_path_factory.mktemp("rights"))
    return rights(terraform, stacks, mocked, ACCOUNT, REGION, MALL)


def ec2(name: str, stack: str | None = None, **more: str) -> Resource:
    return Resource(f"{EC2}:{name}", {**({TAGGED: stack} if stack else {}), **more})


UNUSED = ec2("network-interface/eni-0", **{"ec2:Subnet": f"{EC2}:subnet/subnet-0malldata"})
MALLS_GROUP, MALLS_ROUTES = ec2("security-group/sg-0mall", PROD), ec2("route-table/rtb-0mall", PROD)
OTHER_GROUP, NEW_RULE = ec2("security-group/sg-0untagged"), ec2("security-group-rule/*")
STATES = "arn:aws:s3:::marketday-state"
STATE = {stack: f"{STATES}/{Source('', {}).state_key(Run(*[new_id()] * 2, stack, *[None] * 4))}" for stack in Stack}
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret"
OWN_SECRET = Resource(f"{SECRET}:md-3f9a1c2e/cache-url-AbCdEf")


def password(database: str) -> Resource:
    """Return the secret that RDS made for a database, with RDS's own tag."""
    owner = {"aws:ResourceTag/aws:rds:primaryDBInstanceArn": f"arn:aws:rds:{REGION}:{ACCOUNT}:db:{database}"}
    return Resource(f"{SECRET}:rds!db-1-AbCdEf", owner)


OTHERS_PASSWORD = password("payroll")
AS_EVENT = {REQUEST: EVENT, "aws:TagKeys": ["marketday:stack", "Name"]}
AS_LINK = {REQUEST: LINK, "aws:TagKeys": ["marketday:stack", "Name"]}

# Who asks: event (a build host for environments) or link (one for links). Each line is one request, refused as a whole.
REFUSED = {
    "tag a group that nobody has tagged": (EVENT, "ec2:CreateTags", [OTHER_GROUP], AS_EVENT),
    "tag it as if it were just made": (
        *(EVENT, "ec2:CreateTags", [OTHER_GROUP]),
        {**AS_EVENT, "ec2:CreateAction": "RunInstances"},
    ),
    "change a group that nobody has tagged": (EVENT, "ec2:RevokeSecurityGroupIngress", [OTHER_GROUP], {}),
    "open it with a rule that has our tag": (
        *(EVENT, "ec2:AuthorizeSecurityGroupIngress", [OTHER_GROUP, NEW_RULE]),
        AS_EVENT,
    ),
    "open the mall's database": (EVENT, "ec2:AuthorizeSecurityGroupIngress", [MALLS_GROUP, NEW_RULE], AS_EVENT),
    "open the mall's database without a tag": (EVENT, "ec2:AuthorizeSecurityGroupIngress", [MALLS_GROUP], {}),
    "close the mall's database": (EVENT, "ec2:RevokeSecurityGroupIngress", [MALLS_GROUP], {}),
    "route the mall's traffic": (EVENT, "ec2:CreateRoute", [MALLS_ROUTES], {}),
    "cut the mall's routes": (EVENT, "ec2:DeleteRoute", [MALLS_ROUTES], {}),
    "make the mall's group ours": (EVENT, "ec2:CreateTags", [MALLS_GROUP], AS_EVENT),
    "give our group to another stack": (
        *(EVENT, "ec2:CreateTags", [ec2("security-group/sg-0event", EVENT)]),
        {REQUEST: LINK, "aws:TagKeys": ["marketday:stack"]},
    ),
    "peer with the mall": (
        *(EVENT, "ec2:CreateVpcPeeringConnection", [ec2("vpc/vpc-0mall", PROD), ec2("vpc-peering-connection/*")]),
        AS_EVENT,
    ),
    "make a subnet in the mall's network": (
        *(EVENT, "ec2:CreateSubnet", [ec2("vpc/vpc-0mall", PROD), ec2("subnet/*")]),
        AS_EVENT,
    ),
    "make a gateway in the mall's subnet": (
        *(EVENT, "ec2:CreateNatGateway", [ec2("subnet/subnet-0mall", PROD), ec2("natgateway/*")]),
        AS_EVENT,
    ),
    "copy the mall's database": (
        *(EVENT, "dms:CreateReplicationTask", [Resource("*")]),
        {REQUEST: LINK},
    ),
    "read a link's credential": (
        *(EVENT, "secretsmanager:GetSecretValue"),
        [Resource(f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:md-3f9a1c2e-link-target-AbCdEf")],
        {},
    ),
    "let the role for links work with a state of its own": (EVENT, "s3:PutObject", [Resource(STATE[LINK])], {}),
    "take the lock of a link": (EVENT, "s3:PutObject", [Resource(f"{STATE[LINK]}.tflock")], {}),
    "remove an environment's state as a link": (LINK, "s3:DeleteObject", [Resource(STATE[EVENT])], {}),
    "remove the log of a run": (EVENT, "s3:DeleteObject", [Resource(f"{STATES}/runs/0199.log")], {}),
    "write another log of a run": (LINK, "s3:PutObject", [Resource(f"{STATES}/runs/0199.log")], {}),
    "put a provider into the mirror": (
        EVENT,
        "s3:PutObject",
        [Resource(f"{STATES}/providers/registry.terraform.io/a.zip")],
        {},
    ),
    "give a secret to event stacks": (
        *(EVENT, "secretsmanager:TagResource", [OWN_SECRET]),
        {"aws:TagKeys": ["marketday:for"]},
    ),
    "give it in capitals, which a condition finds as well": (
        *(EVENT, "secretsmanager:TagResource", [OWN_SECRET]),
        {"aws:TagKeys": ["Marketday:For"]},
    ),
    "tag the password of another database": (
        *(EVENT, "secretsmanager:TagResource", [OTHERS_PASSWORD]),
        {"aws:TagKeys": ["anything"]},
    ),
    "take every tag off our group": (EVENT, "ec2:DeleteTags", [ec2("security-group/sg-0event", EVENT)], {}),
    "give our group to another stack in capitals": (
        *(EVENT, "ec2:CreateTags", [ec2("security-group/sg-0event", EVENT)]),
        {"aws:RequestTag/Marketday:Stack": LINK, "aws:TagKeys": ["Marketday:Stack"]},
    ),
    "share a copy of its database with another account": (
        *(EVENT, "rds:ModifyDBSnapshotAttribute"),
        [Resource(f"arn:aws:rds:{REGION}:{ACCOUNT}:snapshot:md-3f9a1c2e")],
        {},
    ),
    "copy another database as a replica": (
        *(EVENT, "rds:CreateDBInstanceReadReplica"),
        [Resource(f"arn:aws:rds:{REGION}:{ACCOUNT}:db:md-3f9a1c2e")],
        {},
    ),
    "give more rights to a role of a link": (
        *(EVENT, "iam:PutRolePolicy", [Resource(f"{IAM}:role/md-3f9a1c2e-link-source")]),
        {"iam:PermissionsBoundary": f"{IAM}:policy/marketday-boundary"},
    ),
    "give the role of a link to a task": (
        *(EVENT, "iam:PassRole", [Resource(f"{IAM}:role/md-3f9a1c2e-link-source")]),
        {"iam:PassedToService": "ecs-tasks.amazonaws.com"},
    ),
    "run a task in another cluster": (
        EVENT,
        "ecs:RunTask",
        [Resource(f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/md-3f9a1c2e-gate:1")],
        {},
    ),
    "send a command to an instance": (EVENT, "ssm:SendCommand", [ec2("instance/i-0")], {}),
    "change another instance": (EVENT, "ec2:ModifyInstanceAttribute", [ec2("instance/i-0")], {}),
    "change a template of hosts": (EVENT, "ec2:CreateLaunchTemplateVersion", [ec2("launch-template/lt-0event")], {}),
    "change the lifecycle's code": (
        EVENT,
        "lambda:UpdateFunctionCode",
        [Resource(f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:marketday-lifecycle")],
        {},
    ),
    "let others into the bucket of states": (EVENT, "s3:PutBucketPolicy", [Resource(STATES)], {}),
    "trust somebody else with its role": (
        EVENT,
        "iam:UpdateAssumeRolePolicy",
        [Resource(f"{IAM}:role/md-3f9a1c2e-store")],
        {},
    ),
    "remove the backups of a removed database": (
        *(EVENT, "rds:DeleteDBInstanceAutomatedBackup"),
        [Resource(f"arn:aws:rds:{REGION}:{ACCOUNT}:db:md-3f9a1c2e")],
        {},
    ),
    "become the role for links": (EVENT, "sts:AssumeRole", [Resource(f"{IAM}:role/marketday-link-builder")], {}),
    "start a host with the role for links": (
        *(EVENT, "ec2:RunInstances", [ec2("instance/*")]),
        {"ec2:LaunchTemplate": f"{EC2}:launch-template/lt-0link"},
    ),
    "give its own role to a service": (
        *(EVENT, "iam:PassRole", [Resource(f"{IAM}:role/marketday-builder")]),
        {"iam:PassedToService": "ecs-tasks.amazonaws.com"},
    ),
    "give an environment's role to an instance": (
        *(EVENT, "iam:PassRole", [Resource(f"{IAM}:role/md-3f9a1c2e-store")]),
        {"iam:PassedToService": "ec2.amazonaws.com"},
    ),
    "make a role without a boundary": (EVENT, "iam:CreateRole", [Resource(f"{IAM}:role/md-3f9a1c2e-store")], {}),
    "make a role with another boundary": (
        *(EVENT, "iam:CreateRole", [Resource(f"{IAM}:role/md-3f9a1c2e-store")]),
        {"iam:PermissionsBoundary": f"{IAM}:policy/AdministratorAccess"},
    ),
    "take a role's boundary away": (
        *(EVENT, "iam:DeleteRolePermissionsBoundary", [Resource(f"{IAM}:role/md-3f9a1c2e-store")]),
        {},
    ),
    "change the boundary itself": (
        *(EVENT, "iam:CreatePolicyVersion", [Resource(f"{IAM}:policy/marketday-boundary")]),
        {},
    ),
    "get more rights by a policy": (EVENT, "iam:AttachRolePolicy", [Resource(f"{IAM}:role/marketday-builder")], {}),
    "make the mall's key ours": (
        *(EVENT, "kms:TagResource", [Resource(MALL["kms_key_arn"], {TAGGED: PROD})]),
        AS_EVENT,
    ),
    "open another group of the mall by a link": (
        *(LINK, "ec2:AuthorizeSecurityGroupIngress", [ec2("security-group/sg-0checkout", PROD), NEW_RULE]),
        AS_LINK,
    ),
    "open a group that nobody has tagged by a link": (
        *(LINK, "ec2:AuthorizeSecurityGroupIngress", [OTHER_GROUP, NEW_RULE]),
        AS_LINK,
    ),
    "route another table of the mall by a link": (LINK, "ec2:CreateRoute", [ec2("route-table/rtb-0app", PROD)], {}),
    "peer another network by a link": (
        *(LINK, "ec2:CreateVpcPeeringConnection", [ec2("vpc/vpc-0office"), ec2("vpc-peering-connection/*")]),
        AS_LINK,
    ),
    "remove an interface in another subnet of the mall by a link": (
        *(LINK, "ec2:DeleteNetworkInterface"),
        [ec2("network-interface/eni-0", **{"ec2:Subnet": f"{EC2}:subnet/subnet-0mallapp"})],
        {},
    ),
    "remove an interface with our tag by a link": (
        *(LINK, "ec2:DeleteNetworkInterface"),
        [ec2("network-interface/eni-0", PROD, **UNUSED.context)],
        {},
    ),
    "take an interface from what uses it": (LINK, "ec2:DetachNetworkInterface", [UNUSED], {}),
    "remove an interface of the mall to build an environment": (EVENT, "ec2:DeleteNetworkInterface", [UNUSED], {}),
    "read what is kept of a drop": (
        *(EVENT, "s3:GetObject", [Resource("arn:aws:s3:::marketday-logs/drops/md-3f9a1c2e/activity/1.parquet")]),
        {},
    ),
    "remove what is kept of a drop": (
        *(EVENT, "s3:DeleteObject", [Resource("arn:aws:s3:::marketday-logs/drops/md-3f9a1c2e/activity/1.parquet")]),
        {},
    ),
    "build an environment as a link": (LINK, "rds:CreateDBInstance", [Resource("*")], AS_LINK),
    "use another of the mall's keys by a link": (
        *(LINK, "kms:Decrypt", [Resource(f"arn:aws:kms:{REGION}:{ACCOUNT}:key/other", {TAGGED: PROD})]),
        {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"},
    ),
}
ALLOWED = {
    "write its state": (EVENT, "s3:PutObject", [Resource(STATE[EVENT])], {}),
    "release its lock": (LINK, "s3:DeleteObject", [Resource(f"{STATE[LINK]}.tflock")], {}),
    "let RDS tag the password that it makes": (
        EVENT,
        "secretsmanager:TagResource",
        [Resource(f"{SECRET}:rds!db-1-AbCdEf")],
        {"aws:TagKeys": ["aws:rds:primaryDBInstanceArn"]},
    ),
    "tag the password of its database": (
        EVENT,
        "secretsmanager:TagResource",
        [password("md-3f9a1c2e")],
        {"aws:TagKeys": ["marketday:expires"]},
    ),
    "open a group of an environment": (
        *(EVENT, "ec2:AuthorizeSecurityGroupIngress", [ec2("security-group/sg-0event", EVENT), NEW_RULE]),
        AS_EVENT,
    ),
    "make a subnet": (EVENT, "ec2:CreateSubnet", [ec2("vpc/vpc-0event", EVENT), ec2("subnet/*")], AS_EVENT),
    "tag it while it is made": (
        *(EVENT, "ec2:CreateTags", [ec2("subnet/*")]),
        {**AS_EVENT, "ec2:CreateAction": "CreateSubnet"},
    ),
    "keep an environment longer": (
        *(EVENT, "ec2:CreateTags", [ec2("subnet/subnet-0event", EVENT)]),
        {"aws:RequestTag/marketday:expires": "2026-12-01T00:00:00Z", "aws:TagKeys": ["marketday:expires"]},
    ),
    "make a role with the boundary": (
        *(EVENT, "iam:CreateRole", [Resource(f"{IAM}:role/md-3f9a1c2e-store")]),
        {"iam:PermissionsBoundary": f"{IAM}:policy/marketday-boundary"},
    ),
    "give a task its role": (
        *(EVENT, "iam:PassRole", [Resource(f"{IAM}:role/md-3f9a1c2e-store")]),
        {"iam:PassedToService": "ecs-tasks.amazonaws.com"},
    ),
    "peer the mall's network": (
        *(LINK, "ec2:CreateVpcPeeringConnection", [ec2("vpc/vpc-0mall", PROD), ec2("vpc-peering-connection/*")]),
        AS_LINK,
    ),
    "accept in the event's network": (
        *(LINK, "ec2:AcceptVpcPeeringConnection"),
        [ec2("vpc/vpc-0event", EVENT), ec2("vpc-peering-connection/pcx-0", LINK)],
        {},
    ),
    "let the replication into the mall's database": (
        *(LINK, "ec2:AuthorizeSecurityGroupIngress", [MALLS_GROUP, NEW_RULE]),
        AS_LINK,
    ),
    "remove an interface that DMS left": (LINK, "ec2:DeleteNetworkInterface", [UNUSED], {}),
    "route to the event's database": (LINK, "ec2:CreateRoute", [MALLS_ROUTES], {}),
}


def asked(roles: Rights, request) -> bool:
    role, action, resources, context = request
    return allowed(getattr(roles, role), action, resources, context)


@pytest.mark.parametrize("request_", REFUSED.values(), ids=REFUSED)
def test_a_build_host_is_refused_to(roles, request_):
    assert not asked(roles, request_)


@pytest.mark.parametrize("request_", ALLOWED.values(), ids=ALLOWED)
def test_a_build_host_may(roles, request_):
    assert asked(roles, request_)


HOST = {
    "ec2:LaunchTemplate": f"{EC2}:launch-template/lt-0event",
    "ec2:IsLaunchTemplateResource": "true",
    "ec2:InstanceProfile": f"{IAM}:instance-profile/marketday-builder",
    "ec2:InstanceType": "t4g.medium",
    "ec2:MetadataHttpTokens": "required",
}
WITH = [
    *(ec2(each) for each in ("instance/*", "volume/*", "network-interface/*", "subnet/subnet-0host")),
    *(ec2(each) for each in ("security-group/sg-0host", "launch-template/lt-0event", "key-pair/marketday-build-host")),
    Resource(f"arn:aws:ec2:{REGION}::image/ami-0"),
]


def test_the_lifecycle_starts_a_host_as_its_template_says(roles):
    assert allowed(roles.lifecycle, "ec2:RunInstances", WITH, HOST)


@pytest.mark.parametrize(
    "other",
    [
        {"ec2:InstanceType": "p5.48xlarge"},
        {"ec2:InstanceProfile": f"{IAM}:instance-profile/marketday-link-builder"},
        {"ec2:InstanceProfile": f"{IAM}:instance-profile/Administrator"},
        {"ec2:LaunchTemplate": f"{EC2}:launch-template/lt-0other"},
        {"ec2:MetadataHttpTokens": "optional"},
        {"ec2:IsLaunchTemplateResource": "false"},
    ],
    ids=" ".join,
)
def test_the_lifecycle_starts_no_other_host(roles, other):
    assert not allowed(roles.lifecycle, "ec2:RunInstances", WITH, {**HOST, **other})


@pytest.mark.parametrize("name", ["subnet/subnet-0other", "security-group/sg-0other", "key-pair/another"])
def test_nor_one_in_another_place(roles, name):
    assert not allowed(roles.lifecycle, "ec2:RunInstances", [*WITH, ec2(name)], HOST)


def test_nor_without_a_template(roles):
    without = {key: value for key, value in HOST.items() if "Template" not in key}
    assert not allowed(roles.lifecycle, "ec2:RunInstances", WITH, without)


@pytest.mark.parametrize("of", ["event", "link", "lifecycle"])
def test_tags_are_set_only_while_something_is_made_or_on_what_has_ours(roles, of):
    """Each statement that lets a role tag in EC2 has one of the two conditions."""
    tagging = [each for each in getattr(roles, of) if "ec2:CreateTags" in each["actions"]]
    assert tagging
    for each in tagging:
        keys = {condition["variable"] for condition in each["condition"] if condition["test"] == "StringEquals"}
        assert keys & {"ec2:CreateAction", TAGGED}, each["sid"]


def test_the_policies_of_the_lifecycle_fit_into_what_a_role_may_have(roles):
    """All inline policies of a role together have at most 10,240 characters."""
    written = json.dumps(
        {"Version": "2012-10-17", "Statement": list(map(as_json, roles.lifecycle))}, separators=(",", ":")
    )
    assert 5_000 < len(written) < 10_240


WILDCARD = re.compile(r'^\s*resources\s*=\s*\[\s*"\*"')


def test_each_wildcard_has_its_reason_beside_it():
    silent = []
    for path in sorted(STACKS.rglob("*.tf")):
        lines = path.read_text("utf-8").splitlines()
        for number, line in enumerate(lines):
            if WILDCARD.match(line) and "#" not in line and not lines[number - 1].lstrip().startswith("#"):
                silent.append(f"{path.relative_to(STACKS)}:{number + 1}")
    assert silent == []
