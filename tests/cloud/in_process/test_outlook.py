"""What an account has, days before a drop. VPCs, addresses and the like are counted in moto.

moto knows only the quotas of VPC, and no usage; `Quotas` answers for the others as the documented API does.
"""

import json
from datetime import UTC, datetime

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from marketday.capacity.quotas.model import needs
from marketday.capacity.sizing.model import sizes_for
from marketday.environments.ports import is_no_go
from marketday.provisioners.terraform.quotas import AwsOutlook
from marketday.testing.clock import FakeClock
from marketday.testing.definitions import dawn_serum

REGION, DROP, NOW = "ap-northeast-2", dawn_serum(), datetime(2026, 12, 7, tzinfo=UTC)
NEEDS = {need.name: need for need in needs(sizes_for(DROP.demand()))}
ON_DEMAND = "vCPUs of Fargate on demand"


class Quotas:
    """boto3's clients; `service-quotas`, `cloudwatch` and RDS's offers are this object, the others are moto's."""

    meta = boto3.Session().client("s3", region_name=REGION).meta

    def __init__(self):
        self.values = {need.code: 1000.0 for need in NEEDS.values()}
        self.refused = set()
        self.running, self.zones = 0.0, 3

    def __call__(self, service):
        if service in {"service-quotas", "cloudwatch"}:
            return self
        real = boto3.client(service, region_name=REGION)
        if service == "rds":
            real.describe_orderable_db_instance_options = self._offers
        return real

    def get_service_quota(self, *, ServiceCode, QuotaCode):  # noqa: N803 - as boto3 names them
        if QuotaCode in self.refused:
            told = {"Code": "AccessDeniedException", "Message": f"no servicequotas:GetServiceQuota on {ServiceCode}"}
            raise ClientError({"Error": told}, "GetServiceQuota")
        metric = {
            "MetricNamespace": "AWS/Usage",
            "MetricName": "ResourceCount",
            "MetricDimensions": {"Service": "Fargate", "Type": "Resource", "Class": "None", "Resource": "vCPU"},
        }
        return {"Quota": {"Value": self.values[QuotaCode], "UsageMetric": metric}}

    def get_metric_statistics(self, **asked):
        assert asked["EndTime"] == NOW
        assert {"Name": "Resource", "Value": "vCPU"} in asked["Dimensions"]
        return {"Datapoints": [{"Maximum": self.running}, {"Maximum": self.running - 1}]}

    def _offers(self, **asked):
        zones = [{"Name": f"{REGION}{letter}"} for letter in "abc"[: self.zones]]
        one = {"DBInstanceClass": asked["DBInstanceClass"], "MultiAZCapable": True, "AvailabilityZones": zones}
        return {"OrderableDBInstanceOptions": [one, {**one, "MultiAZCapable": False, "AvailabilityZones": []}]}


@pytest.fixture
def quotas():
    with mock_aws():
        yield Quotas()


def outlook(quotas):
    return AwsOutlook(quotas, FakeClock(NOW))


async def test_an_account_with_enough_lacks_nothing_and_each_quota_has_a_line(quotas):
    assert await outlook(quotas).lacks(DROP) == []
    lines = await outlook(quotas).lines(DROP)
    assert [name for name in NEEDS if not any(f"quota of {name}: enough" in line for line in lines)] == []
    assert any(line.startswith("capacity of RDS: db.t4g.medium is offered in 3 zones") for line in lines)
    assert lines[-1].startswith("load balancer: ")


async def test_images_that_nobody_has_pushed_are_a_no_go_in_the_plan(quotas):
    """Terraform does not ask for them, and a service without its image never starts."""
    ecr = boto3.client("ecr", region_name=REGION)
    kind = "application/vnd.oci.image.manifest.v1+json"
    manifest = json.dumps(
        {"schemaVersion": 2, "mediaType": kind, "config": {"digest": "sha256:" + "a" * 64, "size": 1}, "layers": []}
    )
    for name in ("gate", "store"):
        ecr.create_repository(repositoryName=f"marketday/{name}")
    ecr.put_image(repositoryName="marketday/gate", imageManifest=manifest, imageTag="c0ffee")
    registry = f"123456789012.dkr.ecr.{REGION}.amazonaws.com/marketday"
    wanted = [f"{registry}/gate:c0ffee", f"{registry}/store:c0ffee", f"{registry}/worker@sha256:{'b' * 64}", "gate:1"]

    async def images():
        return wanted

    ahead = AwsOutlook(quotas, FakeClock(NOW), images)
    told = [line for line in await ahead.lines(DROP) if "image" in line]
    assert told[0] == f"image {wanted[0]}: there"
    assert [is_no_go(line) for line in told] == [False, True, True, False]
    assert f"image {wanted[1]} is missing; expected it in its repository" in told[1]
    assert await ahead.lacks(DROP) == [], "they may be pushed until the drop is built"


async def test_what_is_used_is_counted_by_the_services_lists(quotas):
    ec2 = boto3.client("ec2", region_name=REGION)
    there = len(ec2.describe_vpcs()["Vpcs"])  # with the default one
    ec2.create_vpc(CidrBlock="10.0.0.0/16")
    quotas.values[NEEDS["VPCs"].code] = there + 2.0
    assert await outlook(quotas).lacks(DROP) == []
    ec2.create_vpc(CidrBlock="10.1.0.0/16")
    ec2.allocate_address(Domain="vpc")
    quotas.values[NEEDS["elastic IP addresses"].code] = 2.0
    networks, addresses = sorted(await outlook(quotas).lacks(DROP))
    assert networks.startswith(
        f"no-go: quota of VPCs: the drop needs 1, there are {there + 2}, {there + 2} used; ask for"
    )
    assert (
        "quota of elastic IP addresses: the drop needs 2, there are 2, 1 used; ask for 3: aws service-quotas"
        in addresses
    )


async def test_what_is_used_is_read_from_the_metric_that_the_quota_names(quotas):
    need = NEEDS[ON_DEMAND]
    quotas.values[need.code], quotas.running = 10.0, 10.0 - need.needed
    assert await outlook(quotas).lacks(DROP) == []
    quotas.running += 1
    [line] = await outlook(quotas).lacks(DROP)
    assert f"{quotas.running:g} used; ask for 11:" in line


async def test_a_right_that_is_missing_is_a_warning_and_no_no_go(quotas):
    quotas.refused = {need.code for need in NEEDS.values()}
    assert await outlook(quotas).lacks(DROP) == []
    lines = await outlook(quotas).lines(DROP)
    [line] = [line for line in lines if line.startswith(f"quota of {ON_DEMAND}: not known")]
    assert f"the drop needs {NEEDS[ON_DEMAND].needed}: " in line
    assert "AccessDeniedException; expected a role that may: no servicequotas:GetServiceQuota on fargate" in line


async def test_a_class_that_rds_does_not_offer_in_two_zones_is_a_no_go(quotas):
    quotas.zones = 1
    assert await outlook(quotas).lacks(DROP) == [
        "no-go: RDS offers db.t4g.medium in 1 zones for two of them together; expected 2 or more"
    ]


async def test_motos_own_quotas_of_vpc_are_read():
    with mock_aws():
        lines = await AwsOutlook(lambda service: boto3.client(service, region_name=REGION), FakeClock(NOW)).lines(DROP)
    assert "quota of VPCs: enough; the drop needs 1, there are 5, 1 used" in lines
    assert "quota of rules of a security group: enough; the drop needs 56, there are 60" in lines
    assert any(line.startswith("quota of RDS instances: not known") for line in lines)  # moto has none
