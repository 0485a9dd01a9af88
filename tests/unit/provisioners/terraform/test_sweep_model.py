from uuid import UUID

import pytest

from marketday.provisioners.sweep.model import Leftover, Mark, Thing, belonging, holding

MINE = UUID("01970000-0000-7000-8000-00001234abcd")
OTHER = UUID("01970000-0000-7000-8000-0000feedbeef")
TWIN = UUID("01980000-0000-7000-8000-00001234abcd")  # another environment that ends with the same digits
MARK = Mark(MINE, "spring")


def thing(name="x", **fields):
    return Thing("kind", "ap-northeast-2", name, **fields)


@pytest.mark.parametrize(
    "name",
    [
        "md-1234abcd",
        "md-1234abcd-database",
        "/aws/ecs/md-1234abcd/gate",
        "/aws/rds/instance/md-1234abcd-db/postgresql",
        "alias/md-1234abcd",
        "aws-waf-logs-md-1234abcd",
        "rds:md-1234abcd-db-2026-01-31-04-00",
        "md_1234abcd_activity",
        "MD-1234ABCD",
        "arn:aws:ecs:ap-northeast-2:1:task-definition/md-1234abcd-gate:7",
        "dualstack.md-1234abcd-1.ap-northeast-2.elb.amazonaws.com.",
        "ELB app/md-1234abcd-edge/50dc6c495c0c9188",
    ],
)
def test_a_name_that_begins_with_the_environments_is_its_own(name):
    assert MARK.why(thing(name)) == "by its name"
    assert MARK.why(thing("id-1", names=[name])) == f"named {name}"


@pytest.mark.parametrize(
    "name",
    ["md-1234abcde0", "md-1234abcd0-x", "md-1234abc", "xmd-1234abcd", "md-feedbeef", "marketday-state", "1234abcd", ""],
)
def test_a_name_that_only_looks_alike_is_not(name):
    assert MARK.why(thing(name)) is None


@pytest.mark.parametrize(
    ("tags", "why"),
    [
        ({"marketday:environment": str(MINE)}, "tagged marketday:environment"),
        ({"marketday:environment": str(MINE), "marketday:drop": "other"}, "tagged marketday:environment"),
        ({"marketday:drop": "spring"}, "tagged marketday:drop=spring"),
        ({"Name": "md-1234abcd-app-a"}, "tagged Name=md-1234abcd-app-a"),
        (
            {"aws:rds:primaryDBInstanceArn": "arn:aws:rds:r:1:db:md-1234abcd"},
            "tagged aws:rds:primaryDBInstanceArn=arn:aws:rds:r:1:db:md-1234abcd",
        ),
        ({"marketday:drop": "spring", "marketday:environment": str(OTHER)}, None),
        ({"marketday:drop": "autumn"}, None),
        ({"note": "md-1234abcd"}, None),
        ({}, None),
    ],
)
def test_tags_say_whose_a_thing_is(tags, why):
    assert MARK.why(thing(tags=tags)) == why


def test_without_a_slug_no_tag_of_a_drop_counts():
    assert Mark(MINE).why(thing(tags={"marketday:drop": "spring"})) is None


@pytest.mark.parametrize("tags", [{"marketday:environment": str(TWIN)}, {"marketday:stack": "permanent"}])
def test_tags_of_another_overrule_the_name(tags):
    assert MARK.why(thing("md-1234abcd-x", tags=tags)) is None


@pytest.mark.parametrize("stack", ["permanent", "prod"])
def test_what_is_permanent_is_never_an_environments(stack):
    assert MARK.why(thing(tags={"marketday:stack": stack, "marketday:drop": "spring"})) is None


def test_what_lies_in_something_of_an_environment_is_the_environments_however_deep():
    things = [
        thing("volume", inside=["instance"]),
        thing("instance", inside=["vpc"]),
        thing("vpc", tags={"marketday:environment": str(MINE)}),
        thing("interface", inside=["other-vpc"]),
        thing("twin", inside=["vpc"], tags={"marketday:environment": str(TWIN)}),
    ]
    assert {each.id: why for each, why in belonging(MARK, things)} == {
        "vpc": "tagged marketday:environment",
        "instance": "in vpc",
        "volume": "in instance",
    }


def test_a_leftover_reads_well():
    left = Leftover("ap-northeast-2", "secret", "md-1234abcd/mall", "by its name", "in deletion, gone by 2026-01-31")
    assert str(left) == "secret md-1234abcd/mall in ap-northeast-2 (by its name, in deletion, gone by 2026-01-31)"
    assert str(Leftover("global", "role", "r", "by its name")) == "role r in global (by its name)"
    assert left.blocks


OURS, THEIRS = thing("md-1234abcd-link"), thing("sg-mall", tags={"marketday:stack": "prod"})


@pytest.mark.parametrize(
    ("interface", "why", "held"),
    [
        (thing("eni", uses=["md-1234abcd-link"]), "with md-1234abcd-link", None),
        (thing("eni", uses=["md-1234abcd-link", "sg-mall"]), None, "in or with md-1234abcd-link"),
        (
            thing("eni", uses=["md-1234abcd-link"], tags={"marketday:environment": str(OTHER)}),
            None,
            "in or with md-1234abcd-link",
        ),
        (thing("eni", uses=["sg-mall"]), None, None),
        (thing("eni"), None, None),
    ],
)
def test_what_uses_only_things_of_ours_is_ours_and_what_also_uses_others_only_holds_them(interface, why, held):
    things = [interface, OURS, THEIRS]
    found = belonging(MARK, things)
    assert [each_why for each, each_why in found if each.id == "eni"] == [why] * (why is not None)
    stranger = [(each.id, each_why) for each, each_why in holding(things, found)]
    assert stranger == [("eni", held)] * (held is not None)


def test_what_only_waits_for_its_own_end_is_held_by_nobody():
    key = thing("md-1234abcd-key", blocks=False)
    alias = thing("theirs", inside=["md-1234abcd-key"], tags={"marketday:environment": str(OTHER)})
    assert holding([key, alias], belonging(MARK, [key, alias])) == []
