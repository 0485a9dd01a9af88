"""The template for recovery: created in the emulated AWS, updated, and what it leaves when it goes.

moto makes the resources, but neither a bucket's policy nor several properties: those are read from the template.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from cfnlint.decode import decode
from moto import mock_aws

TEMPLATE = Path(__file__).parents[2] / "infra/cloudformation/recovery.yaml"
STACK = "marketday-recovery"
REGISTRY = TEMPLATE.parents[1] / "terraform" / "modules" / "registry" / "variables.tf"
IMAGES = json.loads(re.search(r"default += (\[\"console.*\])", REGISTRY.read_text("utf-8"))[1])
Client = Callable[[str], Any]

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS..S3..BucketPolicy")


def written(kind: str) -> dict[str, dict[str, Any]]:
    """The resources of a kind, as the template says them."""
    template, problems = decode(str(TEMPLATE))
    assert problems == []
    resources = json.loads(json.dumps(template))["Resources"]
    return {name: each for name, each in resources.items() if each["Type"] == kind}


@pytest.fixture
def region() -> str:
    return "ap-northeast-2"


@pytest.fixture
def client(region: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """Clients of an empty account."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        yield lambda service: boto3.client(service, region_name=region)


def given(parameters: dict[str, str]) -> dict[str, Any]:
    return {
        "StackName": STACK,
        "TemplateBody": TEMPLATE.read_text("utf-8"),
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "Tags": [{"Key": "marketday:stack", "Value": "permanent"}],
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    }


def create(client: Client, **parameters: str) -> dict[str, str]:
    """Create the stack; return its outputs."""
    cloudformation = client("cloudformation")
    cloudformation.create_stack(**given(parameters))
    (stack,) = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def update(client: Client, **parameters: str) -> None:
    """Update the stack; no change is refused by AWS, in these words."""
    try:
        client("cloudformation").update_stack(**given(parameters))
    except ClientError as refused:
        if "No updates are to be performed" not in str(refused):
            raise


def physical(client: Client) -> dict[str, str]:
    told = client("cloudformation").describe_stack_resources(StackName=STACK)["StackResources"]
    return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in told if "LogicalResourceId" in each}


@pytest.mark.parametrize("region", ["ap-northeast-2", "eu-west-1"])
def test_the_state_bucket_is_named_as_terraform_names_it(client):
    bucket = create(client)["StateBucket"]
    account = client("sts").get_caller_identity()["Account"]
    assert bucket == f"marketday-state-{account}-{client('s3').meta.region_name}"
    (rule,) = client("s3").get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"


def test_the_state_bucket_keeps_versions_and_is_closed():
    (bucket,) = written("AWS::S3::Bucket").values()
    assert bucket["Properties"]["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(bucket["Properties"]["PublicAccessBlockConfiguration"].values()) == {True}
    (policy,) = written("AWS::S3::BucketPolicy").values()
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_the_key_rotates_and_has_its_name(client):
    key = create(client)["Key"]
    kms = client("kms")
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is True
    aliases = {each["AliasName"]: each.get("TargetKeyId") for each in kms.list_aliases()["Aliases"]}
    assert aliases["alias/marketday"] == key


def test_the_repositories_of_all_images_are_there(client):
    create(client, KeepImages="12")
    repositories = {each["repositoryName"]: each for each in client("ecr").describe_repositories()["repositories"]}
    assert set(repositories) == {f"marketday/{image}" for image in IMAGES}
    assert {each["imageTagMutability"] for each in repositories.values()} == {"IMMUTABLE"}


def test_the_repositories_scan_and_tidy_alike():
    repositories = [each["Properties"] for each in written("AWS::ECR::Repository").values()]
    assert [each["ImageScanningConfiguration"] for each in repositories] == [{"ScanOnPush": True}] * len(IMAGES)
    assert [each["EncryptionConfiguration"] for each in repositories] == [{"EncryptionType": "KMS"}] * len(IMAGES)
    texts = {each["LifecyclePolicy"]["LifecyclePolicyText"]["Fn::Sub"] for each in repositories}
    (rules,) = [json.loads(text.replace("${KeepImages}", "30"))["rules"] for text in texts]
    assert [rule["selection"]["tagStatus"] for rule in rules] == ["untagged", "any"]


def test_the_roles_are_assumed_by_their_services_and_read_states_alone(client):
    outputs = create(client)
    iam = client("iam")
    for role, service in {"marketday-builder": "ec2", "marketday-lifecycle": "lambda"}.items():
        trust = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]["Statement"]
        assert [each["Principal"] for each in trust] == [{"Service": f"{service}.amazonaws.com"}]
        document = iam.get_role_policy(RoleName=role, PolicyName="recovery-state")["PolicyDocument"]
        actions = [action for each in document["Statement"] for action in each["Action"] if "*" in action]
        assert actions == []
        resources = json.dumps([each["Resource"] for each in document["Statement"]])
        assert outputs["StateBucket"] in resources
        assert '"*"' not in resources
    profile = iam.get_instance_profile(InstanceProfileName=outputs["BuilderProfile"])["InstanceProfile"]
    assert [role["RoleName"] for role in profile["Roles"]] == ["marketday-builder"]


def test_an_update_without_a_change_changes_nothing(client):
    create(client)
    before = physical(client)
    update(client)
    assert physical(client) == before


def test_other_values_change_no_resource_for_another(client):
    create(client)
    before = physical(client)
    update(client, NoncurrentDays="365", KeepImages="5")
    (stack,) = client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    assert physical(client) == before


def test_it_has_a_name_of_its_own_where_that_is_asked(client):
    outputs = create(client, Name="trial")
    assert outputs["StateBucket"].startswith("trial-state-")
    assert outputs["BuilderRoleArn"].endswith(":role/trial-builder")


def test_what_holds_something_is_kept_when_the_stack_goes():
    template = json.loads(json.dumps(decode(str(TEMPLATE))[0]))["Resources"]
    rules = set(written("AWS::IAM::Policy"))  # which Terraform's own have replaced by then
    kept = {name for name, each in template.items() if each.get("DeletionPolicy") == "Retain"}
    assert kept == set(template) - rules
    assert kept == {name for name, each in template.items() if each.get("UpdateReplacePolicy") == "Retain"}


def test_a_build_host_has_the_states_of_its_own_stack_alone_as_terraform_gives_them():
    statements = written("AWS::IAM::Policy")["BuilderState"]["Properties"]["PolicyDocument"]["Statement"]
    [state] = [each for each in statements if each["Sid"] == "State"]
    places = [each["Fn::Sub"].removeprefix("${StateBucket.Arn}/") for each in state["Resource"]]
    assert places == [f"environments/*/event.{file}" for file in ("tfstate", "tfstate.tflock")]
    module = (TEMPLATE.parents[1] / "terraform" / "modules" / "builder" / "host.tf").read_text("utf-8")
    assert "environments/*/${each.key}.${file}" in module


def test_what_a_lost_region_has_left_behind_is_not_made_again(client):
    """Roles belong to no region, and the copies of images have their repositories: making them again would fail."""
    iam, ecr = client("iam"), client("ecr")
    trust = '{"Version": "2012-10-17", "Statement": []}'
    for name in ("marketday-builder", "marketday-lifecycle"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    for image in IMAGES:
        ecr.create_repository(repositoryName=f"marketday/{image}")
    outputs = create(client, MakeRoles="no", MakeRepositories="no")
    assert set(outputs) == {"StateBucket", "Key"}
    assert iam.list_role_policies(RoleName="marketday-builder")["PolicyNames"] == []
