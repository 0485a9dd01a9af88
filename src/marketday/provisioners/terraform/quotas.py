"""Asks an AWS account, days before a drop, whether it has what the drop's environment will need."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from marketday.capacity.quotas.model import ZONES, QuotaFound, QuotaNeed, needs, warming
from marketday.capacity.sizing.model import sizes_for
from marketday.drops.definition import DropDefinition
from marketday.environments.ports import NO_GO, is_no_go
from marketday.kit.clock import Clock
from marketday.provisioners.terraform.aws import call
from marketday.provisioners.terraform.errors import TerraformError
from marketday.provisioners.terraform.pushed_images import image_lines

Images = Callable[[], Awaitable[Sequence[str]]]
_MOST_PAGES = 50
_LOOK_BACK = timedelta(hours=1)  # AWS writes usage every five minutes
_PERIOD_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Listing:
    """The call that lists what is used, and where its answer has the list and the next page."""

    service: str
    operation: str
    items: str
    next_in: str
    next_out: str
    counts: Callable[[Mapping[str, Any]], bool] = lambda _: True


_USED = {
    "databases": Listing("rds", "describe_db_instances", "DBInstances", "Marker", "Marker"),
    "caches": Listing("elasticache", "describe_cache_clusters", "CacheClusters", "Marker", "Marker"),
    "networks": Listing("ec2", "describe_vpcs", "Vpcs", "NextToken", "NextToken"),
    "addresses": Listing("ec2", "describe_addresses", "Addresses", "", ""),
    "interfaces": Listing("ec2", "describe_network_interfaces", "NetworkInterfaces", "NextToken", "NextToken"),
    "balancers": Listing(
        "elbv2",
        "describe_load_balancers",
        "LoadBalancers",
        "Marker",
        "NextMarker",
        lambda one: one.get("Type") == "application",
    ),
}


class AwsOutlook:
    """An `Outlook` by Service Quotas, CloudWatch's usage metrics, and the services' own lists."""

    def __init__(self, client: Callable[[str], Any], clock: Clock, images: Images | None = None) -> None:
        """Call AWS with the clients that `client` returns for a service's name; `images` names what will be run."""
        self._client = client
        self._clock = clock
        self._images = images

    async def lines(self, definition: DropDefinition) -> Sequence[str]:
        """Return what is there for a drop and what is not, a sentence for each."""
        found, missing = await self._look(definition), await self._capacity(definition)
        pushed = await image_lines(await self._images(), self._client) if self._images else ()
        return [*(one.line() for one in found), *missing, *pushed, warming(sizes_for(definition.demand()))]

    async def lacks(self, definition: DropDefinition) -> Sequence[str]:
        """Return only the reasons for a no-go; images may still be pushed before the drop is built."""
        found, missing = await self._look(definition), await self._capacity(definition)
        return [one.line() for one in found if one.lacking] + [line for line in missing if is_no_go(line)]

    async def of(self, need: QuotaNeed) -> QuotaFound:
        """Return what the account has of one quota."""
        return await self._find(need)

    async def _look(self, definition: DropDefinition) -> Sequence[QuotaFound]:
        return await asyncio.gather(*(self._find(need) for need in needs(sizes_for(definition.demand()))))

    async def _find(self, need: QuotaNeed) -> QuotaFound:
        try:
            asked = {"ServiceCode": need.service, "QuotaCode": need.code}
            answer = await call(self._client("service-quotas"), "get_service_quota", **asked)
        except TerraformError as error:  # a role without the right, or a quota that this region does not have
            return QuotaFound(need, None, None, error.detail)
        quota = answer["Quota"]
        try:
            return QuotaFound(need, float(quota["Value"]), await self._used(need, quota.get("UsageMetric")))
        except TerraformError as error:
            return QuotaFound(need, float(quota["Value"]), None, error.detail)

    async def _used(self, need: QuotaNeed, metric: Mapping[str, Any] | None) -> float | None:
        if need.used_by in _USED:
            return await self._counted(_USED[need.used_by])
        return await self._measured(metric) if need.used_by and metric else None

    async def _counted(self, listing: Listing) -> float:
        count, more = 0, dict[str, Any]()
        for _ in range(_MOST_PAGES):
            page = await call(self._client(listing.service), listing.operation, **more)
            count += sum(listing.counts(one) for one in page[listing.items])
            if not listing.next_out or not page.get(listing.next_out):
                break
            more = {listing.next_in: page[listing.next_out]}
        return count

    async def _measured(self, metric: Mapping[str, Any]) -> float:
        now = self._clock.now()
        answer = await call(
            self._client("cloudwatch"),
            "get_metric_statistics",
            Namespace=metric["MetricNamespace"],
            MetricName=metric["MetricName"],
            Dimensions=[{"Name": name, "Value": value} for name, value in metric["MetricDimensions"].items()],
            StartTime=now - _LOOK_BACK,
            EndTime=now,
            Period=_PERIOD_SECONDS,
            Statistics=["Maximum"],
        )
        return max((float(point["Maximum"]) for point in answer["Datapoints"]), default=0.0)

    async def _capacity(self, definition: DropDefinition) -> Sequence[str]:
        """Return whether RDS offers the database's class in enough zones; nothing else can be asked ahead."""
        chosen = sizes_for(definition.demand()).database.instance_class
        asked = {"Engine": "postgres", "DBInstanceClass": chosen, "Vpc": True}
        try:
            answer = await call(self._client("rds"), "describe_orderable_db_instance_options", **asked)
        except TerraformError as error:
            return [f"capacity of RDS for {chosen}: not known: {error.detail}"]
        options = [one for one in answer["OrderableDBInstanceOptions"] if one.get("MultiAZCapable")]
        zones = max((len(one["AvailabilityZones"]) for one in options), default=0)
        if zones >= ZONES:
            return [f"capacity of RDS: {chosen} is offered in {zones} zones"]
        return [f"{NO_GO}RDS offers {chosen} in {zones} zones for two of them together; expected {ZONES} or more"]
