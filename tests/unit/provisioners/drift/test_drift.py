"""What counts as drift, what is said of it, and when it is told."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from marketday.provisioners.drift.echoes import known, unexplained
from marketday.provisioners.drift.errors import LookFailed, StateUnreadable, UnknownStack
from marketday.provisioners.drift.model import Drifted, DriftKind, News, differences, from_json, news, shown, to_json
from marketday.provisioners.drift.service import Drift
from marketday.provisioners.drift.slack import words
from marketday.provisioners.drift.state import Copy, copied, identifiers
from marketday.provisioners.drift.unmanaged import unmanaged
from marketday.provisioners.sweep.model import Thing

REGION = "ap-northeast-2"
AWS = 'provider["registry.terraform.io/hashicorp/aws"]'
OURS = {"marketday:stack": "prod"}


def resource(kind: str, name: str, provider: str = AWS, mode: str = "managed", **attributes: Any) -> dict[str, Any]:
    return {
        "mode": mode, "type": kind, "name": name, "provider": provider, "instances": [{"attributes": attributes}],
    }  # fmt: skip


def state(*resources: dict[str, Any], **more: Any) -> str:
    return json.dumps({"version": 4, "serial": 7, "lineage": "l", "outputs": {"key": {"value": "S"}}, **more,
                       "resources": list(resources)})  # fmt: skip


def drift(kind: str, before: Any, after: Any) -> dict[str, Any]:
    actions = ["delete"] if after is None else ["update"]
    change = {"actions": actions, "before": before, "after": after}
    return {"resource_drift": [{"address": f"{kind}.this", "type": kind, "change": change}]}


def told(kind: str, before: Any, after: Any) -> list[str]:
    return [str(each) for each in differences("prod", drift(kind, before, after), "k")]


@pytest.mark.parametrize(
    ("kind", "before", "after", "expected"),
    [
        ("aws_vpc", {"tags_all": {"a": "1"}}, {"tags_all": {"a": "2"}}, ["changed: tags_all.a"]),
        ("aws_vpc", {"tags": {}, "tags_all": {"a": "1"}}, {"tags": {"a": "1"}, "tags_all": {"a": "1"}}, []),
        (
            "aws_instance",
            {"disk": [{"tags": {}, "tags_all": {"a": "1"}}]},
            {"disk": [{"tags": {"a": "1"}, "tags_all": {"a": "1"}}]},
            [],
        ),
        ("aws_autoscaling_group", {"tags": ["a"]}, {"tags": ["b"]}, ["changed: tags"]),
        ("aws_kms_key", {"policy": '{"a":[1,2]}'}, {"policy": '{"a": [2, 1]}'}, []),
        ("aws_kms_key", {"policy": '{"a":[1]}'}, {"policy": '{"a":[1,3]}'}, ["changed: policy"]),
        ("aws_ssm_parameter", {"value": "x"}, {"value": "s3cret"}, ["changed: value"]),
        ("aws_vpc", {"cidr": "x"}, None, ["gone"]),
        ("aws_db_instance", {"latest_restorable_time": "1"}, {"latest_restorable_time": "2"}, []),
        ("aws_instance", {"instance_state": "running"}, {"instance_state": "stopped"}, []),  # at night
        ("aws_instance", {"ami": "ami-1"}, {"ami": "ami-2"}, ["changed: ami"]),
        ("aws_vpc_endpoint", {"cidr_blocks": ["3.5.0.0/19"]}, {"cidr_blocks": ["3.5.0.0/19", "16.12.0.0/20"]}, []),
        ("aws_sns_topic_subscription", {"pending_confirmation": True}, {"pending_confirmation": False}, []),
        ("aws_cloudfrontkeyvaluestore_key", {"total_size_in_bytes": 40}, {"total_size_in_bytes": 80}, []),
        ("aws_lb", {"name": None, "n": 0}, {"name": "", "n": None}, []),
        ("aws_lb", {"internal": True}, {"internal": False}, ["changed: internal"]),
        ("aws_security_group", {"ingress": []}, {"ingress": [{"from_port": 1}]}, []),  # by its rules instead
        ("aws_vpc", {"x": [{"y": 1}, {"y": 2}]}, {"x": [{"y": 2}, {"y": 1}]}, []),
    ],
)
def test_a_difference_is_told_by_its_attribute_and_never_by_its_value(kind, before, after, expected):
    assert told(kind, before, after) == [f"prod: {kind}.this {each}" for each in expected]


def test_a_rule_needs_a_resource_of_its_own_even_if_the_state_took_it_in():
    """An apply reads the group again, and so writes a stranger's rule into the state as if it had always been there."""
    rule = {"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["10.0.0.0/8"]}
    strange = {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"]}
    everything = {"protocol": "-1", "from_port": 0, "to_port": 0, "self": True}
    group = {"id": "sg-1", "ingress": [rule, strange, everything], "egress": []}
    own = {
        "security_group_id": "sg-1",
        "ip_protocol": "tcp",
        "from_port": 443,
        "to_port": 443,
        "cidr_ipv4": "10.0.0.0/8",
    }
    explained = known([("aws_vpc_security_group_ingress_rule", own), ("aws_security_group", group)])
    assert unexplained("aws_security_group", group, explained) == [
        "ingress of all protocols, sg-1",
        "ingress tcp 22, 0.0.0.0/0",
    ]
    other = known([("aws_vpc_security_group_ingress_rule", {**own, "security_group_id": "sg-2"})])
    assert len(unexplained("aws_security_group", group, other)) == 3, "a rule of another group explains nothing"


@pytest.mark.parametrize(
    ("kind", "values", "said", "expected"),
    [
        ("aws_iam_role", {"name": "r", "inline_policy": [{"name": "p"}], "managed_policy_arns": ["arn:admin"]},
         ("aws_iam_role_policy", {"role": "r", "name": "p"}), ["attached policy arn:admin"]),
        ("aws_route_table", {"id": "rtb", "route": [{"cidr_block": "0.0.0.0/0", "gateway_id": "igw-2"}]},
         ("aws_route", {"route_table_id": "rtb", "destination_cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"}),
         ["route to 0.0.0.0/0 by igw-2"]),
        ("aws_s3_bucket", {"id": "b", "policy": "{}"}, ("aws_s3_bucket_policy", {"bucket": "b"}), []),
        ("aws_s3_bucket", {"id": "b", "policy": "{}", "grant": [{"uri": "http://acs.amazonaws.com/groups/global/AllUsers"}]},
         ("aws_s3_bucket_policy", {"bucket": "c"}), ["grant to everybody", "policy"]),
        ("aws_sqs_queue", {"id": "q", "policy": "{}"}, ("aws_sqs_queue_policy", {"queue_url": "q"}), []),
        ("aws_sns_topic", {"id": "t", "arn": "arn:aws:sns:r:1:t", "policy": json.dumps(
            {"Statement": [{"Condition": {"StringEquals": {"AWS:SourceOwner": "1"}}}]})}, ("", {}), []),
        ("aws_sns_topic", {"id": "t", "arn": "arn:aws:sns:r:1:t", "policy": json.dumps({"Statement": [
            {"Condition": {"StringEquals": {"AWS:SourceOwner": "1"}}}, {"Principal": "*"}]})}, ("", {}), ["policy"]),
    ],
)  # fmt: skip
def test_what_only_repeats_others_is_explained_by_them(kind, values, said, expected):
    assert unexplained(kind, values, known([said])) == expected


def test_the_copy_of_a_state_has_no_secret_no_output_and_no_variable():
    text = state(
        resource("aws_vpc", "this", arn="arn:aws:ec2:eu-west-1:1:vpc/vpc-1", id="vpc-1"),
        resource("aws_acm_certificate", "edge", f"{AWS}.us_east_1", arn="arn:aws:acm:us-east-1:1:certificate/c"),
        resource("aws_iam_role", "there", f"module.x.{AWS}", arn="arn:aws:iam::1:role/r"),
        resource("aws_secretsmanager_secret_version", "this", secret_string="s3cret"),
        resource("aws_caller_identity", "this", mode="data"),
        resource("random_password", "p", 'provider["registry.terraform.io/hashicorp/random"]', result="s3cret"),
        resource("terraform_data", "name", 'provider["terraform.io/builtin/terraform"]', input="s3cret"),
    )
    copy = copied(text, "prod", REGION)
    assert copy.left_out == ("aws_secretsmanager_secret_version.this", "random_password.p")
    assert copy.looked_at == 3
    assert "s3cret" not in "".join(copy.files.values())
    assert json.loads(copy.files["terraform.tfstate"])["outputs"] == {}
    blocks = json.loads(copy.files["provider.tf.json"])["provider"]["aws"]
    assert [block["region"] for block in blocks] == [REGION, REGION, "eu-west-1", "us-east-1"]
    assert "backend" not in copy.files["provider.tf.json"]
    assert copied(state(), "prod", REGION) is None


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"version": 3, "resources": []}', '{"version": 4, "resources": [{}]}']
)
def test_what_is_no_state_is_refused(text):
    with pytest.raises(StateUnreadable, match="prod: no state"):
        copied(text, "prod", REGION)


def test_what_has_our_tags_and_is_in_no_state():
    made = resource("aws_launch_template", "t", id="lt-1"), resource("aws_eks_cluster", "c", id="c")
    made += (resource("aws_key_pair", "k", id="agents", key_pair_id="key-1"),)  # AWS lists it by the other id
    named, node = identifiers(state(*made), "p"), {"karpenter.sh/nodepool": "x"}
    launched = {**OURS, "aws:ec2launchtemplate:id": "lt-1"}
    things = [
        Thing("instance", REGION, "i-strange", tags=OURS),
        Thing("EBS volume", REGION, "vol-strange", tags=OURS, inside=["i-strange"]),
        Thing("instance", REGION, "i-host", tags=launched),
        Thing("EBS volume", REGION, "vol-host", tags=OURS, inside=["i-host"]),
        Thing("instance", REGION, "i-node", tags={**OURS, **node, "kubernetes.io/cluster/c": "owned"}),
        Thing("instance", REGION, "i-lies", tags={**OURS, **node, "kubernetes.io/cluster/d": "owned"}),
        Thing("key", REGION, "k", tags=OURS, blocks=False),
        Thing("launch template", REGION, "lt-1", tags=OURS),
        Thing("key pair", REGION, "key-1", tags=OURS),
        Thing("database snapshot", REGION, "rds:db-2026", tags=OURS),
    ]  # fmt: skip
    found = unmanaged(things, named, "k")
    assert [each.address.split()[-3] for each in found.found] == ["i-strange", "vol-strange", "i-lies"]
    assert found.in_clusters == 1


def test_texts_of_others_cannot_write_a_message():
    evil = shown("`tags`.<!channel>\n*ok* " + "x" * 500)
    assert len(evil) == 120
    assert not set("`<>\n!") & set(evil)


A = Drifted("prod", "aws_vpc.this", DriftKind.CHANGED, "tags_all.a", "1")
B = Drifted("prod", "aws_vpc.that", DriftKind.GONE)


def test_each_difference_is_new_once_and_again_when_it_changes():
    changed = Drifted("prod", "aws_vpc.this", DriftKind.CHANGED, "tags_all.a", "2")
    assert news([], [A, B]) == News([B, A], [], 2)
    assert not news([A, B], [B, A])
    assert news([A, B], [changed, B]) == News([changed], [], 2)
    assert news([A, B], [B]) == News([], [A], 1)
    assert from_json(to_json([A, B])) == [B, A]
    assert from_json("{") == from_json('[{"x": 1}]') == []


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_message_has_a_title_lists_and_the_command(language):
    many = [Drifted("prod", f"aws_vpc.n{number:02}", DriftKind.GONE) for number in range(30)]
    title, parts = words(News(many, [A], 30), language)
    assert "30" in title
    assert [text.count("\n") for _, text in parts] == [12, 0, 0]
    assert words(News([], [A], 0), language)[1] == [(parts[1][0], "prod: aws_vpc.this changed: tags_all.a")]


class Kept:
    """A bucket."""

    def __init__(self, **states: str) -> None:
        self.all, self.text = states, ""

    async def states(self) -> Mapping[str, str]:
        return self.all

    async def told(self) -> str:
        return self.text

    async def keep(self, text: str) -> None:
        self.text = text


class Seen:
    """Terraform, the tagging API and Slack."""

    def __init__(self) -> None:
        self.plans: dict[str, Any] = {}
        self.said: list[News] = []
        self.arrives = True

    def plan(self, name: str, copy: Copy) -> dict[str, Any]:
        assert copy.looked_at
        if isinstance(self.plans.get(name), Exception):
            raise self.plans[name]
        return self.plans.get(name, {})

    async def ours(self) -> Sequence[Thing]:
        return []

    async def tell(self, news: News) -> bool:
        self.said += [news] if self.arrives else []
        return self.arrives


def looks(kept: Kept, seen: Seen) -> tuple[list[str], bool]:
    async def once() -> tuple[list[str], bool]:
        service = Drift(kept, seen, seen, REGION)
        look = await service.look([], lambda _: None)
        return [str(each) for each in look.found], await service.tell(look, seen)

    return asyncio.run(once())


def test_told_once_not_each_hour_again_when_it_changes_and_when_it_is_gone():
    one = state(resource("aws_vpc", "this", id="vpc-1"))
    kept, seen = Kept(prod=one, permanent=one), Seen()
    looks(kept, seen)
    assert seen.said == []
    seen.plans["prod"] = drift("aws_vpc", {"a": 1}, {"a": 2})
    seen.arrives = False
    assert looks(kept, seen)[1] is False, "and it is tried again"
    seen.arrives = True
    looks(kept, seen), looks(kept, seen)
    assert [len(each.new) for each in seen.said] == [1]
    seen.plans["prod"] = drift("aws_vpc", {"a": 1}, {"a": 3})
    looks(kept, seen), looks(kept, seen)
    assert [(len(each.new), len(each.gone)) for each in seen.said] == [(1, 0), (1, 0)]
    seen.plans["prod"] = LookFailed("prod: terraform plan: AccessDenied password=hunter2x")
    assert looks(kept, seen)[0][0].startswith("prod: all of it not looked at")
    assert "hunter2x" not in str(seen.said)
    assert [(len(each.new), len(each.gone)) for each in seen.said[2:]] == [(1, 0)], "not: it is right again"
    seen.plans = {}
    looks(kept, seen), looks(kept, seen)
    assert [(len(each.new), len(each.gone), each.left) for each in seen.said[3:]] == [(0, 2, 0)]


def test_a_state_that_cannot_be_read_is_a_difference_and_an_unknown_name_is_refused():
    kept, seen = Kept(prod=state(resource("aws_vpc", "this", id="vpc-1")), dev="{"), Seen()
    assert [each.split(":")[0] for each in looks(kept, seen)[0]] == ["dev", "in no state"]
    service = Drift(kept, seen, seen, REGION)
    with pytest.raises(UnknownStack, match="event; expected some of dev, prod"):
        asyncio.run(service.look(["event"], print))
    with pytest.raises(UnknownStack, match="there is no state"):
        asyncio.run(Drift(Kept(), seen, seen, REGION).look([], print))
