"""What the dev plane costs in a month (infra/terraform/dev), with the default sizes of its variables. Pure.

Machines and the database cost by the hour only in working hours; disks, the network and the load balancer always.
Agents exist only while something is built.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from marketday.capacity.cost.charges import HOURS_PER_MONTH
from marketday.capacity.cost.model import PriceTable

# Monday to Friday, 8 to 21 o'clock (variable `working_hours`), in an average month.
WORKING_HOURS = 13 * 5 * 52 / 12
ZONES = 2
SPOT = 0.35  # of on demand, as for Fargate Spot in the price table
_JENKINS, _SONARQUBE, _AGENT, _DATABASE = "ec2.t4g.medium", "ec2.t4g.large", "ec2.c7g.xlarge", "rds.single.db.t4g.small"
_DISKS_GB, _AGENT_DISK_GB, _DATABASE_GB = 40 + 30, 60, 20
_SECRETS = 10


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the plane, and what it costs in a month, in US dollars."""

    name: str
    usd: float


def month(table: PriceTable, *, build_hours: float, always_on: bool = False) -> Sequence[Part]:
    """Return the parts of the plane, given how many hours agents exist in a month.

    Raises:
        KeyError: the table has no price for a part.

    """

    def price(key: str) -> float:
        return table.prices[key].usd / table.prices[key].units

    hours = HOURS_PER_MONTH if always_on else WORKING_HOURS
    agent = price(_AGENT) * SPOT + price("ebs.gp3") * _AGENT_DISK_GB / HOURS_PER_MONTH
    return [
        Part("Jenkins and SonarQube, while they run", (price(_JENKINS) + price(_SONARQUBE)) * hours),
        Part("their disks", price("ebs.gp3") * _DISKS_GB),
        Part("SonarQube's database, while it runs", price(_DATABASE) * hours),
        Part("its storage", price("rds.single.gp3") * _DATABASE_GB),
        Part(f"agents, {build_hours:g} hours", agent * build_hours),
        Part("NAT gateway and its address", (price("nat.hour") + price("ipv4.hour")) * HOURS_PER_MONTH),
        Part("endpoint of Secrets Manager", price("endpoint.hour") * ZONES * HOURS_PER_MONTH),
        Part("load balancer and its addresses", (price("alb.hour") + ZONES * price("ipv4.hour")) * HOURS_PER_MONTH),
        Part("key and secrets", price("kms.key") + _SECRETS * price("secret.month")),
    ]
