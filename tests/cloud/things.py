"""Things of every kind in an emulated account, as `things.txt` lists them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from string import Template
from typing import Any

from .emulated import Account

_LIST = Path(__file__).with_name("things.txt").read_text("utf-8")
_numbers = count(2)


@dataclass(frozen=True)
class Kind:
    """How a kind of thing is made, and removed again."""

    name: str
    service: str
    make: str
    arguments: str
    remove: str
    removal: str
    tags: str

    @property
    def takes_tags(self) -> bool:
        return self.tags != "-"

    def made(self, account: Account, base: Mapping[str, str], name: str, tags: Mapping[str, str]) -> Callable[[], Any]:
        """Make one; return what removes it."""
        words = {**base, "name": name, "n": str(next(_numbers))}
        client = _client(account, self.service)
        tagging = self._tags({"Name": name, **tags} if self.tags.startswith("spec") else tags)
        answer = getattr(client, self.make)(**_filled(self.arguments, words, {}), **tagging)
        if self.remove == "-":
            return lambda: None
        removal = _filled(self.removal, words, answer)
        return lambda: getattr(client, self.remove)(**removal)

    def _tags(self, tags: Mapping[str, str]) -> dict[str, Any]:
        if not tags or not self.takes_tags:
            return {}
        style, _, argument = self.tags.rpartition(" ")
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        match style:
            case "spec":
                return {"TagSpecifications": [{"ResourceType": argument, "Tags": pairs}]}
            case "map":
                return {argument: dict(tags)}
            case "key":
                return {argument: [{"key": key, "value": value} for key, value in tags.items()]}
            case "kms":
                return {argument: [{"TagKey": key, "TagValue": value} for key, value in tags.items()]}
        return {argument: pairs}


KINDS = [Kind(*(part.strip() for part in line.split(" | "))) for line in _LIST.splitlines() if not line.startswith("#")]


@cache
def _client(account: Account, service: str) -> Any:
    return account.client(service)


def make_base(account: Account) -> dict[str, str]:
    """Make what the things stand on, itself of no environment; return its ids."""
    ec2, bucket = account.client("ec2"), f"base-{account.number}"
    vpc, other = (ec2.create_vpc(CidrBlock=f"10.{n}.0.0/16")["Vpc"]["VpcId"] for n in (0, 1))
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"ap-northeast-2{zone}")
        for n, zone in ((0, "a"), (1, "c"))
    ]
    account.client("s3").create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"}
    )
    account.client("s3").put_object(Bucket=bucket, Key="code.zip", Body=b"")
    account.client("iam").create_role(RoleName="base", AssumeRolePolicyDocument="{}")
    account.client("ecs").create_cluster(clusterName="base")
    account.client("ecs").register_task_definition(
        family="base", containerDefinitions=[{"name": "c", "image": "i", "memory": 64}]
    )
    account.client("ecr").create_repository(repositoryName="base")
    account.client("glue").create_database(DatabaseInput={"Name": "base"})
    account.client("athena").create_work_group(Name="base")
    account.client("rds").create_db_instance(
        DBInstanceIdentifier="base",
        DBInstanceClass="db.t4g.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="u",
        MasterUserPassword="not-a-secret",
    )
    return {
        "account": account.number,
        "vpc": vpc,
        "other_vpc": other,
        "subnet": subnets[0]["Subnet"]["SubnetId"],
        "subnet2": subnets[1]["Subnet"]["SubnetId"],
        "bucket": bucket,
        "image": ec2.register_image(Name="base", RootDeviceName="/dev/sda1")["ImageId"],
        "volume": ec2.create_volume(AvailabilityZone="ap-northeast-2a", Size=1)["VolumeId"],
        "key": account.client("kms").create_key()["KeyMetadata"]["KeyId"],
        "topic": account.client("sns").create_topic(Name="base")["TopicArn"],
    }


def settle(account: Account, name: str, environment: object) -> None:
    """Remove what takes two calls to remove: namespaces, and cache users, which go when somebody looks."""
    discovery, cache = account.client("servicediscovery"), account.client("elasticache")
    for namespace in discovery.list_namespaces()["Namespaces"]:
        tags = discovery.list_tags_for_resource(ResourceARN=namespace["Arn"])["Tags"]
        if f"{name}-" in namespace["Name"] or {"Key": "marketday:environment", "Value": str(environment)} in tags:
            discovery.delete_namespace(Id=namespace["Id"])
    for user in cache.describe_users()["Users"]:
        if user["Status"] == "deleting":
            cache.describe_users(UserId=user["UserId"])


def _filled(arguments: str, words: Mapping[str, str], answer: Any) -> dict[str, Any]:
    filled: dict[str, Any] = _looked_up(json.loads(Template(arguments).substitute(words)), answer)
    return filled


def _looked_up(value: Any, answer: Any) -> Any:
    if isinstance(value, dict):
        return {key: _looked_up(each, answer) for key, each in value.items()}
    if isinstance(value, list):
        return [_looked_up(each, answer) for each in value]
    if isinstance(value, str) and value.startswith("="):
        for step in value[1:].split("."):
            answer = answer[int(step)] if step.isdigit() else answer[step]
        return answer
    return value
