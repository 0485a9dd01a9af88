"""Each stack, and all of them together: applied, planned again without a change, destroyed, and nothing is left."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from .emulated import Account
from .inventory import inventory

ENVIRONMENT = "019ac0de-0000-7000-8000-00003f9a1c2e"


def expiry() -> str:
    return (datetime.now(UTC) + timedelta(hours=20)).strftime("%Y-%m-%dT%H:%M:%SZ")


def database(account: Account, region: str, name: str, cidr: str) -> dict[str, Any]:
    """A network with a database's surroundings in it, as the stacks event and prod hand it to the link."""
    ec2 = account.client("ec2", region)
    vpc = ec2.create_vpc(CidrBlock=f"{cidr}.0.0/16")["Vpc"]["VpcId"]
    zones = [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]][:2]
    cidrs = [f"{cidr}.{index}.0/24" for index in range(2)]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=block, AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for block, zone in zip(cidrs, zones, strict=True)
    ]
    group = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
    secret = account.client("secretsmanager", region).create_secret(
        Name=name, SecretString=json.dumps({"password": "x"})
    )
    return {
        "vpc_id": vpc,
        "vpc_cidr": f"{cidr}.0.0/16",
        "host": f"{name}.internal",
        "port": 5432,
        "name": name,
        "secret_arn": secret["ARN"],
        "security_group_id": group,
        "subnet_ids": subnets,
        "subnet_cidrs": cidrs,
        "route_table_ids": [ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]],
    }


def played(stack: Any, region: str) -> None:
    before = inventory(stack.account, region)
    stack.apply()
    assert stack.drift() == ""
    stack.destroy(refresh=False)
    assert inventory(stack.account, region) - before == set()


def test_the_link_on_its_own(new_stack, account):
    region = "eu-west-1"
    stack = new_stack(
        "link",
        region=region,
        provider_max_retries=1,
        environment_id=ENVIRONMENT,
        drop="other-drop",
        expires_at=expiry(),
        event=database(account, region, "drop", "10.77"),
        prod=database(account, region, "mall", "10.78"),
        staging_schema="drop_other_2026_3f9a1c2e",
    )
    played(stack, region)
