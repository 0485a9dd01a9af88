"""How AWS charges for each type of resource: which price, how often, by the hour, the month or the use.

A type has a price (RULES), is free (free.py), or is unknown: then the bill names it, and its total is a minimum.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from marketday.capacity.errors import UnreadablePlan

HOURS_PER_YEAR = 8_766  # 365.25 days
HOURS_PER_MONTH = HOURS_PER_YEAR / 12
IMAGE_GB = 1  # size of the images in a repository
DISK_GB = 16  # disk of a build host
INSIGHT_METRICS = 41  # Container Insights: about 11 metrics for each of the three services, and 8 for their cluster
DMS_INCLUDED_GB = 50
BACKUP_COPY_GB = 100  # a week of a database's snapshots and logs in another region
PLACES_READ = 4  # the function at the edge reads up to four places for a request (ADR 8)
_SPOT = "FARGATE_SPOT"


class Charged(Protocol):
    """The parts of a resource that its charges depend on."""

    @property
    def type(self) -> str:
        """Its type in Terraform."""
        ...

    @property
    def address(self) -> str:
        """Its address in the plan."""
        ...

    @property
    def values(self) -> Mapping[str, Any]:
        """Its attributes."""
        ...


@dataclass(frozen=True, slots=True)
class Charge:
    """`amount` times the price with the key `price`, for each unit of `of`: hours, months, or a used quantity."""

    price: str
    amount: float = 1.0
    of: str = "hours"


@dataclass(frozen=True, slots=True)
class Rule:
    """The attributes that a type's price depends on, and the charges that follow."""

    attributes: tuple[str, ...]
    charges: Callable[[Mapping[str, Any]], Sequence[Charge]]


def charges_for(resource: Charged) -> Sequence[Charge] | None:
    """Return the charges for a resource; None if its type is unknown.

    Raises:
        UnreadablePlan: an attribute that the price depends on is missing or not valid.

    """
    rule = RULES.get(resource.type)
    if rule is None:
        return None
    try:
        return rule.charges(resource.values)
    except (AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
        wanted = ", ".join(rule.attributes)
        raise UnreadablePlan(
            f"{resource.address} ({resource.type}) cannot be priced: {type(error).__name__} {error}; "
            f"expected a plan with a value for its {wanted}"
        ) from None


def _always(*charges: Charge) -> Rule:
    return Rule((), lambda _: charges)


def _fargate(values: Mapping[str, Any]) -> list[Charge]:
    """Split the tasks between on-demand and Spot as ECS does: first each provider's base, then by weight."""
    tasks = int(values["desired_count"])
    strategy = values.get("capacity_provider_strategy") or []
    bases = sum(min(int(one.get("base") or 0), tasks) for one in strategy)
    weights = sum(int(one.get("weight") or 0) for one in strategy)
    free = max(tasks - bases, 0)
    spot = sum(
        int(one.get("base") or 0) + (free * int(one.get("weight") or 0) / weights if weights else 0)
        for one in strategy
        if one["capacity_provider"] == _SPOT
    )
    platform = "arm" if values.get("cpu_architecture") == "ARM64" else "x86"
    vcpus, gigabytes = int(values["cpu"]) / 1024, int(values["memory"]) / 1024
    split = ((f"fargate.{platform}", tasks - spot), (f"fargate.{platform}.spot", spot))
    return [
        charge
        for price, count in split
        if count > 0
        for charge in (Charge(f"{price}.vcpu", vcpus * count), Charge(f"{price}.gb", gigabytes * count))
    ]


def _database(values: Mapping[str, Any]) -> list[Charge]:
    zones = "multi" if values.get("multi_az") else "single"
    charges = [
        Charge(f"rds.{zones}.{values['instance_class']}"),
        Charge(f"rds.{zones}.{values.get('storage_type') or 'gp3'}", float(values["allocated_storage"]), "months"),
    ]
    return [*charges, Charge("secret.month", of="months")] if values.get("manage_master_user_password") else charges


def _cache(values: Mapping[str, Any]) -> list[Charge]:
    return [
        Charge(
            f"elasticache.{values.get('engine') or 'redis'}.{values['node_type']}", int(values["num_cache_clusters"])
        )
    ]


def _load_balancer(values: Mapping[str, Any]) -> list[Charge]:
    if values.get("load_balancer_type", "application") != "application":
        raise ValueError(f"load_balancer_type {values['load_balancer_type']!r}")
    # A reserve is paid for each hour of a drop's stack, used or not (capacity units of the AWS resource are LCUs). A
    # shop that keeps its load balancer all year would reserve this only for its drops too.
    reserved = sum(int(one["capacity_units"]) for one in values.get("minimum_load_balancer_capacity") or [])
    charges = [Charge("alb.hour"), Charge("alb.lcu", of="lcu_hours")]
    charges += [Charge("alb.reserved_lcu", reserved, "reserve_hours")] if reserved else []
    return charges if values.get("internal") else [*charges, Charge("ipv4.hour", int(values["zones"]))]


def _endpoint(values: Mapping[str, Any]) -> list[Charge]:
    if values.get("vpc_endpoint_type", "Gateway") == "Gateway":
        return []
    zones = len(values.get("subnet_ids") or ()) or int(values["zones"])
    return [Charge("endpoint.hour", zones), Charge("endpoint.gb", of="endpoint_gb")]


def _web_acl(values: Mapping[str, Any]) -> list[Charge]:
    requests = "edge_requests" if values.get("scope") == "CLOUDFRONT" else "origin_requests"
    rules = values["rule"]
    return [
        Charge("waf.acl", of="months"),
        Charge("waf.rule", rules if isinstance(rules, int) else len(rules), "months"),
        Charge("waf.requests", of=requests),
    ]


def _stream(values: Mapping[str, Any]) -> list[Charge]:
    modes = {one.get("stream_mode") for one in values.get("stream_mode_details") or []}
    puts = Charge("kinesis.puts", of="records")
    if "ON_DEMAND" in modes:
        return [Charge("kinesis.on_demand"), puts]
    shards = int(values["shard_count"])
    metrics = len(values.get("shard_level_metrics") or ()) * shards
    return [Charge("kinesis.shard", shards), puts, Charge("metric.month", metrics, "months")]


def _replication(values: Mapping[str, Any]) -> list[Charge]:
    instances = 2 if values.get("multi_az") else 1
    charges = [Charge(f"dms.{values['replication_instance_class']}", instances)]
    more_gb = int(values.get("allocated_storage") or 0) - DMS_INCLUDED_GB
    return [*charges, Charge("dms.gb", more_gb * instances, "months")] if more_gb > 0 else charges


def _function(values: Mapping[str, Any]) -> list[Charge]:
    platform = "arm" if "arm64" in (values.get("architectures") or ()) else "x86"
    seconds = Charge(f"lambda.{platform}.gb_seconds", int(values.get("memory_size") or 128) / 1024, "function_seconds")
    return [Charge("lambda.requests", of="function_calls"), seconds]


def _cluster(values: Mapping[str, Any]) -> list[Charge]:
    insights = [one for one in values.get("setting") or [] if one.get("name") == "containerInsights"]
    watched = any(one.get("value") in ("enabled", "enhanced") for one in insights)
    return [Charge("metric.month", INSIGHT_METRICS, "months")] if watched else []


def _table(values: Mapping[str, Any]) -> list[Charge]:
    if values.get("billing_mode") != "PAY_PER_REQUEST":
        raise ValueError(f"billing_mode {values.get('billing_mode')!r}")
    return [Charge("dynamodb.writes", of="run_writes")]


def _build_host(values: Mapping[str, Any]) -> list[Charge]:
    """Charge for the host that the lifecycle starts from the template, because no plan contains it.

    A spare template is used instead of the first one, never beside it.
    """
    if "-spare-" in values["name"]:
        return []
    return [
        Charge(f"ec2.{values['instance_type']}", of="build_hours"),
        Charge("ipv4.hour", of="build_hours"),
        Charge("ebs.gp3", DISK_GB / HOURS_PER_MONTH, "build_hours"),
    ]


def _instance(values: Mapping[str, Any]) -> list[Charge]:
    return [Charge(f"ec2.{values['instance_type']}"), Charge("ebs.gp3", values.get("disk_gb", DISK_GB), "months")]


def _nodes(values: Mapping[str, Any]) -> list[Charge]:
    count = int(values["scaling_config"][0]["desired_size"])
    disk_gb = int(values.get("disk_size") or DISK_GB)
    return [Charge(f"ec2.{values['instance_types'][0]}", count), Charge("ebs.gp3", disk_gb * count, "months")]


RULES: Mapping[str, Rule] = {
    "aws_athena_workgroup": _always(Charge("athena.tb", of="scanned_tb")),
    "aws_cloudfront_distribution": _always(
        Charge("cloudfront.gb", of="edge_gb"), Charge("cloudfront.requests", of="edge_requests")
    ),
    "aws_cloudfront_function": _always(Charge("cloudfront.functions", of="edge_requests")),
    "aws_cloudfront_key_value_store": _always(Charge("cloudfront.key_value_reads", PLACES_READ, "edge_requests")),
    "aws_cloudwatch_composite_alarm": _always(Charge("alarm.composite", of="months")),
    "aws_cloudwatch_dashboard": _always(Charge("dashboard.month", of="months")),
    "aws_cloudwatch_log_group": _always(Charge("logs.gb", of="log_gb")),
    "aws_cloudwatch_metric_alarm": _always(Charge("alarm.month", of="months")),
    "aws_db_instance_automated_backups_replication": _always(Charge("rds.backup", BACKUP_COPY_GB, "months")),
    "aws_db_instance": Rule(
        ("instance_class", "multi_az", "storage_type", "allocated_storage", "manage_master_user_password"), _database
    ),
    "aws_dms_replication_instance": Rule(("replication_instance_class", "multi_az", "allocated_storage"), _replication),
    "aws_dynamodb_table": Rule(("billing_mode",), _table),
    "aws_ecr_repository": _always(Charge("ecr.gb", IMAGE_GB, "months")),
    "aws_ecs_cluster": Rule(("setting",), _cluster),
    "aws_ecs_service": Rule(
        ("desired_count", "cpu", "memory", "cpu_architecture", "capacity_provider_strategy"), _fargate
    ),
    "aws_eip": _always(Charge("ipv4.hour")),
    "aws_elasticache_replication_group": Rule(("engine", "node_type", "num_cache_clusters"), _cache),
    "aws_instance": Rule(("instance_type", "disk_gb"), _instance),
    "aws_kinesis_firehose_delivery_stream": _always(
        Charge("firehose.gb", of="archived_gb"), Charge("firehose.conversion", of="archived_gb")
    ),
    "aws_kinesis_stream": Rule(("shard_count", "stream_mode_details", "shard_level_metrics"), _stream),
    "aws_kms_key": _always(Charge("kms.key", of="months")),
    "aws_lambda_function": Rule(("memory_size", "architectures"), _function),
    "aws_launch_template": Rule(("instance_type", "name"), _build_host),
    "aws_eks_cluster": _always(Charge("eks.cluster")),
    "aws_eks_node_group": Rule(("instance_types", "scaling_config", "disk_size"), _nodes),
    "aws_lb": Rule(("load_balancer_type", "internal", "zones", "minimum_load_balancer_capacity"), _load_balancer),
    "aws_nat_gateway": _always(Charge("nat.hour"), Charge("nat.gb", of="nat_gb")),
    "aws_route53_zone": _always(Charge("route53.zone", of="months"), Charge("route53.queries", of="dns_queries")),
    "aws_s3_bucket": _always(Charge("s3.gb", of="stored_gb_months"), Charge("s3.puts", of="stored_objects")),
    "aws_scheduler_schedule": _always(Charge("scheduler.calls", of="function_calls")),
    "aws_secretsmanager_secret": _always(Charge("secret.month", of="months")),
    "aws_sns_topic": _always(Charge("sns.messages", of="messages")),
    "aws_sqs_queue": _always(Charge("sqs.requests", of="messages")),
    "aws_vpc_endpoint": Rule(("vpc_endpoint_type", "subnet_ids", "zones"), _endpoint),
    "aws_vpc_peering_connection": _always(Charge("peering.gb", 2, "copied_gb")),  # out of one VPC, into the other
    "aws_wafv2_web_acl": Rule(("scope", "rule"), _web_acl),
}
