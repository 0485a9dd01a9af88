"""The names of the scenarios, which the command needs before it loads them."""

from enum import StrEnum


class ScenarioName(StrEnum):
    """A scenario of a game day."""

    ZONE = "zone"
    REGION_BEFORE = "region-before"
    REGION_DURING = "region-during"
    REGION_AFTER = "region-after"
    MALL_DATABASE = "mall-database"
    MALL_DISK = "mall-disk"
    GATEWAY = "gateway"
    DNS = "dns"
    CLOCK = "clock"
    DEPLOYMENT = "deployment"
    UNREACHABLE = "unreachable"
