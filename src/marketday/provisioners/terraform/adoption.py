"""Which things exist that a plan would make again, and how Terraform takes them into its state. Pure.

A run that was lost leaves things that its state does not know. `RULES` and `LOOKS` say, for each type of resource in
the stacks `event` and `link`, how its thing is recognised and what `terraform import` calls it. A name is not enough: a
thing with other tags than the plan gives it is somebody else's, and is left alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from marketday.provisioners.sweep.finder import dig, first
from marketday.provisioners.sweep.model import ENVIRONMENT_TAG, GLOBAL, STACK_TAG, Thing

TAG = "Name"  # of a thing that has no name of its own; no two things of a type in a stack have the same
# Not a peering that waits to be accepted ("pending-acceptance"): Terraform accepts it.
_COMING = ("creating", "pending", "provisioning", "modifying", "backing-up", "configuring", "create_in_progress")
_GOING = ("deleting", "deleted", "delet", "in deletion", "inactive", "pendingdeletion", "draining")
_BROKEN = ("failed", "create-failed", "incompatible", "create_failed", "rollback", "inaccessible")


@dataclass(frozen=True, slots=True)
class ImportRule:
    """A thing that the sweep finds: its kind there, the attribute that names it, and its id for an import.

    In `id`, `arn`, `last` (of the ARN or id, after the last slash) and `path` (after the first) come from the thing,
    `account` and `region` from where it is, and everything else from the plan.
    """

    kind: str
    by: str = "name"
    id: str = "{id}"


@dataclass(frozen=True, slots=True)
class Look:
    """A thing inside another one, of which the sweep shows too little: one more call finds it.

    `arguments` and `match` name attributes of the plan; a key that ends in [] becomes a list. What `match` says must be
    equal in an item at the path `items`.
    """

    service: str
    call: str
    arguments: Mapping[str, str]
    items: str
    match: Mapping[str, str]
    id: str
    fixed: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WantedThing:
    """A resource that a plan would create: its address, its type, and the attributes that are known before."""

    address: str
    type: str
    known: Mapping[str, Any]


RULES: Mapping[str, ImportRule] = {
    "aws_athena_workgroup": ImportRule("Athena workgroup"),
    "aws_cloudformation_stack": ImportRule("CloudFormation stack"),
    "aws_cloudwatch_log_group": ImportRule("log group"),
    "aws_db_instance": ImportRule("database", "identifier"),
    "aws_db_parameter_group": ImportRule("database parameter group"),
    "aws_db_subnet_group": ImportRule("database subnet group"),
    "aws_dms_certificate": ImportRule("replication certificate", "certificate_id"),
    "aws_dms_endpoint": ImportRule("replication endpoint", "endpoint_id"),
    "aws_dms_replication_instance": ImportRule("replication instance", "replication_instance_id"),
    "aws_dms_replication_subnet_group": ImportRule("replication subnet group", "replication_subnet_group_id"),
    "aws_dms_replication_task": ImportRule("replication task", "replication_task_id"),
    "aws_ecs_cluster": ImportRule("ECS cluster", id="{last}"),
    "aws_ecs_service": ImportRule("ECS service", id="{path}"),
    "aws_eip": ImportRule("elastic IP", TAG),
    "aws_elasticache_parameter_group": ImportRule("cache parameter group"),
    "aws_elasticache_replication_group": ImportRule("cache", "replication_group_id"),
    "aws_elasticache_subnet_group": ImportRule("cache subnet group"),
    "aws_flow_log": ImportRule("flow log", TAG),
    "aws_glue_catalog_database": ImportRule("Glue database", id="{account}:{name}"),
    "aws_glue_catalog_table": ImportRule("Glue table", id="{account}:{database_name}:{name}"),
    "aws_iam_role": ImportRule("role"),
    "aws_internet_gateway": ImportRule("internet gateway", TAG),
    "aws_kinesis_firehose_delivery_stream": ImportRule(
        "delivery stream", id="arn:{partition}:firehose:{region}:{account}:deliverystream/{name}"
    ),
    "aws_kinesis_stream": ImportRule("stream"),
    "aws_kms_alias": ImportRule("key alias"),
    "aws_kms_key": ImportRule("key", "description"),
    "aws_lb": ImportRule("load balancer", id="{arn}"),
    "aws_lb_target_group": ImportRule("target group", id="{arn}"),
    "aws_nat_gateway": ImportRule("NAT gateway", TAG),
    "aws_route_table": ImportRule("route table", TAG),
    "aws_s3_bucket": ImportRule("bucket", "bucket"),
    "aws_secretsmanager_secret": ImportRule("secret", id="{arn}"),
    "aws_security_group": ImportRule("security group"),
    "aws_ssm_parameter": ImportRule("parameter"),
    "aws_subnet": ImportRule("subnet", TAG),
    "aws_vpc": ImportRule("VPC", TAG),
    "aws_vpc_endpoint": ImportRule("VPC endpoint", TAG),
    "aws_vpc_peering_connection": ImportRule("VPC peering", TAG),
    "aws_vpc_security_group_egress_rule": ImportRule("security group rule", TAG),
    "aws_vpc_security_group_ingress_rule": ImportRule("security group rule", TAG),
    "aws_wafv2_web_acl": ImportRule("WAF ACL", id="{last}/{name}/{scope}"),
}
_TABLE = {"RouteTableIds[]": "route_table_id"}
LOOKS: Mapping[str, Look] = {
    "aws_db_instance_automated_backups_replication": Look(
        "rds",
        "describe_db_instances",
        {"DBInstanceIdentifier": "source_db_instance_arn"},
        "DBInstances.DBInstanceAutomatedBackupsReplications",
        {},
        "{DBInstanceAutomatedBackupsArn}",
    ),
    "aws_cloudwatch_log_stream": Look(
        "logs",
        "describe_log_streams",
        {"logGroupName": "log_group_name", "logStreamNamePrefix": "name"},
        "logStreams",
        {"logStreamName": "name"},
        "{log_group_name}:{name}",
    ),
    "aws_ecs_task_definition": Look(
        "ecs",
        "list_task_definitions",
        {"familyPrefix": "family"},
        "taskDefinitionArns",
        {},
        "{}",
        {"sort": "DESC", "status": "ACTIVE", "maxResults": 1},
    ),
    "aws_lb_listener": Look(
        "elbv2",
        "describe_listeners",
        {"LoadBalancerArn": "load_balancer_arn"},
        "Listeners",
        {"Port": "port"},
        "{ListenerArn}",
    ),
    "aws_lb_listener_rule": Look(
        "elbv2", "describe_rules", {"ListenerArn": "listener_arn"}, "Rules", {"Priority": "priority"}, "{RuleArn}"
    ),
    "aws_route": Look(
        "ec2",
        "describe_route_tables",
        _TABLE,
        "RouteTables.Routes",
        {"DestinationCidrBlock": "destination_cidr_block"},
        "{route_table_id}_{DestinationCidrBlock}",
    ),
    "aws_route_table_association": Look(
        "ec2",
        "describe_route_tables",
        _TABLE,
        "RouteTables.Associations",
        {"SubnetId": "subnet_id"},
        "{SubnetId}/{route_table_id}",
    ),
}
# AWS keeps one of these in each place, so making it again writes over it; or it goes with what it is in.
MADE_AGAIN = frozenset(
    {
        "aws_appautoscaling_policy",
        "aws_appautoscaling_target",
        "aws_athena_named_query",
        "aws_cloudfrontkeyvaluestore_key",
        "aws_cloudwatch_dashboard",
        "aws_cloudwatch_log_resource_policy",
        "aws_cloudwatch_log_subscription_filter",
        "aws_cloudwatch_metric_alarm",
        "aws_default_security_group",
        "aws_ecs_cluster_capacity_providers",
        "aws_iam_role_policy",
        "aws_s3_bucket_lifecycle_configuration",
        "aws_s3_bucket_logging",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_versioning",
        "aws_secretsmanager_secret_version",
        "aws_wafv2_web_acl_association",
        "aws_wafv2_web_acl_logging_configuration",
    }
)
_KEPT = {rule.by for rule in RULES.values()} | {
    attribute for look in LOOKS.values() for attribute in (*look.arguments.values(), *look.match.values())
}
_KEPT |= {"database_name", "scope", "name"}
_OWNER = (ENVIRONMENT_TAG, STACK_TAG)


def wanted(plan: Mapping[str, Any]) -> list[WantedThing]:
    """Return what a plan, as `terraform show -json` prints it, would create and may exist already."""
    found = []
    for each in plan.get("resource_changes", ()):
        after = each["change"].get("after") or {}
        if tuple(each["change"]["actions"]) != ("create",) or not {each.get("type")} & (RULES.keys() | LOOKS.keys()):
            continue
        known = {name: after[name] for name in _KEPT if isinstance(after.get(name), str | int)}
        tags = after.get("tags_all") or {}
        known |= {name: tags[name] for name in (TAG, *_OWNER) if tags.get(name)}
        found.append(WantedThing(each["address"], each["type"], known))
    return found


@dataclass(frozen=True, slots=True)
class Found:
    """What exists of the wanted things."""

    imports: Mapping[str, str]  # ids by their addresses
    coming: Sequence[str] = ()  # not ready yet: wait
    unfit: Sequence[str] = ()  # cannot be taken over: a person has to look


def match(all_wanted: Sequence[WantedThing], things: Sequence[Thing], place: Mapping[str, str]) -> Found:
    """Return which of `things`, all of one environment, are wanted; `place` has its partition, account and region."""
    imports: dict[str, str] = {}
    coming: list[str] = []
    unfit: list[str] = []
    here = [thing for thing in things if thing.region in (place["region"], GLOBAL)]
    for each in all_wanted:
        rule = RULES.get(each.type)
        fits = [thing for thing in here if rule and _is(each, rule, thing) and not _state(thing, _GOING)]
        if not rule or not fits:
            continue
        if len(fits) > 1 or _state(fits[0], _BROKEN):
            unfit += [f"{thing.kind} {thing.id} ({thing.detail or 'more than one'})" for thing in fits]
        elif _state(fits[0], _COMING) and "acceptance" not in fits[0].detail.lower():
            coming.append(f"{fits[0].kind} {fits[0].id} is {fits[0].detail}")
        else:
            imports[each.address] = _import_id(each, rule, fits[0], place)
    return Found(imports, coming, unfit)


def arguments(look: Look, each: WantedThing) -> dict[str, Any] | None:
    """Return what `look` asks for; None if the plan does not know it yet, because what it is in is new as well."""
    asked = {key: each.known.get(attribute) for key, attribute in look.arguments.items()}
    if any(value is None for value in (*asked.values(), *(each.known.get(name) for name in look.match.values()))):
        return None
    return {**{key.removesuffix("[]"): [v] if key.endswith("[]") else v for key, v in asked.items()}, **look.fixed}


def read(look: Look, each: WantedThing, answer: Mapping[str, Any]) -> str | None:
    """Return the id of what `look` found in `answer`."""
    for item in dig(answer, look.items):
        if all(str(first(item, path)) == str(each.known[name]) for path, name in look.match.items()):
            return look.id.format(item, **{**each.known, **(item if isinstance(item, Mapping) else {})})
    return None


def _is(each: WantedThing, rule: ImportRule, thing: Thing) -> bool:
    name = each.known.get(rule.by)
    if thing.kind != rule.kind or name is None or not _is_ours(each, rule, thing):
        return False
    if rule.by == TAG:
        return thing.tags is not None and thing.tags.get(TAG) == name
    return str(name) in (thing.id, thing.id.rpartition("/")[2], *thing.names)


def _is_ours(each: WantedThing, rule: ImportRule, thing: Thing) -> bool:
    """Whether the thing has the owner's tags that the plan gives it.

    Without any tag a name of its own has to do: AWS makes some log groups itself, and Terraform tags some things only
    after it has made them. A tag or a description can be anybody's.
    """
    if not thing.tags:
        return rule.by not in (TAG, "description")
    return all(thing.tags.get(name) == each.known[name] for name in _OWNER if name in each.known)


def _state(thing: Thing, states: Sequence[str]) -> bool:
    return thing.detail.lower().startswith(tuple(states))


def _import_id(each: WantedThing, rule: ImportRule, thing: Thing, place: Mapping[str, str]) -> str:
    whole = thing.arn or thing.id
    parts = {"id": thing.id, "arn": thing.arn, "last": whole.rpartition("/")[2], "path": whole.partition("/")[2]}
    return rule.id.format(**{**each.known, **parts, **place})
