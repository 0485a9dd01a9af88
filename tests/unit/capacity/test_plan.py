import json
import re
from pathlib import Path

import pytest

from marketday.capacity.cost.charges import RULES, charges_for
from marketday.capacity.cost.free import is_free
from marketday.capacity.cost.model import Resource
from marketday.capacity.cost.plan import from_json, read_plan, resources_of, to_json
from marketday.capacity.cost.reference import differences, reference, with_sizes, written
from marketday.capacity.cost.run import parse_run, read_run
from marketday.capacity.errors import UnreadablePlan, UnreadableRun
from marketday.capacity.sizing.model import sizes_for, terraform_sizes
from marketday.testing.definitions import dawn_serum

ROOT = Path(__file__).parents[3]
TAGS = {"tags_all": {"marketday:stack": "event"}}


def row(address, mode="managed", **values):
    return {"address": address, "mode": mode, "type": re.findall(r"aws_\w+", address)[0], "values": {**TAGS, **values}}


def plan(*resources, **modules):
    children = [{"address": f"module.{name}", "resources": rows} for name, rows in modules.items()]
    return {"planned_values": {"root_module": {"resources": list(resources), "child_modules": children}}}


def test_what_costs_is_kept_with_what_its_price_depends_on():
    [key, database] = resources_of(
        plan(
            row("aws_kms_key.this", description="secret"),
            row("aws_security_group.this"),
            row("data.aws_kms_key.other", mode="data"),
            database=[row("module.database.aws_db_instance.this", instance_class="c", multi_az=True, username="u")],
        )
    )
    assert key == Resource("event", "aws_kms_key.this", "aws_kms_key", {})
    assert database.address == "module.database.aws_db_instance.this"
    assert database.values == {"instance_class": "c", "multi_az": True}


def test_a_service_is_as_large_as_the_task_definition_beside_it():
    rows = [
        row(
            f'module.service["{name}"].aws_ecs_task_definition.this',
            cpu=cpu,
            memory="1024",
            runtime_platform=[{"cpu_architecture": "ARM64"}],
        )
        for name, cpu in (("gate", "256"), ("store", "512"))
    ]
    [service] = resources_of(plan(*rows, row('module.service["store"].aws_ecs_service.this', desired_count=2)))
    assert service.values == {"desired_count": 2, "cpu": "512", "memory": "1024", "cpu_architecture": "ARM64"}


def test_a_service_without_task_definition_is_reported():
    with pytest.raises(UnreadablePlan, match=r"expected module\.gate\.aws_ecs_task_definition\.this"):
        resources_of(plan(row("module.gate.aws_ecs_service.this", desired_count=2)))


def test_zones_are_counted_where_the_plan_does_not_know_the_subnets_yet():
    subnets = [row(f"aws_subnet.app[{place}]", availability_zone=zone) for place, zone in enumerate("abcab")]
    [endpoint] = resources_of(plan(*subnets, row("aws_vpc_endpoint.logs", vpc_endpoint_type="Interface")))
    assert charges_for(endpoint)[0].amount == 3


def test_an_unknown_type_is_kept_and_told_later():
    [unknown] = resources_of(plan(row("aws_quantum_computer.this", qubits=3)))
    assert unknown.type == "aws_quantum_computer"
    assert charges_for(unknown) is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "expected the output of `terraform show -json PLAN`"),
        ("[]", "has no planned_values"),
        ("{}", "has no planned_values"),
        ('{"planned_values": {}}', "has no planned_values"),
        ('{"planned_values": null}', "has no planned_values"),
        ('{"planned_values": {"root_module": {"resources": [3]}}}', "expected the output of `terraform show -json`"),
        ('{"planned_values": {"root_module": {"resources": [{"mode": "managed", "values": 3}]}}}', "AttributeError"),
        (json.dumps(plan()), "the tag marketday:stack of its resources: none; expected one of permanent, event, link"),
        (json.dumps(plan({**row("aws_eip.this"), "values": {}})), "none; expected"),
        (json.dumps(plan(row("aws_eip.this", tags_all={"marketday:stack": "prod"}))), "resources: prod; expected"),
        (json.dumps(plan(row("aws_eip.a"), row("aws_eip.b", tags_all={"marketday:stack": "link"}))), "event, link"),
    ],
)
def test_what_is_no_plan_of_ours_is_told_with_its_file(tmp_path, text, told):
    file = tmp_path / "plan.json"
    file.write_text(text, "utf-8")
    with pytest.raises(UnreadablePlan, match=told) as raised:
        read_plan(file)
    assert str(file) in raised.value.detail


def test_a_missing_plan_is_reported(tmp_path):
    with pytest.raises(UnreadablePlan, match="No such file"):
        read_plan(tmp_path / "none.json")


def test_what_a_run_keeps_of_its_plan_comes_back():
    kept = json.loads(json.dumps(to_json(reference())))
    assert len(kept) == len(reference())
    assert {one.address for one in from_json("event", kept)} == {one.address for one in reference()}


def test_the_reference_has_the_three_stacks_and_is_written_as_it_is_read():
    assert {one.stack for one in reference()} == {"permanent", "event", "link"}
    types = {one.type for one in reference() if one.stack == "event"}
    assert {"aws_db_instance", "aws_nat_gateway", "aws_ecs_service", "aws_wafv2_web_acl", "aws_lb"} <= types
    content = json.loads(written(reference()))
    assert [one for stack in content for one in from_json(stack, content[stack])] == sorted(
        reference(), key=lambda one: (list(content).index(one.stack), one.address)
    )


def test_a_plan_that_differs_from_the_reference_is_told_stack_by_stack():
    event = [one for one in reference() if one.stack == "event"]
    assert differences(event) == []
    more = [*event, Resource("event", "x", "aws_eip", {}), Resource("event", "y", "aws_quantum_computer", {})]
    eips = sum(one.type == "aws_eip" for one in event)
    assert differences(more) == [
        f"event: {eips + 1} of aws_eip are planned, but the reference has {eips}",
        "event: 1 of aws_quantum_computer are planned, but the reference has 0",
        "event: aws_quantum_computer has no price rule and is not listed as free",
    ]


def test_every_type_in_the_stacks_is_priced_or_known_to_be_free():
    declared = {
        (file.parent.name, type_)
        for file in (ROOT / "infra" / "terraform").rglob("*.tf")
        for type_ in re.findall(r'^resource "(\w+)"', file.read_text("utf-8"), re.MULTILINE)
    }
    assert declared
    assert {(where, type_) for where, type_ in declared if type_ not in RULES and not is_free(type_)} == set()


def test_the_sizes_of_a_drop_take_the_place_of_those_that_were_planned():
    sizes = terraform_sizes(sizes_for(dawn_serum().demand()))
    sizes["store"] = {**sizes["store"], "min": 7}
    sized = with_sizes(reference(), {**sizes, "stream_shards": 3, "load_balancer_units": 150})
    assert len(sized) == len(reference())
    by_type = {one.type: one.values for one in sized if one.stack == "event"}
    assert by_type["aws_kinesis_stream"]["shard_count"] == 3
    [balancer] = [one for one in sized if one.type == "aws_lb"]
    assert ("alb.reserved_lcu", 150) in [(charge.price, charge.amount) for charge in charges_for(balancer)]
    assert by_type["aws_db_instance"]["instance_class"] == sizes["database"]["instance_class"]
    assert by_type["aws_elasticache_replication_group"]["num_cache_clusters"] == 2
    [store] = [one for one in sized if one.type == "aws_ecs_service" and "store" in one.address]
    assert [charge.amount for charge in charges_for(store)] == [7, 14]  # all on demand: Spot gets what is above


STAY = {
    "stack": "event",
    "existed_from": "2026-12-09T13:00:00+00:00",
    "existed_until": "2026-12-10T15:00:00Z",
    "resources": [{"address": "aws_eip.this", "type": "aws_eip", "values": {}}],
}


def test_a_run_tells_what_existed_and_when(tmp_path):
    file = tmp_path / "run.json"
    file.write_text(json.dumps({"stacks": [STAY]}), "utf-8")
    [one] = read_run(file)
    assert one.resource == Resource("event", "aws_eip.this", "aws_eip", {})
    assert (one.existed_until - one.existed_from).total_seconds() == 26 * 3600


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ([], "a list `stacks`"),
        ({"stacks": []}, "a list `stacks`"),
        ({"stacks": ["event"]}, "stack = None; expected one of"),
        ({"stacks": [{**STAY, "stack": "prod"}]}, "stack = 'prod'"),
        ({"stacks": [{**STAY, "existed_from": "yesterday"}]}, "existed_from of the stack event = 'yesterday'"),
        ({"stacks": [{**STAY, "existed_until": "2026-12-10T15:00:00"}]}, "existed_until of the stack event"),
        ({"stacks": [{**STAY, "existed_until": None}]}, "existed_until of the stack event = None"),
        ({"stacks": [{**STAY, "resources": None}]}, "resources of the stack 'event'"),
        ({"stacks": [{**STAY, "resources": [{"type": "aws_eip"}]}]}, "expected address, type and values"),
    ],
)
def test_an_invalid_record_of_a_run_is_reported(record, told):
    with pytest.raises(UnreadableRun, match=told):
        parse_run(record)


@pytest.mark.parametrize("text", ["{", '{"stacks": 3}'])
def test_a_run_that_cannot_be_read_is_told_with_its_file(tmp_path, text):
    file = tmp_path / "run.json"
    file.write_text(text, "utf-8")
    with pytest.raises(UnreadableRun, match=r"run\.json"):
        read_run(file)
