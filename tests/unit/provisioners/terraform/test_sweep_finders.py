"""The tables of finders against the models of AWS's own SDK: no path and no operation is misspelt."""

import re
from datetime import UTC, datetime
from pathlib import Path

import botocore.session
import pytest

from marketday.provisioners.sweep.finder import Ask, Finder, dig, read_tags
from marketday.provisioners.sweep.finders import FINDERS
from marketday.provisioners.sweep.finders.running import SERVICES
from marketday.provisioners.sweep.rights import actions

SESSION = botocore.session.get_session()
READS = re.compile(r"[a-z0-9-]+:(Describe|List|Get)\w+")


def operation(finder, call):
    return SESSION.get_service_model(finder.service).operation_model(call)


def lies(shape, path):
    """What shape lies at a dotted path, or None."""
    while shape is not None and shape.type_name == "list":
        shape = shape.member
    if not path or shape is None:
        return shape
    if shape.type_name != "structure":
        return None
    head, _, rest = path.partition(".")
    return lies(shape.members.get(head), rest)


def item_of(finder):
    item = lies(operation(finder, finder.call).output_shape, finder.items)
    assert item is not None, finder.items
    if finder.describe is None:
        return item
    described = lies(operation(finder, finder.describe.call).output_shape, finder.describe.answer)
    assert described is not None, finder.describe.answer
    return described


def name_of(finder):
    return f"{finder.kind} {finder.call}"


def wrong(found_in):
    """What a rule finds wrong in each finder of the table; nothing else is shown."""
    return {name_of(finder): found for finder in FINDERS if (found := found_in(finder))}


def test_a_finder_knows_the_answers_of_its_service():
    def unknown(finder):
        item = item_of(finder)
        until = [] if callable(finder.until) else [finder.until]
        paths = [
            *until,
            *finder.uses,
            finder.id,
            finder.arn,
            finder.tags,
            finder.state,
            finder.theirs[0],
            *finder.names,
        ]
        no_text = [] if finder.id or item.type_name == "string" else ["an item without an id is a text"]
        return [path for path in (*paths, *finder.inside) if path and lies(item, path) is None] + no_text

    assert len(FINDERS) > 100
    assert wrong(unknown) == {}


def test_a_finder_asks_what_its_service_takes():
    def mistaken(finder):
        asks = list(filter(None, (finder.ask_tags, finder.describe)))
        wanted = {finder.call: set(finder.arguments)}
        if finder.each:
            wanted[finder.call] |= set(finder.each[1])
        for ask in asks:
            wanted.setdefault(ask.call, set()).update(ask.arguments, ask.fixed)
        return [told for ask in asks for told in wrong_paths(finder, ask)] + [
            f"{call}: {argument}" for call, given in wanted.items() for argument in wrong_arguments(finder, call, given)
        ]

    assert wrong(mistaken) == {}


def wrong_paths(finder, ask):
    """What an ask takes from where nothing lies: its answer, and its arguments."""
    answer = [] if lies(operation(finder, ask.call).output_shape, ask.answer) is not None else [ask.answer]
    return answer + [
        path for path in ask.arguments.values() if isinstance(path, str) and not path_ok(finder, ask, path)
    ]


def wrong_arguments(finder, call, given):
    """Arguments that an operation does not have, lists that are none there, and what it needs and is not given."""
    shape, names = operation(finder, call).input_shape, {each.removesuffix("[]") for each in given}
    no_lists = {
        each
        for each in given
        if each.endswith("[]") and each[:-2] in shape.members and shape.members[each[:-2]].type_name != "list"
    }
    return (names - set(shape.members)) | no_lists | (set(shape.required_members) - names)


def path_ok(finder, ask, path):
    listed = lies(operation(finder, finder.call).output_shape, finder.items)
    return lies(listed if ask is finder.describe else item_of(finder), path) is not None


def test_a_sweep_only_reads():
    assert [action for action in actions() if not READS.fullmatch(action)] == []
    assert {"tag:GetResources", "ec2:DescribeVpcs", "elasticloadbalancing:DescribeTags"} <= actions()
    assert {"s3:ListAllMyBuckets", "s3:GetBucketTagging", "kms:DescribeKey"} <= actions()
    assert not actions() & {"s3:ListBuckets", "elbv2:DescribeTags"}


def test_what_arns_begin_with_leads_to_one_kind_or_to_its_other_halves():
    by_type = {}
    for finder in FINDERS:
        if finder.type:
            by_type.setdefault(finder.type, set()).add((finder.service, finder.kind.split()[-1]))
    assert {kind: finders for kind, finders in by_type.items() if len(finders) > 1} == {}
    nested = [(a, b) for a in by_type for b in by_type if a != b and b.startswith(a)]
    assert nested == []


@pytest.mark.parametrize(
    "tags",
    [
        [{"Key": "a", "Value": "1"}, {"Key": "b"}],
        [{"key": "a", "value": "1"}, {"key": "b", "value": ""}],
        [{"TagKey": "a", "TagValue": "1"}, {"TagKey": "b", "TagValue": ""}],
        {"a": "1", "b": ""},
    ],
)
def test_tags_are_read_in_each_of_their_spellings(tags):
    assert read_tags({"deep": {"Tags": tags}}, "deep.Tags") == {"a": "1", "b": ""}


def test_a_path_walks_through_lists_and_finds_nothing_where_nothing_is():
    assert list(dig([{"a": [{"b": 1}, {"b": [2, 3]}]}, {"a": None}, {}], "a.b")) == [1, 2, 3]
    assert list(dig(["x", None, "y"], "")) == ["x", "y"]
    assert list(dig("text", "a")) == []


def test_a_question_that_lacks_its_argument_is_not_asked():
    ask = Ask("ListTags", {"Arns[]": "arn", "Name": str.upper}, "Tags", {"Fixed": 1})
    assert Ask("L", {"Arns[]": "arn"}, "", {"Fixed": 1}).filled({"arn": "x"}) == {"Arns": ["x"], "Fixed": 1}
    assert Ask("L", {"Arns[]": "arn"}, "").filled({}) is None
    assert ask.filled("x") is None


def test_moments_are_told_in_utc():
    finder = Finder("k", "s", "C", "items", id="id", until="until")
    moment = datetime.fromisoformat("2026-01-31T13:00:00+09:00")
    assert finder.thing({"id": "1", "until": moment}, "r").detail == "in deletion, gone by 2026-01-31 04:00 UTC"
    assert finder.thing({"id": "1", "until": datetime(2026, 1, 1, tzinfo=UTC)}, "r").blocks


def test_the_services_that_are_asked_for_by_name_are_those_of_the_stack():
    stack = (Path(__file__).parents[4] / "infra/terraform/event/services.tf").read_text("utf-8")
    assert tuple(re.findall(r'^  service +?= "(\w+)"$', stack, re.MULTILINE)) == SERVICES
