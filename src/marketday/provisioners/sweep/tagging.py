"""The tagging API lists things of every service, but some of them still for a while after they are deleted.

So we rely on it only for things that no finder looks for, and the report says so. For other things the service decides
what exists; from the tagging API we take only the tags, if the service's own listing has none.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from marketday.provisioners.sweep.calling import Caller
from marketday.provisioners.sweep.finder import dig, read_tags
from marketday.provisioners.sweep.finders import PLANE_FINDERS
from marketday.provisioners.sweep.model import GLOBAL, Owner, Thing

SERVICE, CALL = "resourcegroupstaggingapi", "GetResources"
ALONE = "only the tagging API lists it"


@dataclass(frozen=True, slots=True)
class Told:
    """What the tagging API reports about one thing."""

    arn: str
    asked_in: str
    tags: Mapping[str, str]

    @property
    def tail(self) -> str:
        """The ARN starting at the service, such as `ec2:vpc/vpc-1`: its beginning shows which finder it belongs to."""
        _, _, service, _, _, rest = self.arn.split(":", 5)
        return f"{service}:{rest}"

    @property
    def region(self) -> str:
        """The region of the thing; if it has none, the region in which the tagging API listed it."""
        return self.arn.split(":", 5)[3] or self.asked_in

    def is_looked_for(self, regions: Collection[str]) -> bool:
        """Whether a finder looks for such things in the region of this one, and so would have found it."""
        return any(
            self.tail.startswith(finder.type) and (bool(finder.region) or self.region in regions)
            for finder in PLANE_FINDERS
            if finder.type
        )

    def means(self, thing: Thing) -> bool:
        """Whether it is about `thing`. A service may write an id as a path in one place and as a name in another."""
        if not thing.type or not self.tail.startswith(thing.type) or thing.region not in (self.region, GLOBAL):
            return False
        ours, theirs = thing.id.strip("/"), self.tail.removeprefix(thing.type)
        return (
            self.arn in (thing.arn, thing.id)
            or ours == theirs
            or ours.endswith(f"/{theirs}")
            or theirs.endswith(f"/{ours}")
        )


async def told(caller: Caller, mark: Owner, region: str) -> list[Told]:
    """Return what the tagging API lists of an owner in a region. Raises SweepUnproven."""
    pages: list[Any] = []
    for key, value in mark.told_by.items():  # two filters in one call would both have to match
        one = {"Key": key, "Values": [value]} if value else {"Key": key}  # without a value: any
        pages += await caller.ask(SERVICE, region, CALL, {"TagFilters": [one]})
    return [Told(each["ResourceARN"], region, read_tags(each, "Tags")) for each in dig(pages, "ResourceTagMappingList")]


def completed(things: Sequence[Thing], all_told: Sequence[Told], regions: Collection[str]) -> list[Thing]:
    """Return `things` with the listed tags, and the things that only the tagging API lists."""
    alone = [each for each in all_told if not each.is_looked_for(regions)]
    return [_tagged(thing, all_told) for thing in things] + [
        Thing(each.tail.partition(":")[0], each.region, each.arn, tags=each.tags, detail=ALONE) for each in alone
    ]


def _tagged(thing: Thing, all_told: Sequence[Told]) -> Thing:
    if thing.tags is not None:
        return thing
    return next((replace(thing, tags=each.tags) for each in all_told if each.means(thing)), thing)
