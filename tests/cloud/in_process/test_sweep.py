from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from botocore.exceptions import ConnectTimeoutError

from marketday.kit.errors import Temporary
from marketday.provisioners.sweep.aws import AwsSweep
from marketday.provisioners.sweep.errors import SweepUnproven
from marketday.provisioners.sweep.late_logs import names

from .fake_aws import FakeAws

MINE = UUID("01970000-0000-7000-8000-00001234abcd")
OTHER = UUID("01970000-0000-7000-8000-0000feedbeef")
REGION = "ap-northeast-2"
TAGS = [{"Key": "marketday:environment", "Value": str(MINE)}, {"Key": "marketday:drop", "Value": "spring"}]
GONE_BY = datetime(2026, 1, 31, 4, 0, tzinfo=UTC)


async def swept(aws, *regions):
    return await AwsSweep(aws.client, regions or (REGION,)).leftovers(MINE, "spring")


def arn(tail, region=REGION):
    service, _, rest = tail.partition(":")
    return f"arn:aws:{service}:{region}:123456789012:{rest}"


async def test_an_empty_account_has_nothing_left_and_nothing_was_changed():
    aws = FakeAws()
    assert await swept(aws) == []
    assert {name for _, _, name, _ in aws.calls if not name.startswith(("Describe", "List", "Get"))} == set()


async def test_every_region_is_asked_and_what_belongs_to_none_once():
    aws = FakeAws()
    await swept(aws, REGION, "ap-northeast-1", REGION)
    asked = [(name, region) for _, region, name, _ in aws.calls]
    assert sorted(region for name, region in asked if name == "DescribeVpcs") == ["ap-northeast-1", REGION]
    assert [region for name, region in asked if name == "ListRoles"] == ["us-east-1"]
    assert {region for name, region in asked if name == "GetResources"} == {REGION, "ap-northeast-1", "us-east-1"}


@pytest.mark.parametrize(
    ("state", "told"), [("retained", "kept on purpose, gone by 2026-01-31 04:00 UTC"), ("active", "active")]
)
async def test_the_backups_of_a_removed_database_are_kept_until_rds_removes_them(state, told):
    backup = {
        "DBInstanceIdentifier": "md-1234abcd-database",
        "DBInstanceAutomatedBackupsArn": arn("rds:auto-backup:ab-1"),
        "Status": state,
        "BackupRetentionPeriod": 7,
        "RestoreWindow": {"LatestTime": GONE_BY - timedelta(days=7)},
    }
    aws = FakeAws({("rds", "DescribeDBInstanceAutomatedBackups"): {"DBInstanceAutomatedBackups": [backup]}})
    (left,) = await swept(aws)
    assert str(left) == f"automated backup md-1234abcd-database in {REGION} (by its name, {told})"
    assert left.blocks == (state == "active")


async def test_a_snapshot_that_rds_made_belongs_to_those_backups_and_another_blocks():
    made = [
        {"DBSnapshotIdentifier": name, "DBInstanceIdentifier": "md-1234abcd", "Status": "available"}
        for name in ("rds:md-1234abcd-2026-01-24-04-00", "md-1234abcd-final")
    ]
    aws = FakeAws({("rds", "DescribeDBSnapshots"): {"DBSnapshots": made}})
    left = await swept(aws)
    assert {(each.id, each.blocks) for each in left} == {("md-1234abcd-final", True)}


async def test_a_secret_in_deletion_blocks_and_says_until_when_it_stands():
    secret = {"Name": "md-1234abcd/mall", "ARN": arn("secretsmanager:secret:s"), "DeletedDate": GONE_BY}
    aws = FakeAws({("secretsmanager", "ListSecrets"): {"SecretList": [secret]}})
    (left,) = await swept(aws)
    assert (left.detail, left.blocks) == ("in deletion, gone by 2026-01-31 04:00 UTC", True)
    assert ("secretsmanager", REGION, "ListSecrets", {"IncludePlannedDeletion": True}) in aws.calls


@pytest.mark.parametrize(("state", "blocks"), [("PendingDeletion", False), ("Enabled", True), ("Disabled", True)])
async def test_a_key_that_waits_for_its_deletion_is_told_and_does_not_block(state, blocks):
    key = {"KeyId": "k", "Description": "md-1234abcd", "KeyState": state, "KeyManager": "CUSTOMER"}
    key |= {"DeletionDate": GONE_BY} if state == "PendingDeletion" else {}
    aws = FakeAws({("kms", "ListKeys"): {"Keys": [{"KeyId": "k"}]}, ("kms", "DescribeKey"): {"KeyMetadata": key}})
    (left,) = await swept(aws)
    assert left.blocks is blocks
    assert ("gone by 2026-01-31" in str(left)) is not blocks


async def test_the_keys_of_aws_itself_are_nobodys():
    key = {"KeyId": "k", "Description": "md-1234abcd", "KeyManager": "AWS"}
    aws = FakeAws({("kms", "ListKeys"): {"Keys": [{"KeyId": "k"}]}, ("kms", "DescribeKey"): {"KeyMetadata": key}})
    assert await swept(aws) == []
    assert "ListResourceTags" not in {name for _, _, name, _ in aws.calls}


@pytest.mark.parametrize(("state", "found"), [("running", [True]), ("shutting-down", [False]), ("terminated", [])])
async def test_an_instance_is_left_until_it_is_terminated(state, found):
    instance = {"InstanceId": "i-1", "State": {"Name": state}, "Tags": TAGS}
    aws = FakeAws({("ec2", "DescribeInstances"): {"Reservations": [{"Instances": [instance]}]}})
    assert [left.blocks for left in await swept(aws)] == found


async def test_an_interface_that_a_service_left_in_the_network_is_found_without_any_tag():
    aws = FakeAws(
        {
            ("ec2", "DescribeVpcs"): {"Vpcs": [{"VpcId": "vpc-1", "Tags": TAGS}]},
            ("ec2", "DescribeNetworkInterfaces"): {
                "NetworkInterfaces": [
                    {"NetworkInterfaceId": "eni-1", "VpcId": "vpc-1", "Status": "available", "TagSet": []},
                    {"NetworkInterfaceId": "eni-2", "VpcId": "vpc-2", "Status": "available", "TagSet": []},
                ]
            },
        }
    )
    vpc, interface = map(str, await swept(aws))
    assert vpc == f"VPC vpc-1 in {REGION} (tagged marketday:environment)"
    assert interface == (
        f"network interface eni-1 in {REGION} (in vpc-1, available): no service of AWS made it; it costs nothing, but"
        " its subnet and its security groups cannot be removed before it; nothing uses it: aws ec2"
        f" delete-network-interface --region {REGION} --network-interface-id eni-1"
    )


async def test_tags_are_asked_for_only_where_the_name_does_not_tell():
    queues = [f"https://sqs/1/{name}" for name in ("md-1234abcd-late", "by-hand")]
    aws = FakeAws(
        {
            ("sqs", "ListQueues"): {"QueueUrls": queues},
            ("sqs", "ListQueueTags"): {"Tags": {"marketday:environment": str(MINE)}},
        }
    )
    assert [left.id for left in await swept(aws)] == sorted(queues)
    assert [params for _, _, name, params in aws.calls if name == "ListQueueTags"] == [{"QueueUrl": queues[1]}]


async def test_before_a_thing_is_taken_over_its_tags_are_asked_for_in_any_case():
    named = "https://sqs/1/md-1234abcd-late"
    answers = {("sqs", "ListQueues"): {"QueueUrls": [named]}, ("sqs", "ListQueueTags"): {"Tags": {"team": "payroll"}}}
    [thing] = await AwsSweep(FakeAws(answers).client, [REGION]).things(MINE)
    assert thing.tags == {"team": "payroll"}
    refusing = FakeAws(answers, {("sqs", "ListQueueTags"): "InvalidReplicationGroupState"})  # it is being made
    [thing] = await AwsSweep(refusing.client, [REGION]).things(MINE)
    assert thing.tags is None


async def test_a_refusal_is_not_taken_for_nothing_there():
    aws = FakeAws(errors={("rds", "DescribeDBSnapshots"): "AccessDenied", ("ec2", "DescribeVpcs"): "AuthFailure"})
    with pytest.raises(SweepUnproven) as caught:
        await swept(aws)
    assert isinstance(caught.value, Temporary)
    assert f"rds:DescribeDBSnapshots in {REGION}: AccessDenied: told by a test" in caught.value.detail
    assert f"ec2:DescribeVpcs in {REGION}: AuthFailure" in caught.value.detail
    assert len(caught.value.unanswered) == 2


async def test_a_service_that_does_not_answer_is_not_taken_for_nothing_there():
    aws = FakeAws(errors={("logs", "DescribeLogGroups"): ConnectTimeoutError(endpoint_url="https://logs")})
    with pytest.raises(SweepUnproven, match="logs:DescribeLogGroups in ap-northeast-2: Connect timeout"):
        await swept(aws)


async def test_tags_that_may_not_be_read_are_not_taken_for_none():
    aws = FakeAws(
        {("iam", "ListRoles"): {"Roles": [{"RoleName": "r", "Path": "/"}]}},
        {("iam", "ListRoleTags"): "AccessDenied"},
    )
    with pytest.raises(SweepUnproven, match="iam:ListRoleTags in us-east-1: AccessDenied"):
        await swept(aws)


async def test_the_tagging_api_must_answer_too():
    aws = FakeAws(errors={("resourcegroupstaggingapi", "GetResources"): "ThrottledException"})
    with pytest.raises(SweepUnproven, match="GetResources"):
        await swept(aws)


async def test_a_long_list_of_refusals_is_cut():
    error = SweepUnproven(*(f"s:A{n}" for n in range(15)), "s:A1")
    assert error.detail.endswith("s:A11; and 3 more")


@pytest.mark.parametrize("code", ["NoSuchTagSet", "NoSuchBucket"])
async def test_what_goes_while_it_is_looked_at_stops_nothing(code):
    aws = FakeAws(
        {("s3", "ListBuckets"): {"Buckets": [{"Name": "md-1234abcd-archive"}, {"Name": "by-hand"}]}},
        {("s3", "GetBucketTagging"): code},
    )
    assert [left.id for left in await swept(aws)] == ["md-1234abcd-archive"]


RDS, INSIGHTS, DMS = names("md-1234abcd")


def groups(*found):
    listed = [{"logGroupName": name, "logGroupArn": arn(f"logs:log-group:{name}")} for name in found]
    return {("logs", "DescribeLogGroups"): {"logGroups": listed}}


async def tidied(aws):
    return await AwsSweep(aws.client, [REGION]).remove_late_logs(MINE)


def removed(aws):
    return [params["logGroupName"] for _, _, name, params in aws.calls if name == "DeleteLogGroup"]


async def test_log_groups_that_aws_made_anew_are_removed():
    aws = FakeAws(groups(RDS, INSIGHTS, DMS))
    assert await tidied(aws) == removed(aws) == [RDS, INSIGHTS, DMS]


async def test_no_other_log_group_is_removed():
    others = (f"{DMS}-2", f"{RDS}.old", "md-1234abcd/gate", "/aws/rds/instance/md-1234abcde0/postgresql", "kept")
    aws = FakeAws(groups(*others))
    assert await tidied(aws) == removed(aws) == []


async def test_a_log_group_with_a_tag_was_made_by_somebody_and_stays():
    tags = {("logs", "ListTagsForResource"): {"tags": {"marketday:environment": str(MINE)}}}
    aws = FakeAws(groups(RDS) | tags)
    assert await tidied(aws) == removed(aws) == []


async def test_a_log_group_that_is_gone_by_itself_stops_nothing_and_a_refusal_is_told():
    aws = FakeAws(groups(RDS), {("logs", "DeleteLogGroup"): "ResourceNotFoundException"})
    assert await tidied(aws) == [RDS]
    aws = FakeAws(groups(RDS), {("logs", "DeleteLogGroup"): "AccessDeniedException"})
    with pytest.raises(SweepUnproven, match="logs:DeleteLogGroup in ap-northeast-2: AccessDeniedException"):
        await tidied(aws)


async def test_listings_that_boto3_does_not_page_are_read_to_their_end():
    first = {"DeliveryStreamNames": ["a"], "HasMoreDeliveryStreams": True}
    last = {"DeliveryStreamNames": ["md-1234abcd"], "HasMoreDeliveryStreams": False}
    aws = FakeAws(
        {
            ("firehose", "ListDeliveryStreams"): [first, last],
            ("athena", "ListWorkGroups"): [{"NextToken": "t"}, {"WorkGroups": [{"Name": "md-1234abcd"}]}],
        }
    )
    assert [left.kind for left in await swept(aws)] == ["Athena workgroup", "delivery stream"]
    asked = [params for _, _, name, params in aws.calls if name == "ListDeliveryStreams"]
    assert asked == [{}, {"ExclusiveStartDeliveryStreamName": "a"}]


def told(*arns, tags=TAGS):
    return {"ResourceTagMappingList": [{"ResourceARN": each, "Tags": tags} for each in arns]}


async def test_the_tagging_api_is_not_believed_about_what_its_service_does_not_know_any_more():
    gone = (arn("ec2:vpc/vpc-1"), arn("rds:db:md-1234abcd"), arn("ecs:cluster/md-1234abcd"), arn("sqs:md-1234abcd"))
    assert await swept(FakeAws({("resourcegroupstaggingapi", "GetResources"): told(*gone)})) == []


async def test_what_only_the_tagging_api_can_know_is_told_as_such():
    api = arn("apigateway:/restapis/x")
    (left,) = await swept(FakeAws({("resourcegroupstaggingapi", "GetResources"): told(api)}))
    assert str(left) == f"apigateway {api} in {REGION} (tagged marketday:environment, only the tagging API lists it)"


async def test_it_lends_its_tags_to_what_a_service_lists_without_them():
    aws = FakeAws(
        {
            ("dynamodb", "ListTables"): {"TableNames": ["by-hand", "another"]},
            ("resourcegroupstaggingapi", "GetResources"): told(arn("dynamodb:table/by-hand")),
        }
    )
    assert [str(left) for left in await swept(aws)] == [f"table by-hand in {REGION} (tagged marketday:environment)"]


async def test_a_drop_that_had_an_environment_before_is_not_taken_for_this_one():
    older = [{"Key": "marketday:environment", "Value": str(OTHER)}, TAGS[1]]
    aws = FakeAws({("resourcegroupstaggingapi", "GetResources"): told(arn("apigateway:/restapis/x"), tags=older)})
    assert await swept(aws) == []


async def test_a_region_in_which_nothing_is_looked_for_is_believed_to_the_tagging_api():
    aws = FakeAws({("resourcegroupstaggingapi", "GetResources"): told(arn("ec2:vpc/vpc-1", "us-east-1"))})
    assert {left.region for left in await swept(aws)} == {"us-east-1"}
