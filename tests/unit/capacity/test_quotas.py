from dataclasses import replace

import pytest

from marketday.capacity.quotas.model import QuotaFound, QuotaNeed, needs, warming
from marketday.capacity.sizing.model import sizes_for
from marketday.testing.definitions import dawn_serum

DEMAND = dawn_serum().demand()
VPCS = QuotaNeed("VPCs", "vpc", "L-F678F1CE", 1, "networks")


def needed(sizes):
    return {need.name: need.needed for need in needs(sizes)}


def test_a_larger_drop_needs_more_of_what_grows_with_it():
    small = sizes_for(DEMAND)
    large = replace(small, store=replace(small.store, cpu=1024, min=10, max=20))
    few, many = needed(small), needed(large)
    assert (
        many["vCPUs of Fargate on demand"]
        == few["vCPUs of Fargate on demand"] + 10 - small.store.min * small.store.cpu / 1024
    )
    assert many["vCPUs of Fargate Spot"] > few["vCPUs of Fargate Spot"]
    assert many["network interfaces"] == few["network interfaces"] + 20 - small.store.max
    assert many["VPCs"] == few["VPCs"] == 1
    assert many["rules of a security group"] == 56  # CloudFront's prefix list alone counts 55 of the usual 60


@pytest.mark.parametrize(
    ("quota", "used", "lacking"), [(5, 4, False), (5, 5, True), (5, None, False), (0, None, True), (None, None, False)]
)
def test_too_little_is_what_is_known_to_be_too_little(quota, used, lacking):
    assert QuotaFound(VPCS, quota, used).lacking is lacking


def test_a_line_says_what_is_needed_what_there_is_and_how_to_ask():
    assert QuotaFound(VPCS, 5, 5).line() == (
        "no-go: quota of VPCs: the drop needs 1, there are 5, 5 used; ask for 6: aws service-quotas "
        "request-service-quota-increase --service-code vpc --quota-code L-F678F1CE --desired-value 6"
    )
    assert QuotaFound(VPCS, 5, 4).line() == "quota of VPCs: enough; the drop needs 1, there are 5, 4 used"
    assert QuotaFound(VPCS, None, None, "refused").line() == "quota of VPCs: not known, the drop needs 1: refused"
    assert "what is used is not known: refused" in QuotaFound(VPCS, 5, None, "refused").line()
    assert QuotaFound(replace(VPCS, used_by=""), 60, None).line().endswith("there are 60")


def test_a_load_balancer_with_a_reserve_is_told_of():
    small = sizes_for(DEMAND)
    assert warming(small) == "load balancer: it needs no reserve"
    assert warming(replace(small, load_balancer_units=1200)) == "load balancer: 1,200 capacity units are reserved"
