"""The list by which Terraform takes over what exists: whole, and exact about what it takes."""

import re
from pathlib import Path

import pytest

from marketday.provisioners.recovery.errors import RecoveryError
from marketday.provisioners.recovery.imports import (
    NewThing,
    asked,
    blocks,
    found_id,
    new_things,
    region_of,
    removed,
)
from marketday.provisioners.recovery.looks import LOOKS, MADE_AGAIN
from marketday.provisioners.recovery.model import RecoverySite

STACKS = Path(__file__).parents[4] / "infra" / "terraform"
SITE = RecoverySite("ap-northeast-2", "ap-northeast-1", "us-west-2", "123456789012")


def types_of(stack, seen=()):
    """The types of a stack's resources, with those of its modules."""
    found, folders = set(), [stack]
    while folders:
        folder = folders.pop()
        for file in folder.glob("*.tf"):
            text = file.read_text("utf-8")
            found |= set(re.findall(r'^resource "(\w+)"', text, re.MULTILINE))
            folders += [
                (folder / one).resolve() for one in re.findall(r'^\s+source\s+= "(\.\./[\w./]+)"', text, re.MULTILINE)
            ]
    return found


def test_every_type_of_the_two_stacks_has_its_look_or_is_made_again():
    types = types_of(STACKS / "permanent") | types_of(STACKS / "prod")
    assert len(types) > 60
    assert sorted(types - LOOKS.keys() - MADE_AGAIN) == []
    assert sorted((LOOKS.keys() | MADE_AGAIN) - types - {"aws_cloudwatch_log_delivery_destination_policy"}) == []
    assert LOOKS.keys() & MADE_AGAIN == set()


def planned(address, type_, after, actions=("create",)):
    return {"address": address, "type": type_, "mode": "managed", "change": {"actions": list(actions), "after": after}}


def thing(type_, **known):
    [found] = new_things({"resource_changes": [planned(f"{type_}.this", type_, known)]}, "123456789012")
    return found


@pytest.mark.parametrize(
    ("type_", "known", "arguments", "answer", "expected"),
    [
        (
            "aws_iam_role",
            {"name": "marketday-builder"},
            {"RoleName": "marketday-builder"},
            {"Role": {"RoleName": "x"}},
            "marketday-builder",
        ),
        (
            "aws_iam_policy",
            {"name": "a"},
            {"Scope": "Local"},
            {"Policies": [{"PolicyName": "ab", "Arn": "1"}, {"PolicyName": "a", "Arn": "2"}]},
            "2",
        ),
        (
            "aws_route53_zone",
            {"name": "example.com"},
            {"DNSName": "example.com"},
            {
                "HostedZones": [
                    {"Name": "example.com.", "Id": "/hostedzone/Z1"},
                    {"Name": "f.com.", "Id": "/hostedzone/Z2"},
                ]
            },
            "Z1",
        ),
        (
            "aws_cloudfront_distribution",
            {"aliases": ["d.example.com"]},
            {},
            {
                "DistributionList": {
                    "Items": [
                        {"Id": "E1", "Aliases": {"Items": ["other"]}},
                        {"Id": "E2", "Aliases": {"Items": ["d.example.com"]}},
                    ]
                }
            },
            "E2",
        ),
        ("aws_sqs_queue", {"name": "q"}, {"QueueName": "q"}, {"QueueUrl": "https://q"}, "https://q"),
        (
            "aws_kms_key",
            {"tags_all": {"Name": "marketday"}},
            {},
            {
                "Aliases": [
                    {"AliasName": "alias/marketday-prod", "TargetKeyId": "2"},
                    {"AliasName": "alias/marketday", "TargetKeyId": "1"},
                ]
            },
            "1",
        ),
        (
            "aws_wafv2_web_acl",
            {"name": "w", "scope": "CLOUDFRONT"},
            {"Scope": "CLOUDFRONT"},
            {"WebACLs": [{"Name": "w", "Id": "1"}]},
            "1/w/CLOUDFRONT",
        ),
        (
            "aws_budgets_budget",
            {"name": "b"},
            {"AccountId": "123456789012"},
            {"Budgets": [{"BudgetName": "b"}]},
            "123456789012:b",
        ),
        ("aws_secretsmanager_secret", {"name": "s"}, {"SecretId": "s"}, {"ARN": "arn:s"}, "arn:s"),
        ("aws_secretsmanager_secret", {"name": "gone"}, {"SecretId": "gone"}, {}, None),
        ("aws_iam_role", {"name": "gone"}, {"RoleName": "gone"}, {}, None),
        (
            "aws_route53_record",
            {"name": "d.example.com", "type": "A", "zone_id": "Z1"},
            {"HostedZoneId": "Z1"},
            {
                "ResourceRecordSets": [
                    {"Name": "d.example.com.", "Type": "AAAA"},
                    {"Name": "d.example.com.", "Type": "A"},
                ]
            },
            "Z1_d.example.com_A",
        ),
    ],
)
def test_what_is_found_has_the_id_by_which_terraform_imports_it(type_, known, arguments, answer, expected):
    found = thing(type_, **known)
    assert asked(LOOKS[type_], found) == arguments
    assert found_id(LOOKS[type_], found, answer) == expected


def test_what_is_not_known_before_is_not_asked():
    """A record in a zone that is new: the zone is taken over first, and the next plan knows it."""
    assert asked(LOOKS["aws_route53_record"], thing("aws_route53_record", name="d", type="A")) is None


def test_two_that_fit_are_left_to_a_person():
    vpc = thing("aws_vpc", tags_all={"Name": "marketday-prod", "marketday:stack": "prod"})
    filters = asked(LOOKS["aws_vpc"], vpc)["Filters"]
    assert [one["Values"] for one in filters] == [["marketday-prod"], ["prod"]]
    tags = [{"Key": "Name", "Value": "marketday-prod"}, {"Key": "marketday:stack", "Value": "prod"}]
    with pytest.raises(RecoveryError, match="vpc-1, vpc-2"):
        found_id(LOOKS["aws_vpc"], vpc, {"Vpcs": [{"VpcId": "vpc-2", "Tags": tags}, {"VpcId": "vpc-1", "Tags": tags}]})
    gateways = [
        {"NatGatewayId": "n-1", "State": "deleted", "Tags": tags},
        {
            "NatGatewayId": "n-2",
            "State": "available",
            "Tags": [*tags[1:], {"Key": "Name", "Value": "marketday-prod-c"}],
        },
        {"NatGatewayId": "n-3", "State": "available", "Tags": tags},
    ]
    assert found_id(LOOKS["aws_nat_gateway"], vpc, {"NatGateways": gateways}) == "n-3"
    assert found_id(LOOKS["aws_nat_gateway"], vpc, {"NatGateways": gateways[:2]}) is None


def test_each_thing_is_looked_for_where_its_provider_works():
    assert region_of(NewThing("module.edge.aws_acm_certificate.edge", "aws_acm_certificate", {}), SITE) == "us-east-1"
    assert region_of(NewThing("module.edge.aws_acm_certificate.region", "aws_acm_certificate", {}), SITE) == SITE.here
    copies = 'module.registry_replica.aws_ecr_repository.this["gate"]'
    assert region_of(NewThing(copies, "aws_ecr_repository", {}), SITE) == SITE.copies_to
    assert region_of(NewThing("module.x.aws_iam_role.this", "aws_iam_role", {}), SITE) == SITE.here


def test_blocks_are_terraforms_and_what_a_plan_removes_is_named():
    assert blocks({'a["b"]': "i"}) == 'import {\n  to = a["b"]\n  id = "i"\n}\n\n'
    plan = {"resource_changes": [planned("a.b", "a", {}, ("delete", "create")), planned("a.c", "a", {}, ("update",))]}
    assert removed(plan) == ["a.b"]
