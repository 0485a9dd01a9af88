"""Which quotas of an AWS account an environment uses, how much of each, and whether there is enough. Pure, no I/O.

The codes are those of the Service Quotas API. An environment needs its share in addition to what is used already.
"""

from dataclasses import dataclass
from math import ceil

from marketday.capacity.sizing.model import Sizes

ZONES = 2  # of the event stack
ENDPOINT_INTERFACES = 5 * ZONES  # an interface endpoint has one in each zone
SERVER_INTERFACES = 2 * ZONES + ZONES + ZONES + 2  # load balancer (a second of each while it grows), RDS, NAT, DMS
HOST_VCPUS = 2  # of a build host
EDGE_RULES = 55  # the weight of CloudFront's prefix list in a security group
OWN_RULES = 1  # of the same security group


@dataclass(frozen=True, slots=True)
class QuotaNeed:
    """What one environment needs of a quota. `used_by` says how AWS is asked what is used already."""

    name: str
    service: str
    code: str
    needed: int
    used_by: str = ""  # a key of the adapter's list of calls; empty if the quota is for each single thing


@dataclass(frozen=True, slots=True)
class QuotaFound:
    """A need beside the account: `quota` and `used` are None if they could not be read; `why` says why."""

    need: QuotaNeed
    quota: float | None
    used: float | None
    why: str = ""

    @property
    def lacking(self) -> bool:
        """Whether the quota is known to be too small."""
        return self.quota is not None and self.wanted > self.quota

    @property
    def wanted(self) -> int:
        """How large the quota has to be, as far as it is known."""
        return ceil((self.used or 0) + self.need.needed)

    def line(self) -> str:
        """Return what a person should know, as one sentence."""
        need = self.need
        if self.quota is None:
            return f"quota of {need.name}: not known, the drop needs {need.needed}: {self.why}"
        used = "what is used is not known" if self.used is None else f"{self.used:g} used"
        there = f"there are {self.quota:g}" + (f", {used}" if need.used_by else "")
        if not self.lacking:
            told = f"quota of {need.name}: enough; the drop needs {need.needed}, {there}"
            return f"{told}: {self.why}" if self.why else told
        ask = (
            f"aws service-quotas request-service-quota-increase --service-code {need.service} "
            f"--quota-code {need.code} --desired-value {self.wanted}"
        )
        return f"no-go: quota of {need.name}: the drop needs {need.needed}, {there}; ask for {self.wanted}: {ask}"


def needs(sizes: Sizes) -> list[QuotaNeed]:
    """Return what an environment of these sizes needs, with all tasks that it may start."""
    services = (sizes.gate, sizes.store, sizes.worker)
    least = ceil(sum(one.min * one.cpu for one in services) / 1024)
    more = ceil(sum((one.max - one.min) * one.cpu for one in services) / 1024)
    interfaces = sum(one.max for one in services) + ENDPOINT_INTERFACES + SERVER_INTERFACES
    return [
        QuotaNeed("vCPUs of Fargate on demand", "fargate", "L-3032A538", least, "usage"),
        QuotaNeed("vCPUs of Fargate Spot", "fargate", "L-36FBB829", more, "usage"),
        QuotaNeed("vCPUs of EC2 on demand, for the build host", "ec2", "L-1216C47A", HOST_VCPUS, "usage"),
        QuotaNeed("RDS instances", "rds", "L-7B6409FD", 1, "databases"),
        QuotaNeed("ElastiCache nodes", "elasticache", "L-DFE45DF3", 1 + sizes.cache.replicas, "caches"),
        QuotaNeed("VPCs", "vpc", "L-F678F1CE", 1, "networks"),
        QuotaNeed("elastic IP addresses", "ec2", "L-0263D0A3", ZONES, "addresses"),
        QuotaNeed("network interfaces", "vpc", "L-DF5E4CA3", interfaces, "interfaces"),
        QuotaNeed("application load balancers", "elasticloadbalancing", "L-53DA6B97", 1, "balancers"),
        QuotaNeed("rules of a security group", "vpc", "L-0EA8095F", EDGE_RULES + OWN_RULES),
    ]


def warming(sizes: Sizes) -> str:
    """Return, as one sentence, whether the load balancer gets a reserve for the busiest second."""
    units = sizes.load_balancer_units
    return f"load balancer: {units:,} capacity units are reserved" if units else "load balancer: it needs no reserve"
