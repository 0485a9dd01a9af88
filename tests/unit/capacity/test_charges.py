import json
import re
from pathlib import Path

import pytest
import yaml

from marketday.capacity.cost.charges import INSIGHT_METRICS, RULES, Charge, charges_for
from marketday.capacity.cost.free import FREE, is_free
from marketday.capacity.cost.kept import CONTROLLER_DISK_GB, CONTROLLER_NODE, CONTROLLERS, ZONES, kept_in_prod
from marketday.capacity.cost.model import Resource
from marketday.capacity.cost.prices import read_prices, usual_table
from marketday.capacity.cost.reference import reference
from marketday.capacity.cost.usage import uses_of
from marketday.capacity.errors import UnreadablePlan
from marketday.testing.definitions import dawn_serum

INFRA = Path(__file__).parents[3] / "infra"
PROD_VARIABLES, KUBERNETES = INFRA / "terraform" / "prod" / "variables.tf", INFRA / "kubernetes"


def charges(type_, **values):
    return charges_for(Resource("event", f"{type_}.this", type_, values))


def service(**values):
    return charges("aws_ecs_service", **{"desired_count": 4, "cpu": "1024", "memory": "2048"} | values)


def test_tasks_are_charged_by_cpu_and_memory():
    assert service() == [Charge("fargate.x86.vcpu", 4), Charge("fargate.x86.gb", 8)]
    assert service(cpu_architecture="ARM64", desired_count=1)[0] == Charge("fargate.arm.vcpu", 1)


def test_spot_gets_what_the_bases_leave_by_weight():
    strategy = [
        {"capacity_provider": "FARGATE_SPOT", "base": 0, "weight": 3},
        {"capacity_provider": "FARGATE", "base": 2, "weight": 1},
    ]
    assert service(desired_count=10, capacity_provider_strategy=strategy) == [
        Charge("fargate.x86.vcpu", 4),
        Charge("fargate.x86.gb", 8),
        Charge("fargate.x86.spot.vcpu", 6),
        Charge("fargate.x86.spot.gb", 12),
    ]
    assert service(desired_count=2, capacity_provider_strategy=strategy) == [
        Charge("fargate.x86.vcpu", 2),
        Charge("fargate.x86.gb", 4),
    ]


def test_nothing_runs_and_nothing_is_charged():
    assert service(desired_count=0) == []


def test_a_database_is_charged_by_class_zones_storage_and_its_secret():
    values = {"instance_class": "db.m7g.large", "storage_type": "gp3", "allocated_storage": 21}
    assert charges("aws_db_instance", **values, multi_az=True, manage_master_user_password=True) == [
        Charge("rds.multi.db.m7g.large"),
        Charge("rds.multi.gp3", 21, "months"),
        Charge("secret.month", of="months"),
    ]
    assert charges("aws_db_instance", **values)[0] == Charge("rds.single.db.m7g.large")


def test_an_endpoint_is_charged_in_each_zone_and_a_gateway_not_at_all():
    assert charges("aws_vpc_endpoint", vpc_endpoint_type="Gateway", zones=2) == []
    assert charges("aws_vpc_endpoint", vpc_endpoint_type="Interface", zones=2)[0] == Charge("endpoint.hour", 2)
    known = charges("aws_vpc_endpoint", vpc_endpoint_type="Interface", zones=2, subnet_ids=["a", "b", "c"])
    assert known[0] == Charge("endpoint.hour", 3)


def test_a_load_balancer_that_faces_the_internet_has_an_address_in_each_zone():
    assert Charge("ipv4.hour", 2) in charges("aws_lb", load_balancer_type="application", internal=False, zones=2)
    assert Charge("ipv4.hour", 2) not in charges("aws_lb", load_balancer_type="application", internal=True, zones=2)


def test_a_firewall_is_charged_by_rule_and_by_what_passes_it():
    assert charges("aws_wafv2_web_acl", scope="REGIONAL", rule=4) == [
        Charge("waf.acl", of="months"),
        Charge("waf.rule", 4, "months"),
        Charge("waf.requests", of="origin_requests"),
    ]
    assert charges("aws_wafv2_web_acl", scope="CLOUDFRONT", rule=[{}])[1:] == [
        Charge("waf.rule", 1, "months"),
        Charge("waf.requests", of="edge_requests"),
    ]


def test_streams_are_charged_by_shard_and_their_metrics_too():
    told = charges("aws_kinesis_stream", shard_count=2, shard_level_metrics=["a", "b", "c"])
    assert told[0] == Charge("kinesis.shard", 2)
    assert told[2] == Charge("metric.month", 6, "months")
    assert (
        charges("aws_kinesis_stream", stream_mode_details=[{"stream_mode": "ON_DEMAND"}])[0].price
        == "kinesis.on_demand"
    )


def test_the_rest_by_its_own_measure():
    assert charges(
        "aws_dms_replication_instance", replication_instance_class="dms.r6i.large", allocated_storage=80
    ) == [
        Charge("dms.dms.r6i.large", 1),
        Charge("dms.gb", 30, "months"),
    ]
    assert charges("aws_elasticache_replication_group", engine="valkey", node_type="n", num_cache_clusters=3) == [
        Charge("elasticache.valkey.n", 3)
    ]
    watched = charges("aws_ecs_cluster", setting=[{"name": "containerInsights", "value": "enabled"}])
    assert watched == [Charge("metric.month", INSIGHT_METRICS, "months")]
    assert charges("aws_ecs_cluster", setting=[{"name": "containerInsights", "value": "disabled"}]) == []
    assert charges("aws_lambda_function", memory_size=512, architectures=["arm64"])[1] == Charge(
        "lambda.arm.gb_seconds", 0.5, "function_seconds"
    )


@pytest.mark.parametrize(
    ("type_", "values"),
    [
        ("aws_ecs_service", {"desired_count": 2}),
        ("aws_db_instance", {"multi_az": True}),
        ("aws_dynamodb_table", {"billing_mode": "PROVISIONED"}),
        ("aws_lb", {"load_balancer_type": "gateway"}),
        ("aws_kinesis_stream", {"shard_count": None}),
        ("aws_ecs_service", {"desired_count": 2, "cpu": "a lot", "memory": "1024"}),
        ("aws_ecs_service", {"desired_count": 2, "capacity_provider_strategy": ["FARGATE"]}),
    ],
)
def test_what_cannot_be_priced_is_told_and_never_free(type_, values):
    with pytest.raises(UnreadablePlan, match=rf"{type_}\.this .* cannot be priced"):
        charges(type_, **values)


def test_an_unknown_type_has_no_charges_and_is_not_free():
    assert charges("aws_quantum_computer") is None
    assert not is_free("aws_quantum_computer")


def test_no_type_is_both_priced_and_free():
    assert {type_ for type_ in RULES if is_free(type_)} == set()
    assert not FREE & set(RULES)


def test_every_charge_of_the_reference_has_a_price_and_a_quantity():
    prices = read_prices(usual_table()).prices
    known = {"hours", "months", *uses_of(dawn_serum().demand(), 26, 2)}
    for resource in reference():
        for charge in charges_for(resource):
            assert charge.price in prices, resource.address
            assert charge.of in known, resource.address


def test_a_load_balancers_reserve_is_paid_by_the_hour():
    values = {"internal": True, "zones": 2, "minimum_load_balancer_capacity": [{"capacity_units": 150}]}
    assert Charge("alb.reserved_lcu", 150, "reserve_hours") in charges_for(
        Resource("event", "aws_lb.this", "aws_lb", values)
    )
    without = {**values, "minimum_load_balancer_capacity": []}
    assert not [
        one for one in charges_for(Resource("event", "aws_lb.this", "aws_lb", without)) if "reserved" in one.price
    ]


def test_the_controllers_nodes_are_those_of_the_manifests():
    nodes = list(yaml.safe_load_all((KUBERNETES / "nodes" / "controller.yaml").read_text("utf-8")))
    pool, node_class = (one["spec"] for one in nodes)
    wanted = {each["key"].rpartition("/")[2]: each["values"] for each in pool["template"]["spec"]["requirements"]}
    assert wanted["capacity-type"] == ["on-demand"]
    assert CONTROLLER_NODE[0] in wanted["instance-category"]
    assert int(CONTROLLER_NODE[1]) > int(wanted["instance-generation"][0])
    assert (wanted["instance-cpu"], CONTROLLER_NODE.partition(".")[2]) == (["2"], "large")
    assert node_class["blockDeviceMappings"][0]["ebs"]["volumeSize"] == f"{CONTROLLER_DISK_GB}Gi"
    controller = next(yaml.safe_load_all((KUBERNETES / "base" / "controller.yaml").read_text("utf-8")))
    assert controller["spec"]["replicas"] == CONTROLLERS
    [spread] = controller["spec"]["template"]["spec"]["topologySpreadConstraints"]
    assert (spread["topologyKey"], spread["whenUnsatisfiable"]) == ("topology.kubernetes.io/zone", "DoNotSchedule")


def test_what_is_kept_in_prod_is_what_the_stack_has():
    zones = re.search(r'variable "zones" \{.*?default\s+= (\[.*?\])', PROD_VARIABLES.read_text("utf-8"), re.DOTALL)
    assert len(json.loads(zones[1])) == ZONES
    assert {charge.price for one in kept_in_prod() for charge in charges_for(one)} == {
        "endpoint.hour", "endpoint.gb", "ec2.c6i.large", "ebs.gp3",
    }  # fmt: skip
    assert len(kept_in_prod(own_cluster=True)) > len(kept_in_prod())
