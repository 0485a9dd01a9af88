"""What others report most as left over, made in an account for one environment, in the state in which AWS leaves it."""

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from botocore import xform_name

from .emulated import REGION, Account

TRUSTING = json.dumps({"Version": "2012-10-17", "Statement": []})
_COMMAND = re.compile(r"aws [a-z0-9-]+ (?:wait )?[a-z0-9-]+(?: --[a-z-]+(?: (?!-)[^\s;,]+)?)+")


def tagging(kind: str, tags: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return tags as EC2 takes them; none for none."""
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    return [{"ResourceType": kind, "Tags": pairs}] if pairs else []


def network(account: Account, tags: Mapping[str, str], group: str) -> dict[str, str]:
    """Make a network with a subnet and a group; all networks here have the same addresses."""
    ec2 = account.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tagging("vpc", tags))["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24", TagSpecifications=tagging("subnet", tags))
    return {"vpc": vpc, "subnet": subnet["Subnet"]["SubnetId"], "group": make_group(account, vpc, group, tags)}


def make_group(account: Account, vpc: str, name: str, tags: Mapping[str, str]) -> str:
    """Make a security group."""
    specified = tagging("security-group", tags)
    made = account.client("ec2").create_security_group(
        GroupName=name, Description="-", VpcId=vpc, TagSpecifications=specified
    )
    return str(made["GroupId"])


def interface(account: Account, place: str, groups: list[str], description: str, **tags: str) -> str:
    """Make a network interface, as services make them: AWS sets no tag of ours."""
    made = account.client("ec2").create_network_interface(
        SubnetId=place, Groups=groups, Description=description, TagSpecifications=tagging("network-interface", tags)
    )
    return str(made["NetworkInterface"]["NetworkInterfaceId"])


def leave(account: Account, name: str, tags: Mapping[str, str], mall: Mapping[str, str]) -> dict[str, str]:
    """Leave the seven for the environment `name`; return their ids, and those of what they hold."""
    own = network(account, tags, f"{name}-app")
    link = make_group(account, mall["vpc"], f"{name}-link", tags)
    # Of no name and no tag: what DMS and Lambda make, and the function of a person in the environment's network.
    return {
        **own,
        "link": link,
        "of_dms": interface(account, mall["subnet"], [link], "DMSNetworkInterface"),
        "function": _function(account, f"report-{name[-8:]}", own),
        "of_lambda": interface(
            account, own["subnet"], [own["group"]], f"AWS Lambda VPC ENI-report-{name[-8:]}-{uuid4()}"
        ),
        "secret": _secret(account, f"{name}/cache-url"),
        "service": _service_without_role(account, name),
        "bucket": _bucket_of_logs(account, f"{name}-logs-{account.number}"),
        "snapshot": _final_snapshot(account, name),
        "cache_subnets": _cache_subnets(account, f"{name}-caches", own["subnet"]),
        "cache": _half_made_cache(account, name),
    }


def _function(account: Account, name: str, own: Mapping[str, str]) -> str:
    account.client("s3").create_bucket(
        Bucket=f"code-{name}-{account.number}", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    account.client("s3").put_object(Bucket=f"code-{name}-{account.number}", Key="code.zip", Body=b"")
    account.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUSTING)
    account.client("lambda").create_function(
        FunctionName=name,
        Role=f"arn:aws:iam::{account.number}:role/{name}",
        Runtime="python3.13",
        Handler="a.b",
        Code={"S3Bucket": f"code-{name}-{account.number}", "S3Key": "code.zip"},
        VpcConfig={"SubnetIds": [own["subnet"]], "SecurityGroupIds": [own["group"]]},
    )
    return name


def _secret(account: Account, name: str) -> str:
    account.client("secretsmanager").create_secret(Name=name, SecretString="-")
    account.client("secretsmanager").delete_secret(SecretId=name, RecoveryWindowInDays=30)
    return name


def _service_without_role(account: Account, name: str) -> str:
    iam, ecs = account.client("iam"), account.client("ecs")
    role = iam.create_role(RoleName=f"{name}-ecs", AssumeRolePolicyDocument=TRUSTING)["Role"]["Arn"]
    ecs.create_cluster(clusterName=name)
    ecs.register_task_definition(
        family=f"{name}-store", containerDefinitions=[{"name": "c", "image": "i", "memory": 64}]
    )
    made = ecs.create_service(
        cluster=name, serviceName=f"{name}-store", taskDefinition=f"{name}-store", desiredCount=1, role=role
    )
    iam.delete_role(RoleName=f"{name}-ecs")
    ecs.delete_service(cluster=name, service=f"{name}-store", force=True)
    return str(made["service"]["serviceArn"])


def _bucket_of_logs(account: Account, name: str) -> str:
    s3 = account.client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"old", b"new"):
        s3.put_object(Bucket=name, Key="AWSLogs/access.log.gz", Body=body)
    s3.delete_object(Bucket=name, Key="AWSLogs/access.log.gz")
    return name


def _final_snapshot(account: Account, name: str) -> str:
    rds = account.client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.t4g.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="u",
        MasterUserPassword="not-a-secret",
    )
    rds.delete_db_instance(DBInstanceIdentifier=name, FinalDBSnapshotIdentifier=f"final-of-{name[-8:]}")
    return f"final-of-{name[-8:]}"


def _cache_subnets(account: Account, name: str, subnet: str) -> str:
    account.client("elasticache").create_cache_subnet_group(
        CacheSubnetGroupName=name, CacheSubnetGroupDescription="-", SubnetIds=[subnet]
    )
    return name


def _half_made_cache(account: Account, name: str) -> str:
    account.client("elasticache").create_replication_group(
        ReplicationGroupId=name,
        ReplicationGroupDescription="-",
        NumCacheClusters=2,
        Engine="valkey",
        CacheNodeType="cache.t4g.micro",
        AutomaticFailoverEnabled=True,
        CacheSubnetGroupName=f"{name}-caches",
    )
    account.set_cache(name, "creating")
    return name


def run_commands(account: Account, advice: str) -> list[str]:
    """Do what the commands in a piece of advice do; return the names of their operations."""
    done = []
    for command in _COMMAND.findall(advice):
        _, service, *words = shlex.split(command)
        waits = words[0] == "wait"
        operation, options = (words[1], words[2:]) if waits else (words[0], words[1:])
        client = account.client(service)
        if waits:
            done.append(f"wait {operation}")
            continue
        method = operation.replace("-", "_")
        [name] = [each for each in client.meta.service_model.operation_names if xform_name(each) == method]
        members = client.meta.service_model.operation_model(name).input_shape.members
        getattr(client, method)(**_arguments(options, members))
        done.append(operation)
    return done


def _arguments(options: list[str], members: Mapping[str, Any]) -> dict[str, Any]:
    names = {"--" + xform_name(name, "-"): name for name in members}
    filled: dict[str, Any] = {}
    while options:
        option, *options = options
        given = options.pop(0) if options and not options[0].startswith("--") else True
        if option != "--region":
            filled[names[option]] = given
    return filled
