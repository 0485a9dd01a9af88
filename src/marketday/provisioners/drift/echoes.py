"""What a resource only repeats of others: rules of its group, policies of its role. Pure.

Terraform takes such attributes into its state whenever it reads, so a rule that somebody added is "as recorded" after
the next apply. So they are not compared with the state: each rule, route and policy must have a resource of its own in
one of the states. Our stacks write none of them into the group, the table or the role itself (a test checks that).
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

# Of each type the attributes that only repeat others.
ECHOES: Mapping[str, frozenset[str]] = {
    "aws_security_group": frozenset({"ingress", "egress"}),
    "aws_default_security_group": frozenset({"ingress", "egress"}),
    "aws_route_table": frozenset({"route"}),
    "aws_iam_role": frozenset({"inline_policy", "managed_policy_arns"}),
    "aws_s3_bucket": frozenset(
        {
            *("policy", "grant", "acl", "cors_rule", "website", "website_domain", "website_endpoint", "logging"),
            *("lifecycle_rule", "versioning", "server_side_encryption_configuration", "replication_configuration"),
            *("object_lock_enabled", "object_lock_configuration", "acceleration_status", "request_payer"),
        }
    ),
    "aws_secretsmanager_secret": frozenset({"policy", "replica"}),
    "aws_sns_topic": frozenset({"policy"}),
    "aws_sqs_queue": frozenset({"policy"}),
}
# What may only be there if a resource of its own says so, and by which attribute that one names its owner.
_ONLY_WITH = {
    ("aws_s3_bucket", "policy"): ("aws_s3_bucket_policy", "bucket"),
    ("aws_s3_bucket", "cors_rule"): ("aws_s3_bucket_cors_configuration", "bucket"),
    ("aws_s3_bucket", "website"): ("aws_s3_bucket_website_configuration", "bucket"),
    ("aws_s3_bucket", "replication_configuration"): ("aws_s3_bucket_replication_configuration", "bucket"),
    ("aws_secretsmanager_secret", "policy"): ("aws_secretsmanager_secret_policy", "secret_arn"),
    ("aws_sns_topic", "policy"): ("aws_sns_topic_policy", "arn"),
    ("aws_sqs_queue", "policy"): ("aws_sqs_queue_policy", "queue_url"),
}
_CHILDREN = {child: (attribute, key) for (_, attribute), (child, key) in _ONLY_WITH.items()}
_EVERYBODY = ("AllUsers", "AuthenticatedUsers")
_ALL_PROTOCOLS = ("-1", "all")
_DESTINATIONS = (
    *("cidr_block", "ipv6_cidr_block", "destination_cidr_block", "destination_ipv6_cidr_block"),
    "destination_prefix_list_id",
)
_TARGETS = ("gateway_id", "_connection_id", "_interface_id", "endpoint_id")  # how the names of attributes end
Fact = tuple[str, str]  # whose it is, and what it is in words
Values = Mapping[str, Any]


def known(resources: Iterable[tuple[str, Values]]) -> frozenset[Fact]:
    """Return what `resources`, each with its type and its attributes, say of groups, tables, roles and others."""
    return frozenset(fact for kind, values in resources for fact in _said(kind, values))


def unexplained(kind: str, values: Values, explained: frozenset[Fact]) -> list[str]:
    """Return in words what AWS has in a resource and nothing of `explained` says."""
    has = _HAS.get(kind)
    return sorted({words for owner, words in has(values) if (owner, words) not in explained}) if has else []


def _said(kind: str, values: Values) -> Iterator[Fact]:
    match kind:
        case "aws_vpc_security_group_ingress_rule" | "aws_vpc_security_group_egress_rule":
            yield from _said_of_rule("ingress" if "ingress" in kind else "egress", values)
        case "aws_route":
            yield _text(values, "route_table_id"), _route(values)
        case "aws_vpc_endpoint":
            yield from ((str(table), f"route by {values.get('id')}") for table in values.get("route_table_ids") or ())
        case "aws_iam_role_policy":
            yield _text(values, "role"), f"inline policy {values.get('name')}"
        case "aws_iam_role_policy_attachment":
            yield _text(values, "role"), f"attached policy {values.get('policy_arn')}"
        case _ if kind in _CHILDREN:
            attribute, key = _CHILDREN[kind]
            yield _text(values, key), attribute


def _said_of_rule(way: str, values: Values) -> Iterator[Fact]:
    other = _text(values, "referenced_security_group_id").rpartition("/")[2]
    protocol, first, last = (values.get(name) for name in ("ip_protocol", "from_port", "to_port"))
    for source in (values.get("cidr_ipv4"), values.get("cidr_ipv6"), values.get("prefix_list_id"), other):
        if source:
            yield _text(values, "security_group_id"), _rule(way, protocol, first, last, str(source))


def _of_group(values: Values) -> Iterator[Fact]:
    group = _text(values, "id")
    for way in ("ingress", "egress"):
        for each in values.get(way) or ():
            sources = [
                *(each.get("cidr_blocks") or ()),
                *(each.get("ipv6_cidr_blocks") or ()),
                *(each.get("prefix_list_ids") or ()),
                *(str(other).rpartition("/")[2] for other in each.get("security_groups") or ()),
                *((group,) if each.get("self") else ()),
            ]
            for source in sources:
                yield group, _rule(way, each.get("protocol"), each.get("from_port"), each.get("to_port"), str(source))


def _of_table(values: Values) -> Iterator[Fact]:
    for route in values.get("route") or ():
        target = _target(route)
        yield _text(values, "id"), f"route by {target}" if target.startswith("vpce-") else _route(route)


def _of_role(values: Values) -> Iterator[Fact]:
    role = _text(values, "name")
    yield from ((role, f"inline policy {one['name']}") for one in values.get("inline_policy") or () if one.get("name"))
    yield from ((role, f"attached policy {arn}") for arn in values.get("managed_policy_arns") or ())


def _of_bucket(values: Values) -> Iterator[Fact]:
    yield from _attributes("aws_s3_bucket", values)
    for grant in values.get("grant") or ():
        if str(grant.get("uri") or "").rpartition("/")[2] in _EVERYBODY:
            yield _text(values, "id"), "grant to everybody"


def _of_secret(values: Values) -> Iterator[Fact]:
    yield from _attributes("aws_secretsmanager_secret", values)


def _of_queue(values: Values) -> Iterator[Fact]:
    yield from _attributes("aws_sqs_queue", values)


def _of_topic(values: Values) -> Iterator[Fact]:
    if not _is_topics_own(values):
        yield from _attributes("aws_sns_topic", values)


_HAS: Mapping[str, Callable[[Values], Iterator[Fact]]] = {
    "aws_security_group": _of_group,
    "aws_default_security_group": _of_group,
    "aws_route_table": _of_table,
    "aws_iam_role": _of_role,
    "aws_s3_bucket": _of_bucket,
    "aws_secretsmanager_secret": _of_secret,
    "aws_sqs_queue": _of_queue,
    "aws_sns_topic": _of_topic,
}


def _attributes(kind: str, values: Values) -> Iterator[Fact]:
    for owner, attribute in _ONLY_WITH:
        if owner == kind and values.get(attribute) not in (None, "", [], {}):
            yield _text(values, "id"), attribute


def _is_topics_own(values: Values) -> bool:
    """Whether a policy is the one that SNS gives to every topic: one statement, for the owner alone."""
    try:
        [statement] = json.loads(values.get("policy") or "")["Statement"]
        owner = str(values["arn"]).split(":")[4]
        return bool(statement["Condition"] == {"StringEquals": {"AWS:SourceOwner": owner}})
    except (ValueError, KeyError, TypeError, IndexError):
        return False


def _rule(way: str, protocol: Any, first: Any, last: Any, source: str) -> str:
    if str(protocol) in _ALL_PROTOCOLS:
        return f"{way} of all protocols, {source}"
    return f"{way} {protocol} {first if first == last else f'{first}-{last}'}, {source}"


def _route(route: Values) -> str:
    destination = next((str(route[name]) for name in _DESTINATIONS if route.get(name)), "")
    return f"route to {destination} by {_target(route)}"


def _target(route: Values) -> str:
    return next((str(route[name]) for name in sorted(route) if name.endswith(_TARGETS) and route[name]), "")


def _text(values: Values, name: str) -> str:
    return str(values.get(name) or "")
