"""Change things in an account behind Terraform's back, and let `marketday env drift` find exactly them."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import boto3
import pytest

from marketday.apps.aws_drift import DriftSite, drift
from marketday.cli.drift import DriftWish
from marketday.provisioners.drift.unmanaged import OUTSIDE

from .emulated import Account
from .terraform import Stack, provider_environment

_BUCKET = "states-of-a-test"
_SECRET = "nobody-may-read-this"


def assert_drift_is_found(stack: Stack) -> list[str]:
    """Break what this stack has, look, and compare. What a look asks AWS changes nothing, and the state stays.

    Return the ids of what the emulator keeps of the ended stranger.
    """
    name, region = stack.folder.name, stack.variables["region"]
    account, first = stack.account, _by_type(stack.state)
    s3 = account.client("s3", region)
    s3.create_bucket(Bucket=_BUCKET, CreateBucketConfiguration={"LocationConstraint": region})
    state = (stack.folder / "terraform.tfstate").read_bytes()
    s3.put_object(Bucket=_BUCKET, Key=f"{name}/terraform.tfstate", Body=state)
    undo: list[Callable[[], Any]] = []
    expected = set(_broken(account, region, first, undo))
    stranger, *parts = _stranger(account, region, undo)
    asked = len(account.calls())
    try:
        found = _looked(stack, region)
        changing = _changing(account, asked)
    finally:
        for each in undo:
            each()
        _emptied(s3)
    inside = {(each.address, each.kind.value, each.what) for each in found if each.stack == name}
    assert inside == expected, inside ^ expected
    outside = [each.address for each in found if each.stack == OUTSIDE]
    assert [each for each in outside if stranger in each], outside
    strange = [each.partition(" in ")[0].rpartition(" ")[2] for each in outside]
    if name not in {"event", "link"}:  # these speak of what other stacks have made
        assert [each for each in strange if f'"{each}"' in state.decode()] == [], "the state has it"
    assert _SECRET not in str(found)
    assert not changing, f"a look only reads: {changing}"
    assert (stack.folder / "terraform.tfstate").read_bytes() == state
    return [stranger, *parts]


def _looked(stack: Stack, region: str) -> list[Any]:
    account = stack.account
    session = boto3.Session(account.number, "testing")

    def client(service: str, **options: Any) -> Any:
        return session.client(service, endpoint_url=account.aws.url, **options)

    surroundings = {
        **provider_environment(account),
        **stack.reached,
        "TF_CLI_CONFIG_FILE": str(stack.terraform.settings),
    }
    site = DriftSite(lambda service: account.client(service, region), client, stack.terraform.program, surroundings)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("MARKETDAY_STATE_BUCKET", _BUCKET)
        patched.setenv("AWS_DEFAULT_REGION", region)
        patched.setattr(boto3, "DEFAULT_SESSION", None)
        return asyncio.run(drift(DriftWish([], tell=False), lambda _: None, site)).found


def _broken(
    account: Account, region: str, first: Mapping[str, tuple[str, Mapping[str, Any]]], undo: list[Callable[[], Any]]
) -> Iterator[tuple[str, str, str]]:
    """Change one thing of each kind that the stack has; yield how that is told."""
    ec2 = account.client("ec2", region)
    if found := first.get("aws_security_group"):
        address, group = found
        rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        ec2.authorize_security_group_ingress(GroupId=group["id"], IpPermissions=[rule])
        undo.append(lambda: ec2.revoke_security_group_ingress(GroupId=group["id"], IpPermissions=[rule]))
        yield address, "unmanaged", "ingress tcp 22, 0.0.0.0/0"
    if found := first.get("aws_vpc_peering_connection") or first.get("aws_vpc"):
        address, tagged = found
        ec2.create_tags(Resources=[tagged["id"]], Tags=[{"Key": "owner", "Value": _SECRET}])
        yield address, "changed", "tags_all.owner"
    if found := first.get("aws_iam_role"):
        address, role = found
        document = json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        )
        iam = account.client("iam")
        iam.put_role_policy(RoleName=role["name"], PolicyName="everything", PolicyDocument=document)
        undo.append(lambda: iam.delete_role_policy(RoleName=role["name"], PolicyName="everything"))
        yield address, "unmanaged", "inline policy everything"
    if found := first.get("aws_s3_bucket_policy"):
        address, policy = found
        everybody = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": f"arn:aws:s3:::{policy['bucket']}/*",
        }
        opened = json.dumps({"Version": "2012-10-17", "Statement": [everybody]})
        account.client("s3", region).put_bucket_policy(Bucket=policy["bucket"], Policy=opened)
        yield address, "changed", "policy"
    if found := first.get("aws_ssm_parameter"):
        address, parameter = found
        account.client("ssm", region).put_parameter(Name=parameter["name"], Value=_SECRET, Overwrite=True)
        yield address, "changed", "value, version"
    if found := first.get("aws_cloudwatch_log_group"):
        address, logs = found
        account.client("logs", region).delete_log_group(logGroupName=logs["name"])
        yield address, "gone", ""


def _stranger(account: Account, region: str, undo: list[Callable[[], Any]]) -> list[str]:
    """Start an instance with one of our tags; return its id, and those of its interfaces and volumes."""
    ec2 = account.client("ec2", region)
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "marketday:stack", "Value": "permanent"}]}]
    made = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, TagSpecifications=tags)
    [instance] = made["Instances"]
    undo.append(lambda: ec2.terminate_instances(InstanceIds=[instance["InstanceId"]]))
    [[found]] = [
        each["Instances"] for each in ec2.describe_instances(InstanceIds=[instance["InstanceId"]])["Reservations"]
    ]
    disks = [each["Ebs"]["VolumeId"] for each in found["BlockDeviceMappings"]]
    return [found["InstanceId"], *(each["NetworkInterfaceId"] for each in found["NetworkInterfaces"]), *disks]


def _by_type(state: Mapping[str, Any]) -> dict[str, tuple[str, Mapping[str, Any]]]:
    """Return the address and the attributes of the first resource of each type."""
    first: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for one in state["resources"]:
        if one["mode"] == "managed" and one["instances"]:
            instance = one["instances"][0]
            index = f"[{json.dumps(instance['index_key'])}]" if "index_key" in instance else ""
            module = f"{one['module']}." if "module" in one else ""
            first.setdefault(one["type"], (f"{module}{one['type']}.{one['name']}{index}", instance["attributes"]))
    return first


def _changing(account: Account, since: int) -> list[str]:
    reading = ("Describe", "List", "Get", "Head", "Lookup", "BatchGet", "Assume", "Search")
    actions = {each["action"].partition(" ")[0].rpartition(":")[2] for each in account.calls()[since:]}
    return sorted(each for each in actions if not each.startswith(reading))


def _emptied(s3: Any) -> None:
    for each in s3.list_objects_v2(Bucket=_BUCKET).get("Contents", ()):
        s3.delete_object(Bucket=_BUCKET, Key=each["Key"])
    s3.delete_bucket(Bucket=_BUCKET)
