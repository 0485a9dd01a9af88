"""Everything that an account has in a region, as the services themselves list it."""

from typing import Any

from .emulated import Account

# Service, operation, the way to each thing in its answer, and the thing's name (-: it is one).
LISTS = """
    ec2 describe_vpcs Vpcs VpcId
    ec2 describe_subnets Subnets SubnetId
    ec2 describe_security_groups SecurityGroups GroupId
    ec2 describe_network_interfaces NetworkInterfaces NetworkInterfaceId
    ec2 describe_nat_gateways NatGateways NatGatewayId
    ec2 describe_internet_gateways InternetGateways InternetGatewayId
    ec2 describe_egress_only_internet_gateways EgressOnlyInternetGateways EgressOnlyInternetGatewayId
    ec2 describe_addresses Addresses AllocationId
    ec2 describe_vpc_endpoints VpcEndpoints VpcEndpointId
    ec2 describe_vpc_peering_connections VpcPeeringConnections VpcPeeringConnectionId
    ec2 describe_route_tables RouteTables RouteTableId
    ec2 describe_network_acls NetworkAcls NetworkAclId
    ec2 describe_flow_logs FlowLogs FlowLogId
    ec2 describe_launch_templates LaunchTemplates LaunchTemplateId
    ec2 describe_key_pairs KeyPairs KeyName
    ec2 describe_instances Reservations.Instances InstanceId
    ec2 describe_volumes Volumes VolumeId
    elbv2 describe_load_balancers LoadBalancers LoadBalancerArn
    elbv2 describe_target_groups TargetGroups TargetGroupArn
    ecs list_clusters clusterArns -
    eks list_clusters clusters -
    ecr describe_repositories repositories repositoryArn
    rds describe_db_instances DBInstances DBInstanceIdentifier
    rds describe_db_subnet_groups DBSubnetGroups DBSubnetGroupName
    rds describe_db_parameter_groups DBParameterGroups DBParameterGroupName
    rds describe_db_snapshots DBSnapshots DBSnapshotIdentifier
    elasticache describe_replication_groups ReplicationGroups ReplicationGroupId
    elasticache describe_cache_clusters CacheClusters CacheClusterId
    elasticache describe_cache_subnet_groups CacheSubnetGroups CacheSubnetGroupName
    elasticache describe_cache_parameter_groups CacheParameterGroups CacheParameterGroupName
    elasticache describe_users Users UserId
    dms describe_replication_instances ReplicationInstances ReplicationInstanceArn
    dms describe_replication_tasks ReplicationTasks ReplicationTaskArn
    dms describe_replication_subnet_groups ReplicationSubnetGroups ReplicationSubnetGroupIdentifier
    dms describe_endpoints Endpoints EndpointArn
    kinesis list_streams StreamNames -
    firehose list_delivery_streams DeliveryStreamNames -
    glue get_databases DatabaseList Name
    athena list_work_groups WorkGroups Name
    athena list_named_queries NamedQueryIds -
    s3 list_buckets Buckets Name
    logs describe_log_groups logGroups logGroupName
    cloudwatch describe_alarms MetricAlarms AlarmName
    cloudwatch list_dashboards DashboardEntries DashboardName
    kms list_keys Keys KeyId
    kms list_aliases Aliases AliasName
    secretsmanager list_secrets SecretList ARN
    iam list_roles Roles RoleName
    iam list_instance_profiles InstanceProfiles InstanceProfileName
    iam list_users Users UserName
    iam list_policies Policies PolicyName
    sns list_topics Topics TopicArn
    sqs list_queues QueueUrls -
    events list_rules Rules Name
    cloudformation describe_stacks Stacks StackName
    scheduler list_schedule_groups ScheduleGroups Name
    scheduler list_schedules Schedules Arn
    lambda list_functions Functions FunctionName
    dynamodb list_tables TableNames -
    route53 list_hosted_zones HostedZones Id
    acm list_certificates CertificateSummaryList CertificateArn
    cloudfront list_distributions DistributionList.Items Id
    cloudfront list_functions FunctionList.Items Name
    cloudfront list_key_value_stores KeyValueStoreList.Items Name
    wafv2 list_web_acls WebACLs Name
    wafv2 list_ip_sets IPSets Name
    application-autoscaling describe_scalable_targets ScalableTargets ResourceId
    ssm describe_parameters Parameters Name
"""
ARGUMENTS = {
    "list_policies": {"Scope": "Local"},
    "list_web_acls": {"Scope": "REGIONAL"},
    "list_ip_sets": {"Scope": "REGIONAL"},
    "describe_scalable_targets": {"ServiceNamespace": "ecs"},
}
# What AWS goes on listing for a while after it was deleted.
GONE = {"deleted", "deleting", "terminated", "PendingDeletion"}


def inventory(account: Account, *regions: str) -> set[str]:
    """Return `service place name` of all that is in these regions, and the ARN of all that has a tag of ours."""
    rows = [line.split() for line in LISTS.strip().splitlines()]
    found: set[str] = set()
    for region in regions:
        clients = {row[0]: account.client(row[0], region) for row in rows}
        for service, operation, place, name in rows:
            answer = getattr(clients[service], operation)(**ARGUMENTS.get(operation, {}))
            things = [thing for thing in _within([answer], place.split(".")) if not _gone(clients, thing)]
            found |= {f"{service} {place} {thing if name == '-' else thing[name]}" for thing in things}
        found |= _tagged(account, region)
    return found | _edge_keys(account)


def _edge_keys(account: Account) -> set[str]:
    stores = account.client("cloudfront").list_key_value_stores()["KeyValueStoreList"].get("Items", [])
    return {f"edge key {key}" for store in stores for key in account.edge_keys(store["ARN"])}


def _within(things: list[Any], steps: list[str]) -> list[Any]:
    for step in steps:
        inner = [thing.get(step) or [] for thing in things]
        things = [one for found in inner for one in (found if isinstance(found, list) else [found])]
    return things


def _gone(clients: dict[str, Any], thing: Any) -> bool:
    if not isinstance(thing, dict):
        return False
    if "KeyArn" in thing:
        key = clients["kms"].describe_key(KeyId=thing["KeyId"])["KeyMetadata"]
        return key["KeyState"] in GONE or key["KeyManager"] == "AWS"  # which a service makes for itself, and keeps
    states = [thing.get("State"), thing.get("Status")]
    flat = {text for state in states for text in (state.values() if isinstance(state, dict) else [state])}
    return bool(flat & GONE)


def _tagged(account: Account, region: str) -> set[str]:
    client = account.client("resourcegroupstaggingapi", region)
    pages = client.get_paginator("get_resources").paginate(TagFilters=[{"Key": "marketday:stack"}])
    arns = {one["ResourceARN"] for page in pages for one in page["ResourceTagMappingList"]}
    return {f"tagged {arn}" for arn in arns if not _deleted(account, region, arn)}


def _deleted(account: Account, region: str, arn: str) -> bool:
    """Say whether AWS only goes on telling of it for a while: a key that waits for its day, a gateway that is gone."""
    kind, _, name = arn.rpartition("/")
    if ":task-definition" in kind:  # which nobody can remove at once; a deregistered one runs nothing
        definition = account.client("ecs", region).describe_task_definition(taskDefinition=arn)["taskDefinition"]
        return bool(definition["status"] == "INACTIVE")
    ec2 = account.client("ec2", region)
    if ":kms:" in arn:
        return account.client("kms", region).describe_key(KeyId=arn)["KeyMetadata"]["KeyState"] in GONE
    if kind.endswith("vpc-peering-connection"):
        answer = ec2.describe_vpc_peering_connections(VpcPeeringConnectionIds=[name])
        return answer["VpcPeeringConnections"][0]["Status"]["Code"] in GONE
    if kind.endswith("natgateway"):
        return ec2.describe_nat_gateways(NatGatewayIds=[name])["NatGateways"][0]["State"] in GONE
    return False
