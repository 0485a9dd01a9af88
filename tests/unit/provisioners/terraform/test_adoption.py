"""Which things a plan would make again, and what Terraform calls them."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from marketday.kit.ids import new_id
from marketday.provisioners.sweep.finders import FINDERS
from marketday.provisioners.sweep.model import Thing
from marketday.provisioners.terraform.adoption import (
    LOOKS,
    MADE_AGAIN,
    RULES,
    WantedThing,
    arguments,
    match,
    read,
    wanted,
)
from marketday.provisioners.terraform.model import Action, Run, Stack
from marketday.provisioners.terraform.script import Source, files

STACKS = Path(__file__).parents[4] / "infra" / "terraform"
OURS = {"marketday:environment": "0199", "marketday:stack": "event"}
AT = datetime(2026, 12, 9, 13, tzinfo=UTC)
PLACE = {"partition": "aws", "account": "123456789012", "region": "ap-northeast-2"}
RESOURCE = re.compile(r'^resource "(aws_\w+)"', re.MULTILINE)
SOURCE = re.compile(r'source\s*=\s*"(\.\./[^"]+)"')


def used(folder):
    """Return a stack's folder, and those of all its modules."""
    texts = [path.read_text("utf-8") for path in folder.glob("*.tf")]
    inner = {(folder / each).resolve() for text in texts for each in SOURCE.findall(text)}
    return {folder}.union(*map(used, inner))


def a_plan(*changes):
    return {"resource_changes": list(changes)}


def creates(type_, address="a.b", actions=("create",), **after):
    return {"address": address, "type": type_, "change": {"actions": list(actions), "after": after}}


def thing(kind, id_, **more):
    return Thing(kind, "ap-northeast-2", id_, **more)


def test_every_type_of_an_environments_stacks_has_its_rule_or_can_be_made_again():
    folders = used(STACKS / "event") | used(STACKS / "link")
    texts = [path.read_text("utf-8") for folder in folders for path in folder.glob("*.tf")]
    types = {found for text in texts for found in RESOURCE.findall(text)}
    assert types - (RULES.keys() | LOOKS.keys() | MADE_AGAIN) == set()
    assert not (RULES.keys() | LOOKS.keys()) & MADE_AGAIN
    assert {rule.kind for rule in RULES.values()} <= {finder.kind for finder in FINDERS}


def test_only_what_is_created_and_can_be_taken_over_is_wanted():
    plan = a_plan(
        creates(
            "aws_vpc", "module.n.aws_vpc.this", cidr_block="10.0.0.0/16", tags_all={"Name": "md-1", "x": "y", **OURS}
        ),
        creates("aws_vpc", actions=("update",), tags_all={"Name": "md-1"}),
        creates("aws_vpc", actions=("delete", "create"), tags_all={"Name": "md-1"}),
        creates("aws_cloudwatch_dashboard", dashboard_name="md-1"),
        {**creates("aws_route", "r", destination_cidr_block="0.0.0.0/0", route_table_id=None)},
    )
    assert wanted(plan) == [
        WantedThing("module.n.aws_vpc.this", "aws_vpc", {"Name": "md-1", **OURS}),
        WantedThing("r", "aws_route", {"destination_cidr_block": "0.0.0.0/0"}),
    ]


@pytest.mark.parametrize(
    ("type_", "known", "found", "id_"),
    [
        ("aws_vpc", {"Name": "md-1"}, thing("VPC", "vpc-1", tags={"Name": "md-1"}), "vpc-1"),
        ("aws_vpc", {"Name": "md-1"}, thing("VPC", "vpc-1", tags={"Name": "md-1-other"}), None),
        ("aws_vpc", {"Name": "md-1"}, thing("VPC", "vpc-1"), None),
        ("aws_subnet", {"Name": "md-1"}, thing("VPC", "vpc-1", tags={"Name": "md-1"}), None),
        ("aws_db_instance", {"identifier": "md-1"}, thing("database", "md-1", detail="available"), "md-1"),
        ("aws_db_instance", {"identifier": "md-1"}, thing("database", "md-1", detail="deleting"), None),
        ("aws_db_instance", {"identifier": "md-1"}, thing("database", "md-1-replica"), None),
        ("aws_secretsmanager_secret", {"name": "md-1/k"}, thing("secret", "md-1/k", arn="arn:s"), "arn:s"),
        (
            "aws_secretsmanager_secret",
            {"name": "md-1/k"},
            thing("secret", "md-1/k", arn="arn:s", detail="in deletion, gone by 2026-12-24 04:00 UTC"),
            None,
        ),
        ("aws_ecs_cluster", {"name": "md-1"}, thing("ECS cluster", "arn:aws:ecs:r:1:cluster/md-1"), "md-1"),
        ("aws_ecs_service", {"name": "g"}, thing("ECS service", "arn:aws:ecs:r:1:service/md-1/g"), "md-1/g"),
        (
            "aws_wafv2_web_acl",
            {"name": "md-1", "scope": "REGIONAL"},
            thing("WAF ACL", "md-1", arn="arn:aws:wafv2:r:1:regional/webacl/md-1/a-b"),
            "a-b/md-1/REGIONAL",
        ),
        (
            "aws_glue_catalog_table",
            {"name": "activity", "database_name": "md_1"},
            thing("Glue table", "activity", names=["md_1"]),
            "123456789012:md_1:activity",
        ),
        (
            "aws_kinesis_firehose_delivery_stream",
            {"name": "md-1"},
            thing("delivery stream", "md-1"),
            "arn:aws:firehose:ap-northeast-2:123456789012:deliverystream/md-1",
        ),
        (
            "aws_kms_key",
            {"description": "md-1"},
            thing("key", "7ad2", names=["md-1"], tags=OURS, detail="Enabled"),
            "7ad2",
        ),
        (
            "aws_vpc_peering_connection",
            {"Name": "md-1"},
            thing("VPC peering", "pcx-1", tags={"Name": "md-1"}, detail="pending-acceptance"),
            "pcx-1",
        ),
        (
            "aws_kms_key",
            {"description": "md-1"},
            thing("key", "7ad2", names=["md-1"], tags=OURS, detail="in deletion, g"),
            None,
        ),
    ],
)
def test_a_thing_is_recognised_and_named_as_terraform_imports_it(type_, known, found, id_):
    came = match([WantedThing("a.b", type_, known)], [found], PLACE)
    assert (came.imports, came.coming, came.unfit) == ({"a.b": id_} if id_ else {}, [], [])


@pytest.mark.parametrize("state", ["creating", "modifying", "backing-up"])
def test_a_thing_that_is_not_ready_is_waited_for(state):
    want = WantedThing("a", "aws_db_instance", {"identifier": "md-1"})
    came = match([want], [thing("database", "md-1", detail=state)], PLACE)
    assert (came.imports, came.coming) == ({}, [f"database md-1 is {state}"])


@pytest.mark.parametrize(
    ("type_", "known", "kind", "tags", "taken"),
    [
        ("aws_vpc", {"Name": "md-1"}, "VPC", {"Name": "md-1", **OURS}, True),
        ("aws_vpc", {"Name": "md-1"}, "VPC", {"Name": "md-1"}, False),
        ("aws_vpc", {"Name": "md-1"}, "VPC", {"Name": "md-1", **OURS, "marketday:stack": "link"}, False),
        ("aws_kms_key", {"description": "md-1"}, "key", OURS, True),
        ("aws_kms_key", {"description": "md-1"}, "key", {"team": "payroll"}, False),
        ("aws_kms_key", {"description": "md-1"}, "key", {}, False),
        ("aws_iam_role", {"name": "md-1"}, "role", OURS, True),
        ("aws_iam_role", {"name": "md-1"}, "role", {"team": "payroll"}, False),
        ("aws_cloudwatch_log_group", {"name": "md-1"}, "log group", {}, True),  # AWS makes some itself
        ("aws_kms_alias", {"name": "md-1"}, "key alias", None, True),  # has no tags
    ],
)
def test_what_somebody_else_has_tagged_is_left_alone(type_, known, kind, tags, taken):
    found = thing(kind, "md-1", names=["md-1"], tags=tags)
    came = match([WantedThing("a.b", type_, {**known, **OURS})], [found], PLACE)
    assert (list(came.imports), came.unfit) == (["a.b"] if taken else [], [])


def test_what_has_the_same_name_in_another_region_is_left_alone():
    want = WantedThing("a.b", "aws_db_instance", {"identifier": "md-1"})
    assert match([want], [Thing("database", "us-east-1", "md-1", detail="available")], PLACE).imports == {}
    role = WantedThing("a.b", "aws_iam_role", {"name": "md-1"})
    assert match([role], [Thing("role", "global", "md-1")], PLACE).imports == {"a.b": "md-1"}


def test_an_id_is_never_read_as_a_template():
    run = Run(new_id(), new_id(), Stack.EVENT, Action.PLAN, "c" * 40, {}, AT, imports={"a.b": '${file("/x")}%{"한'})
    written = files(run, Source("repository", {}))["imports.tf"]
    assert written == 'import {\n  to = a.b\n  id = "$${file(\\"/x\\")}%%{\\"한"\n}\n'


def test_a_thing_that_is_broken_or_there_twice_is_for_a_person():
    want = [WantedThing("a", "aws_nat_gateway", {"Name": "n"}), WantedThing("b", "aws_vpc", {"Name": "v"})]
    things = [
        thing("NAT gateway", "nat-1", tags={"Name": "n"}, detail="failed"),
        *(thing("VPC", f"vpc-{number}", tags={"Name": "v"}) for number in (1, 2)),
    ]
    came = match(want, things, PLACE)
    assert came.imports == {}
    assert came.unfit == ["NAT gateway nat-1 (failed)", "VPC vpc-1 (more than one)", "VPC vpc-2 (more than one)"]


def test_a_part_is_looked_for_only_in_what_is_known():
    look = LOOKS["aws_route"]
    new = WantedThing("r", "aws_route", {"destination_cidr_block": "0.0.0.0/0"})
    assert arguments(look, new) is None
    there = WantedThing("r", "aws_route", {"destination_cidr_block": "0.0.0.0/0", "route_table_id": "rtb-1"})
    assert arguments(look, there) == {"RouteTableIds": ["rtb-1"]}
    routes = [{"DestinationCidrBlock": "10.0.0.0/16"}, {"DestinationCidrBlock": "0.0.0.0/0"}]
    assert read(look, there, {"RouteTables": [{"Routes": routes}]}) == "rtb-1_0.0.0.0/0"
    assert read(look, there, {"RouteTables": [{"Routes": routes[:1]}]}) is None


def test_the_newest_revision_of_a_task_is_taken_over():
    look, want = LOOKS["aws_ecs_task_definition"], WantedThing("t", "aws_ecs_task_definition", {"family": "md-1-gate"})
    assert arguments(look, want)["sort"] == "DESC"
    assert read(look, want, {"taskDefinitionArns": ["arn:t:3", "arn:t:2"]}) == "arn:t:3"
    assert read(look, want, {"taskDefinitionArns": []}) is None


def test_a_rule_of_a_listener_is_found_by_its_priority():
    look = LOOKS["aws_lb_listener_rule"]
    want = WantedThing("l", "aws_lb_listener_rule", {"listener_arn": "arn:l", "priority": 10})
    rules = [{"Priority": "default", "RuleArn": "arn:d"}, {"Priority": "10", "RuleArn": "arn:10"}]
    assert read(look, want, {"Rules": rules}) == "arn:10"
