"""What AWS has with our tags, and no state of Terraform has. Pure.

Not counted is what AWS made for something that a state has: it then sets tags that begin with `aws:`, which nobody else
can set. What Karpenter or EKS made in a cluster that a state has is the cluster's own matter: counted, and not listed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from marketday.provisioners.drift.model import Drifted, DriftKind, mark_of, shown
from marketday.provisioners.sweep.model import Thing
from marketday.provisioners.sweep.our_mark import OUR_TAGS

_OF_AWS = "aws:"
_BY_AWS_ITSELF = ("rds:", "automatic.")  # names that only RDS and ElastiCache can give: their own backups
_IN_CLUSTER = ("karpenter.sh/nodepool", "elbv2.k8s.aws/cluster", "eks:eks-cluster-name", "eks:cluster-name")
_OWNED = "kubernetes.io/cluster/"
_PARTS = ("network interface", "EBS volume", "volume")  # they come and go with their instance
OUTSIDE = "in no state"


@dataclass(frozen=True, slots=True)
class Unmanaged:
    """What was found, and how much of the rest the clusters made."""

    found: Sequence[Drifted]
    in_clusters: int


def unmanaged(things: Iterable[Thing], identifiers: Collection[str], key: str) -> Unmanaged:
    """Return which of `things` none of the `identifiers` of the states names."""
    rest = [thing for thing in things if thing.blocks and not _is_known(thing, identifiers)]
    strange = [thing for thing in rest if not _made_for_known(thing, identifiers)]
    in_cluster = {id(thing) for thing in strange if _of_cluster(thing, identifiers)}
    hosts = {thing.id for thing in strange if id(thing) not in in_cluster}
    clear = [
        thing
        for thing in strange
        if id(thing) not in in_cluster
        and not (thing.kind in _PARTS and thing.inside and hosts.isdisjoint(thing.inside))
    ]
    return Unmanaged([_told(thing, key) for thing in clear], len(in_cluster))


def _told(thing: Thing, key: str) -> Drifted:
    tags = thing.tags or {}
    why = ", ".join(f"{name}={tags[name]}" for name in OUR_TAGS if name in tags)
    return Drifted(
        OUTSIDE,
        shown(f"{thing.kind} {thing.id} in {thing.region}"),
        DriftKind.UNMANAGED,
        shown(why),
        mark_of(key, thing.id),
    )


def _is_known(thing: Thing, identifiers: Collection[str]) -> bool:
    tail = thing.arn.rpartition("/")[2] or thing.id.rpartition("/")[2]
    return any(name and name in identifiers for name in (thing.id, thing.arn, tail))


def _made_for_known(thing: Thing, identifiers: Collection[str]) -> bool:
    if thing.id.startswith(_BY_AWS_ITSELF):
        return True
    return any(key.startswith(_OF_AWS) and _names(value, identifiers) for key, value in (thing.tags or {}).items())


def _of_cluster(thing: Thing, identifiers: Collection[str]) -> bool:
    tags: Mapping[str, str] = thing.tags or {}
    owned = any(key.startswith(_OWNED) and key.removeprefix(_OWNED) in identifiers for key in tags)
    return owned and any(key in tags for key in _IN_CLUSTER)


def _names(value: str, identifiers: Collection[str]) -> bool:
    return bool({value, value.rpartition("/")[2], value.rpartition(":")[2]} & set(identifiers))
