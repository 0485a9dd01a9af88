"""The list by which Terraform takes over what exists and its state does not know. Pure.

After a region was lost the state is empty, and much exists all the same: roles, the edge and the DNS zone belong to no
region, images and secrets were copied here, CloudFormation made the base, and an earlier `recovery run` may have been
killed. `LOOKS` says for each type of resource of the stacks `permanent` and `prod` which call finds it, and what an
import calls it; `MADE_AGAIN` has those that AWS keeps once in each place, so that making them again writes over them.
A test compares both with the stacks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from marketday.provisioners.sweep.finder import dig, read_tags


@dataclass(frozen=True, slots=True)
class ImportLook:
    """How a thing is found: one call, and which item of its answer it is.

    `arguments` and `match` name attributes of the plan; a key that ends in [] becomes a list. What `match` says must be
    equal in an item at the path `items`. In `id`, a name in braces is a path into the item, or else an attribute of the
    plan.
    """

    service: str
    call: str
    items: str
    id: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    match: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    among: Callable[[Any, Mapping[str, Any]], bool] | None = None
    at_home: bool = False  # in us-east-1, where the edge's things are


def _edge(call: str, items: str, name: str, id_: str = "Name", **more: Any) -> ImportLook:
    return ImportLook("cloudfront", call, f"{items}.Items", f"{{{id_}}}", match={name: "name"}, at_home=True, **more)


def _named(
    service: str, call: str, argument: str, items: str, id_: str = "name", attribute: str = "name"
) -> ImportLook:
    return ImportLook(service, call, items, f"{{{id_}}}", {argument: attribute})


def _tagged(call: str, items: str, id_: str, filters: str = "Filters") -> ImportLook:
    """Of EC2: what has no name of its own is known by its tags, which no two things of a type in a stack share."""
    return ImportLook("ec2", call, items, f"{{{id_}}}", {filters: "@tags"}, among=_lives)


def _lives(item: Any, known: Mapping[str, Any]) -> bool:
    """Whether it is not being removed, and has the tags that were asked for: not each listing is limited by them."""
    tags = read_tags(item, "Tags")
    if any(tags.get(each["Name"].removeprefix("tag:")) not in each["Values"] for each in known.get("@tags", ())):
        return False
    return item.get("State") not in {"deleted", "deleting", "failed"}


LOOKS: Mapping[str, ImportLook] = {
    "aws_acm_certificate": ImportLook(
        "acm", "list_certificates", "CertificateSummaryList", "{CertificateArn}", match={"DomainName": "domain_name"}
    ),
    "aws_budgets_budget": ImportLook(
        "budgets",
        "describe_budgets",
        "Budgets",
        "{account}:{BudgetName}",
        {"AccountId": "account"},
        {"BudgetName": "name"},
        at_home=True,
    ),
    "aws_cloudformation_stack": _named("cloudformation", "describe_stacks", "StackName", "Stacks"),
    "aws_cloudfront_cache_policy": _edge(
        "list_cache_policies",
        "CachePolicyList",
        "CachePolicy.CachePolicyConfig.Name",
        "CachePolicy.Id",
        fixed={"Type": "custom"},
    ),
    "aws_cloudfront_distribution": ImportLook(
        "cloudfront",
        "list_distributions",
        "DistributionList.Items",
        "{Id}",
        among=lambda item, known: bool(set(dig(item, "Aliases.Items")) & set(known.get("aliases") or ())),
        at_home=True,
    ),
    "aws_cloudfront_function": _edge("list_functions", "FunctionList", "Name"),
    "aws_cloudfront_key_value_store": _edge("list_key_value_stores", "KeyValueStoreList", "Name"),
    "aws_cloudfront_origin_access_control": _edge(
        "list_origin_access_controls", "OriginAccessControlList", "Name", "Id"
    ),
    "aws_cloudfront_origin_request_policy": _edge(
        "list_origin_request_policies",
        "OriginRequestPolicyList",
        "OriginRequestPolicy.OriginRequestPolicyConfig.Name",
        "OriginRequestPolicy.Id",
        fixed={"Type": "custom"},
    ),
    "aws_cloudfront_response_headers_policy": _edge(
        "list_response_headers_policies",
        "ResponseHeadersPolicyList",
        "ResponseHeadersPolicy.ResponseHeadersPolicyConfig.Name",
        "ResponseHeadersPolicy.Id",
        fixed={"Type": "custom"},
    ),
    "aws_cloudwatch_event_rule": _named("events", "describe_rule", "Name", "Name"),
    "aws_cloudwatch_log_delivery": ImportLook(
        "logs",
        "describe_deliveries",
        "deliveries",
        "{id}",
        match={"deliverySourceName": "delivery_source_name"},
        at_home=True,
    ),
    "aws_cloudwatch_log_delivery_destination": ImportLook(
        "logs", "describe_delivery_destinations", "deliveryDestinations", "{name}", match={"name": "name"}, at_home=True
    ),
    "aws_cloudwatch_log_delivery_source": ImportLook(
        "logs", "describe_delivery_sources", "deliverySources", "{name}", match={"name": "name"}, at_home=True
    ),
    "aws_cloudwatch_log_group": ImportLook(
        "logs", "describe_log_groups", "logGroups", "{name}", {"logGroupNamePrefix": "name"}, {"logGroupName": "name"}
    ),
    "aws_db_instance": ImportLook(
        "rds", "describe_db_instances", "DBInstances", "{identifier}", {"DBInstanceIdentifier": "identifier"}
    ),
    "aws_db_instance_automated_backups_replication": ImportLook(
        "rds",
        "describe_db_instances",
        "DBInstances.DBInstanceAutomatedBackupsReplications",
        "{DBInstanceAutomatedBackupsArn}",
        {"DBInstanceIdentifier": "source_db_instance_arn"},
    ),
    "aws_db_parameter_group": _named(
        "rds", "describe_db_parameter_groups", "DBParameterGroupName", "DBParameterGroups"
    ),
    "aws_db_subnet_group": _named("rds", "describe_db_subnet_groups", "DBSubnetGroupName", "DBSubnetGroups"),
    "aws_dynamodb_table": _named("dynamodb", "describe_table", "TableName", "Table"),
    "aws_ecr_repository": _named("ecr", "describe_repositories", "repositoryNames[]", "repositories"),
    "aws_egress_only_internet_gateway": _tagged(
        "describe_egress_only_internet_gateways", "EgressOnlyInternetGateways", "EgressOnlyInternetGatewayId"
    ),
    "aws_eip": _tagged("describe_addresses", "Addresses", "AllocationId"),
    "aws_eks_access_entry": ImportLook(
        "eks",
        "describe_access_entry",
        "accessEntry",
        "{cluster_name}:{principal_arn}",
        {"clusterName": "cluster_name", "principalArn": "principal_arn"},
    ),
    "aws_eks_addon": ImportLook(
        "eks",
        "describe_addon",
        "addon",
        "{cluster_name}:{addon_name}",
        {"clusterName": "cluster_name", "addonName": "addon_name"},
    ),
    "aws_eks_cluster": _named("eks", "describe_cluster", "name", "cluster"),
    "aws_eks_node_group": ImportLook(
        "eks",
        "describe_nodegroup",
        "nodegroup",
        "{cluster_name}:{node_group_name}",
        {"clusterName": "cluster_name", "nodegroupName": "node_group_name"},
    ),
    "aws_eks_pod_identity_association": ImportLook(
        "eks",
        "list_pod_identity_associations",
        "associations",
        "{cluster_name},{associationId}",
        {"clusterName": "cluster_name", "namespace": "namespace", "serviceAccount": "service_account"},
    ),
    "aws_elasticache_parameter_group": _named(
        "elasticache", "describe_cache_parameter_groups", "CacheParameterGroupName", "CacheParameterGroups"
    ),
    "aws_elasticache_replication_group": ImportLook(
        "elasticache",
        "describe_replication_groups",
        "ReplicationGroups",
        "{replication_group_id}",
        {"ReplicationGroupId": "replication_group_id"},
    ),
    "aws_elasticache_subnet_group": _named(
        "elasticache", "describe_cache_subnet_groups", "CacheSubnetGroupName", "CacheSubnetGroups"
    ),
    "aws_flow_log": _tagged("describe_flow_logs", "FlowLogs", "FlowLogId", "Filter"),
    "aws_iam_instance_profile": _named("iam", "get_instance_profile", "InstanceProfileName", "InstanceProfile"),
    "aws_iam_policy": ImportLook(
        "iam", "list_policies", "Policies", "{Arn}", match={"PolicyName": "name"}, fixed={"Scope": "Local"}
    ),
    "aws_iam_role": _named("iam", "get_role", "RoleName", "Role"),
    "aws_internet_gateway": _tagged("describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
    "aws_key_pair": ImportLook("ec2", "describe_key_pairs", "KeyPairs", "{key_name}", {"KeyNames[]": "key_name"}),
    "aws_kms_alias": ImportLook("kms", "list_aliases", "Aliases", "{name}", match={"AliasName": "name"}),
    # A key has no name of its own: its alias is named as its tag.
    "aws_kms_key": ImportLook(
        "kms",
        "list_aliases",
        "Aliases",
        "{TargetKeyId}",
        among=lambda item, known: item.get("AliasName") == f"alias/{known.get('Name')}",
    ),
    "aws_lambda_function": _named(
        "lambda", "get_function", "FunctionName", "Configuration", "function_name", "function_name"
    ),
    "aws_launch_template": _named(
        "ec2", "describe_launch_templates", "LaunchTemplateNames[]", "LaunchTemplates", "LaunchTemplateId"
    ),
    "aws_nat_gateway": _tagged("describe_nat_gateways", "NatGateways", "NatGatewayId", "Filter"),
    "aws_route": ImportLook(
        "ec2",
        "describe_route_tables",
        "RouteTables.Routes",
        "{route_table_id}_{destination}",
        {"RouteTableIds[]": "route_table_id"},
        among=lambda item, known: (
            known.get("destination") in {item.get("DestinationCidrBlock"), item.get("DestinationIpv6CidrBlock")}
        ),
    ),
    "aws_route53_record": ImportLook(
        "route53",
        "list_resource_record_sets",
        "ResourceRecordSets",
        "{zone_id}_{name}_{type}",
        {"HostedZoneId": "zone_id"},
        {"Type": "type"},
        among=lambda item, known: item["Name"].rstrip(".") == known["name"].rstrip("."),
        at_home=True,
    ),
    "aws_route53_zone": ImportLook(
        "route53",
        "list_hosted_zones_by_name",
        "HostedZones",
        "{Id}",
        {"DNSName": "name"},
        among=lambda item, known: item["Name"].rstrip(".") == known["name"].rstrip("."),
        at_home=True,
    ),
    "aws_route_table": _tagged("describe_route_tables", "RouteTables", "RouteTableId"),
    "aws_route_table_association": ImportLook(
        "ec2",
        "describe_route_tables",
        "RouteTables.Associations",
        "{subnet_id}/{route_table_id}",
        {"RouteTableIds[]": "route_table_id"},
        {"SubnetId": "subnet_id"},
    ),
    "aws_s3_bucket": ImportLook("s3", "list_buckets", "Buckets", "{bucket}", match={"Name": "bucket"}),
    "aws_scheduler_schedule": ImportLook("scheduler", "get_schedule", "Name", "default/{name}", {"Name": "name"}),
    "aws_scheduler_schedule_group": _named("scheduler", "get_schedule_group", "Name", "Name"),
    "aws_secretsmanager_secret": _named("secretsmanager", "describe_secret", "SecretId", "", "ARN"),
    "aws_security_group": _tagged("describe_security_groups", "SecurityGroups", "GroupId"),
    "aws_sqs_queue": _named("sqs", "get_queue_url", "QueueName", "QueueUrl", ""),
    "aws_ssm_parameter": _named("ssm", "get_parameter", "Name", "Parameter"),
    "aws_subnet": _tagged("describe_subnets", "Subnets", "SubnetId"),
    "aws_vpc": _tagged("describe_vpcs", "Vpcs", "VpcId"),
    "aws_vpc_endpoint": _tagged("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
    "aws_vpc_security_group_egress_rule": _tagged(
        "describe_security_group_rules", "SecurityGroupRules", "SecurityGroupRuleId"
    ),
    "aws_vpc_security_group_ingress_rule": _tagged(
        "describe_security_group_rules", "SecurityGroupRules", "SecurityGroupRuleId"
    ),
    "aws_wafv2_web_acl": ImportLook(
        "wafv2",
        "list_web_acls",
        "WebACLs",
        "{Id}/{name}/{scope}",
        {"Scope": "scope"},
        {"Name": "name"},
        at_home=True,
    ),
}
MADE_AGAIN = frozenset(
    {
        "aws_acm_certificate_validation",
        "aws_cloudwatch_event_target",
        "aws_cloudwatch_log_delivery_destination_policy",
        "aws_cloudwatch_metric_alarm",
        "aws_default_security_group",
        "aws_ecr_lifecycle_policy",
        "aws_ecr_replication_configuration",
        "aws_eks_access_policy_association",
        "aws_iam_role_policy",
        "aws_iam_role_policy_attachment",
        "aws_lambda_function_event_invoke_config",
        "aws_s3_bucket_lifecycle_configuration",
        "aws_s3_bucket_logging",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_replication_configuration",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_versioning",
        "aws_s3_object",
        "aws_secretsmanager_secret_policy",
        "aws_secretsmanager_secret_version",
        "aws_sns_topic",
        "aws_sns_topic_policy",
        "aws_sns_topic_subscription",
        "aws_sqs_queue_policy",
    }
)
REPLACED = frozenset({"aws_cloudwatch_log_delivery"})  # only a connection: from the edge to the bucket of this region
