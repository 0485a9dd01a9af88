"""The types of resources for which AWS charges nothing."""

_FREE_BEGINNINGS = (
    "aws_appautoscaling_",
    "aws_iam_",
    "aws_lb_",
    "aws_route_table",
    "aws_s3_bucket_",
    "aws_security_group",
    "aws_vpc_security_group_",
)
FREE = frozenset(
    {
        "aws_acm_certificate",
        "aws_acm_certificate_validation",
        "aws_athena_named_query",
        "aws_budgets_budget",  # budgets without actions are free
        "aws_cloudformation_stack",  # only for Valkey's users
        "aws_cloudfront_cache_policy",
        "aws_cloudfront_origin_access_control",
        "aws_cloudfront_origin_request_policy",
        "aws_cloudfront_response_headers_policy",
        "aws_cloudfrontkeyvaluestore_key",
        "aws_cloudwatch_event_rule",
        "aws_cloudwatch_event_target",
        "aws_cloudwatch_log_delivery",  # CloudFront's requests into S3, as plain text
        "aws_cloudwatch_log_delivery_destination",
        "aws_cloudwatch_log_delivery_destination_policy",
        "aws_cloudwatch_log_delivery_source",
        "aws_cloudwatch_log_metric_filter",
        "aws_cloudwatch_log_resource_policy",
        "aws_cloudwatch_log_stream",
        "aws_cloudwatch_log_subscription_filter",
        "aws_db_parameter_group",
        "aws_db_subnet_group",
        "aws_default_network_acl",
        "aws_default_route_table",
        "aws_default_security_group",
        "aws_dms_certificate",
        "aws_dms_endpoint",
        "aws_dms_replication_subnet_group",
        "aws_dms_replication_task",
        "aws_ec2_instance_metadata_defaults",
        "aws_ecr_lifecycle_policy",
        "aws_ecr_pull_through_cache_rule",  # what is kept is counted with its repositories
        "aws_eks_access_entry",
        "aws_eks_access_policy_association",
        "aws_eks_addon",
        "aws_eks_pod_identity_association",
        "aws_ecr_registry_scanning_configuration",
        "aws_ecr_replication_configuration",
        "aws_ecr_repository_policy",
        "aws_ecs_cluster_capacity_providers",
        "aws_ecs_task_definition",
        "aws_egress_only_internet_gateway",
        "aws_elasticache_parameter_group",
        "aws_elasticache_subnet_group",
        "aws_elasticache_user",
        "aws_elasticache_user_group",
        "aws_flow_log",  # its data is counted in the price of its log group
        "aws_glue_catalog_database",
        "aws_glue_catalog_table",
        "aws_internet_gateway",
        "aws_key_pair",
        "aws_kms_alias",
        "aws_kms_key_policy",
        "aws_lambda_alias",
        "aws_lambda_function_event_invoke_config",
        "aws_lambda_permission",
        "aws_network_acl",
        "aws_network_acl_rule",
        "aws_route",
        "aws_route53_record",
        "aws_s3_object",
        "aws_scheduler_schedule_group",
        "aws_secretsmanager_secret_policy",
        "aws_secretsmanager_secret_version",
        "aws_sns_topic_policy",
        "aws_sns_topic_subscription",
        "aws_sqs_queue_policy",
        "aws_ssm_document",
        "aws_ssm_parameter",  # standard ones
        "aws_subnet",
        "aws_vpc",
        "aws_vpc_peering_connection_accepter",
        "aws_vpc_peering_connection_options",
        "aws_wafv2_ip_set",
        "aws_wafv2_web_acl_association",
        "aws_wafv2_web_acl_logging_configuration",
        "terraform_data",
    }
)
"""The other free types, which have none of the prefixes above."""


def is_free(type_: str) -> bool:
    """Return whether AWS charges nothing for this type of resource."""
    return type_ in FREE or type_.startswith(_FREE_BEGINNINGS)
