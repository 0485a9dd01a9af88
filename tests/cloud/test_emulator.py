"""What the emulator adds to moto, one thing at a time, as an SDK sees it."""

import json
import time

import pytest
from botocore.exceptions import ClientError


def code_of(caught):
    return caught.value.response["Error"]["Code"]


@pytest.mark.parametrize(
    ("service", "method", "action", "arguments"),
    [
        ("sqs", "create_queue", "CreateQueue", {"QueueName": "q"}),
        ("ec2", "create_vpc", "CreateVpc", {"CidrBlock": "10.0.0.0/16"}),
        ("iam", "create_user", "CreateUser", {"UserName": "u"}),
        ("s3", "list_buckets", "ListBuckets", {}),
        ("lambda", "list_functions", "ListFunctions", {}),
        ("cloudfront", "list_distributions", "ListDistributions", {}),
        ("secretsmanager", "get_secret_value", "GetSecretValue", {"SecretId": "s"}),
        ("cloudwatch", "describe_alarms", "DescribeAlarms", {}),
    ],
)
def test_any_action_fails_when_a_test_wants_it_and_only_as_often(account, service, method, action, arguments):
    client = account.client(service)
    account.fail(client.meta.service_model.signing_name, action, "Throttling", message="slowly", times=2)
    for _ in range(2):
        with pytest.raises(ClientError) as caught:
            getattr(client, method)(**arguments)
        assert (code_of(caught), caught.value.response["Error"]["Message"]) == ("Throttling", "slowly")
    if service != "secretsmanager":
        getattr(client, method)(**arguments)


def test_a_fault_meets_its_own_account_and_request_alone(account, aws):
    account.fail("sqs", "CreateQueue", "OverLimit", contains="bad", times=None)
    aws.account().client("sqs").create_queue(QueueName="bad")
    account.client("sqs").create_queue(QueueName="good")
    with pytest.raises(ClientError):
        account.client("sqs").create_queue(QueueName="bad")


def test_what_nobody_emulates_is_refused_at_once(account):
    began = time.monotonic()
    for service, method, arguments in [
        ("elasticache", "describe_events", {}),
        ("dms", "describe_events", {}),
        ("lambda", "get_account_settings", {}),
        ("cloudfront", "list_public_keys", {}),
    ]:
        with pytest.raises(ClientError) as caught:
            getattr(account.client(service), method)(**arguments)
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert time.monotonic() - began < 20


def test_accounts_never_meet(account, aws):
    other = aws.account()
    for one in (account, other):
        assert one.client("sts").get_caller_identity()["Account"] == one.number
        one.client("iam").create_role(RoleName="same", AssumeRolePolicyDocument="{}")
    account.client("sqs").create_queue(QueueName="mine")
    assert "QueueUrls" not in other.client("sqs").list_queues()
    assert account.client("iam").get_role(RoleName="same")["Role"]["Arn"].split(":")[4] == account.number


def test_the_log_tells_who_called_what(account):
    account.client("sqs").create_queue(QueueName="seen")
    account.client("lambda").list_functions()
    assert account.actions() == ["CreateQueue", "ListFunctions"]
    assert account.calls("sqs")[0]["region"] == "ap-northeast-2"


def test_scalable_targets_keep_their_tags(account):
    client = account.client("application-autoscaling")
    arn = client.register_scalable_target(
        ServiceNamespace="dynamodb",
        ResourceId="table/t",
        ScalableDimension="dynamodb:table:ReadCapacityUnits",
        MinCapacity=1,
        MaxCapacity=2,
        Tags={"a": "1"},
    )["ScalableTargetARN"]
    client.tag_resource(ResourceARN=arn, Tags={"b": "2"})
    client.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert client.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"b": "2"}


def test_a_redis_group_has_members_and_leaves_nothing(account):
    client = account.client("elasticache")
    client.create_cache_parameter_group(
        CacheParameterGroupName="p",
        CacheParameterGroupFamily="valkey8",
        Description="d",
        Tags=[{"Key": "k", "Value": "v"}],
    )
    client.modify_cache_parameter_group(
        CacheParameterGroupName="p",
        ParameterNameValues=[{"ParameterName": "maxmemory-policy", "ParameterValue": "noeviction"}],
    )
    group = client.create_replication_group(
        ReplicationGroupId="g", ReplicationGroupDescription="d", NumCacheClusters=2, CacheParameterGroupName="p"
    )["ReplicationGroup"]
    assert group["MemberClusters"] == ["g-001", "g-002"]
    member = client.describe_cache_clusters(CacheClusterId="g-002")["CacheClusters"][0]
    assert (member["ReplicationGroupId"], member["CacheParameterGroup"]["CacheParameterGroupName"]) == ("g", "p")
    assert client.describe_cache_parameters(CacheParameterGroupName="p")["Parameters"][0]["Source"] == "user"
    tagged = account.client("resourcegroupstaggingapi").get_resources(TagFilters=[{"Key": "k"}])
    assert [one["ResourceARN"].split(":")[-2:] for one in tagged["ResourceTagMappingList"]] == [["parametergroup", "p"]]
    client.delete_replication_group(ReplicationGroupId="g")
    client.delete_cache_parameter_group(CacheParameterGroupName="p")
    with pytest.raises(ClientError) as caught:
        client.describe_cache_parameter_groups(CacheParameterGroupName="p")
    assert code_of(caught) == "CacheParameterGroupNotFound"
    assert client.describe_replication_groups()["ReplicationGroups"] == []


def test_streams_keep_the_tags_that_they_were_made_with(account):
    client = account.client("kinesis")
    client.create_stream(StreamName="s", ShardCount=1, Tags={"a": "1"})
    assert client.list_tags_for_stream(StreamName="s")["Tags"] == [{"Key": "a", "Value": "1"}]


def test_a_cloudfront_thing_is_what_it_was_told_to_be(account):
    client = account.client("cloudfront")
    config = {"Name": "c", "MinTTL": 1, "DefaultTTL": 2, "MaxTTL": 3, "Comment": ""}
    made = client.create_cache_policy(CachePolicyConfig=config)
    id_, etag = made["CachePolicy"]["Id"], made["ETag"]
    changed = client.update_cache_policy(Id=id_, IfMatch=etag, CachePolicyConfig={**config, "MinTTL": 2})
    with pytest.raises(ClientError) as caught:
        client.delete_cache_policy(Id=id_, IfMatch=etag)
    assert code_of(caught) == "PreconditionFailed"
    assert client.get_cache_policy(Id=id_)["CachePolicy"]["CachePolicyConfig"]["MinTTL"] == 2
    managed = client.list_cache_policies(Type="managed")["CachePolicyList"]["Items"]
    assert "Managed-CachingOptimized" in {item["CachePolicy"]["CachePolicyConfig"]["Name"] for item in managed}
    client.delete_cache_policy(Id=id_, IfMatch=changed["ETag"])
    assert client.list_cache_policies(Type="custom")["CachePolicyList"]["Quantity"] == 0


def test_a_cloudfront_function_is_published_and_reads_a_store(account):
    client = account.client("cloudfront")
    store = client.create_key_value_store(Name="kv")["KeyValueStore"]
    config = {
        "Comment": "",
        "Runtime": "cloudfront-js-2.0",
        "KeyValueStoreAssociations": {"Quantity": 1, "Items": [{"KeyValueStoreARN": store["ARN"]}]},
    }
    made = client.create_function(Name="f", FunctionConfig=config, FunctionCode=b"code")
    client.publish_function(Name="f", IfMatch=made["ETag"])
    live = client.describe_function(Name="f", Stage="LIVE")["FunctionSummary"]
    assert live["FunctionConfig"] == config
    assert client.get_function(Name="f", Stage="LIVE")["FunctionCode"].read() == b"code"
    client.delete_function(Name="f", IfMatch=made["ETag"])
    client.delete_key_value_store(Name="kv", IfMatch=client.describe_key_value_store(Name="kv")["ETag"])
    assert client.list_functions()["FunctionList"]["Quantity"] == 0


def test_a_network_that_goes_takes_its_access_list_along(account):
    client = account.client("ec2")
    before = client.describe_network_acls()["NetworkAcls"]
    vpc = client.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    client.delete_vpc(VpcId=vpc)
    assert client.describe_network_acls()["NetworkAcls"] == before


def test_a_launch_template_keeps_its_own_tags_to_itself(account):
    client = account.client("ec2")
    tags = [{"ResourceType": "launch-template", "Tags": [{"Key": "a", "Value": "1"}]}]
    client.create_launch_template(
        LaunchTemplateName="template", LaunchTemplateData={"InstanceType": "t4g.small"}, TagSpecifications=tags
    )
    [version] = client.describe_launch_template_versions(LaunchTemplateName="template")["LaunchTemplateVersions"]
    assert version["LaunchTemplateData"].get("TagSpecifications", []) == []
    assert client.describe_launch_templates()["LaunchTemplates"][0]["Tags"] == tags[0]["Tags"]


def test_a_rule_keeps_its_description_whatever_its_other_side_is(account):
    client = account.client("ec2")
    vpc = client.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    group = client.create_security_group(GroupName="g", Description="g", VpcId=vpc)["GroupId"]
    other = {"GroupId": group, "Description": "from itself"}
    permission = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "UserIdGroupPairs": [other]}
    client.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    rules = client.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])
    assert "from itself" in {rule.get("Description") for rule in rules["SecurityGroupRules"]}
    made = client.create_managed_prefix_list(PrefixListName="p", MaxEntries=1, AddressFamily="IPv4")["PrefixList"]
    listed = {"PrefixListId": made["PrefixListId"], "Description": "to the list"}
    permission = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "PrefixListIds": [listed]}
    rules = client.authorize_security_group_egress(GroupId=group, IpPermissions=[permission])["SecurityGroupRules"]
    assert [rule["Description"] for rule in rules] == ["to the list"]


def test_a_subnet_is_found_by_its_ipv6_range(account):
    client = account.client("ec2")
    vpc = client.create_vpc(CidrBlock="10.0.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]
    block = vpc["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"].replace("/56", "/64")
    made = client.create_subnet(VpcId=vpc["VpcId"], CidrBlock="10.0.0.0/24", Ipv6CidrBlock=block)["Subnet"]
    [association] = made["Ipv6CidrBlockAssociationSet"]
    assert association["Ipv6CidrBlockState"]["State"] == "associated"
    by_id = {"Name": "ipv6-cidr-block-association.association-id", "Values": [association["AssociationId"]]}
    assert [one["SubnetId"] for one in client.describe_subnets(Filters=[by_id])["Subnets"]] == [made["SubnetId"]]


def test_a_bucket_that_refuses_plain_http_takes_objects_here(account):
    client = account.client("s3", "us-east-1")
    client.create_bucket(Bucket=f"b-{account.number}")
    refusal = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [refusal]})
    client.put_bucket_policy(Bucket=f"b-{account.number}", Policy=policy)
    client.put_object(Bucket=f"b-{account.number}", Key="k", Body=b"x")
    rule = {
        "ID": "x",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 3, "NewerNoncurrentVersions": 5},
    }
    client.put_bucket_lifecycle_configuration(Bucket=f"b-{account.number}", LifecycleConfiguration={"Rules": [rule]})
    kept = client.get_bucket_lifecycle_configuration(Bucket=f"b-{account.number}")["Rules"]
    assert kept[0]["NoncurrentVersionExpiration"] == rule["NoncurrentVersionExpiration"]
    client.delete_bucket_lifecycle(Bucket=f"b-{account.number}")
    with pytest.raises(ClientError, match="NoSuchLifecycleConfiguration"):
        client.get_bucket_lifecycle_configuration(Bucket=f"b-{account.number}")
    client.delete_bucket_policy(Bucket=f"b-{account.number}")
    with pytest.raises(ClientError, match="BucketNotEmpty"):
        client.delete_bucket(Bucket=f"b-{account.number}")


def test_the_key_of_a_service_is_not_a_customers(account):
    kms = account.client("kms")
    assert kms.describe_key(KeyId="alias/aws/dynamodb")["KeyMetadata"]["KeyManager"] == "AWS"
    made = kms.create_key()["KeyMetadata"]
    assert made["KeyManager"] == "CUSTOMER"


def test_a_cluster_that_was_deleted_is_in_no_list(account):
    ecs = account.client("ecs")
    ecs.create_cluster(clusterName="c", tags=[{"key": "k", "value": "v"}])
    ecs.delete_cluster(cluster="c")
    assert ecs.describe_clusters(clusters=["c"])["clusters"][0]["status"] == "INACTIVE"
    assert ecs.list_clusters()["clusterArns"] == []
    tagged = account.client("resourcegroupstaggingapi").get_resources(TagFilters=[{"Key": "k"}])
    assert tagged["ResourceTagMappingList"] == []


def test_a_gateway_takes_its_interface_along_and_a_database_its_tags(account):
    ec2, glue = account.client("ec2"), account.client("glue")
    before = ec2.describe_network_interfaces()["NetworkInterfaces"]
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    gateway = ec2.create_nat_gateway(SubnetId=subnet, ConnectivityType="private")["NatGateway"]["NatGatewayId"]
    ec2.delete_nat_gateway(NatGatewayId=gateway)
    assert ec2.describe_network_interfaces()["NetworkInterfaces"] == before
    glue.create_database(DatabaseInput={"Name": "d"}, Tags={"k": "v"})
    glue.delete_database(Name="d")
    tagged = account.client("resourcegroupstaggingapi").get_resources(TagFilters=[{"Key": "k"}])
    assert tagged["ResourceTagMappingList"] == []


def test_a_group_and_a_rule_are_not_described_with_what_ec2_refuses(account):
    client = account.client("ec2", "eu-west-1")
    vpc = client.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    with pytest.raises(ClientError, match="Invalid security group description"):
        client.create_security_group(GroupName="g", Description="The mall's", VpcId=vpc)
    group = client.create_security_group(GroupName="g", Description="Mall: (a), #1", VpcId=vpc)["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1}
    for side in ({"IpRanges": [{"CidrIp": "10.0.0.0/8"}]}, {"UserIdGroupPairs": [{"GroupId": group}]}):
        [(kind, [other])] = side.items()
        with pytest.raises(ClientError, match="Invalid rule description"):
            client.authorize_security_group_ingress(
                GroupId=group, IpPermissions=[{**rule, kind: [{**other, "Description": "the mall's"}]}]
            )
        client.authorize_security_group_ingress(
            GroupId=group, IpPermissions=[{**rule, kind: [{**other, "Description": "the mall"}]}]
        )
