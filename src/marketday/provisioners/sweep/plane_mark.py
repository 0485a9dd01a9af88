"""What belongs to a prod plane, and what of it was made by the controllers in its cluster, not by Terraform. Pure."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from marketday.provisioners.sweep.model import ENVIRONMENT_TAG, STACK_TAG, Thing

PLANE_TAG = "marketday:plane"
_OTHER_STACKS = ("permanent", "event", "link")
# A controller in the cluster sets one of these on what it makes; the value is the cluster's name.
_CLUSTER_TAGS = (
    "aws:eks:cluster-name",
    "cluster.k8s.amazonaws.com/name",
    "eks:cluster-name",
    "eks:eks-cluster-name",
    "elbv2.k8s.aws/cluster",
    "karpenter.k8s.aws/cluster",
)
# EKS itself set these: such a thing goes with its cluster or its node group, which Terraform removes.
_OF_EKS = ("aws:eks:cluster-name", "eks:nodegroup-name")
_OWNED = "kubernetes.io/cluster/"  # and the cluster's name
CLUSTER = "EKS cluster"  # the kind
_INTERFACE, _ATTACHED = "network interface", "in-use"


@dataclass(frozen=True, slots=True)
class PlaneMark:
    """How the things of one prod plane are recognised: its cluster has the same name."""

    name: str
    made_in_cluster: bool = False  # only what controllers in the cluster made, and must remove before the cluster goes
    planes: Collection[str] = ()  # all that are known: the name of one may begin with that of another
    _named: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        longer = [_as_word(plane.removeprefix(self.name)) for plane in self.planes if plane.startswith(f"{self.name}-")]
        not_theirs = "".join(f"(?!{rest})" for rest in longer)
        named = re.compile(rf"(?<![0-9A-Za-z-]){_as_word(self.name)}{not_theirs}", re.IGNORECASE)
        object.__setattr__(self, "_named", named)

    @property
    def told_by(self) -> Mapping[str, str]:
        """The tags by which the tagging API is asked; each of them is enough."""
        return {} if self.made_in_cluster else {PLANE_TAG: self.name}

    def is_certain(self, thing: Thing) -> bool:
        """Whether `thing` needs no more tags to be recognised. A name may be that of a plane with a longer name."""
        return thing.tags is not None and bool(self.why(thing))

    def others(self, tags: Mapping[str, str]) -> bool:
        """Whether `tags` show that something belongs to another stack, plane or cluster."""
        if ENVIRONMENT_TAG in tags or tags.get(STACK_TAG) in _OTHER_STACKS:
            return True
        named = {tags[key] for key in (PLANE_TAG, *_CLUSTER_TAGS) if key in tags}
        owners = named | {key.removeprefix(_OWNED) for key in tags if key.startswith(_OWNED)}
        return bool(owners) and self.name not in owners

    def why(self, thing: Thing) -> str | None:
        """Return why `thing` belongs to the plane, or None if it does not."""
        tags = thing.tags or {}
        if self.others(tags):
            return None
        in_cluster = self._of_cluster(tags)
        if self.made_in_cluster:
            return in_cluster if self._must_go_first(thing, tags) else None
        if PLANE_TAG in tags:
            return f"tagged {PLANE_TAG}"
        if in_cluster:
            return in_cluster
        name = next((name for name in (thing.id, *thing.names, tags.get("Name", "")) if self._named.search(name)), None)
        return None if name is None else "by its name" if name == thing.id else f"named {name}"

    def _of_cluster(self, tags: Mapping[str, str]) -> str | None:
        owned = f"{_OWNED}{self.name}"
        if owned in tags:
            return f"tagged {owned}"
        return next((f"tagged {key}={self.name}" for key in _CLUSTER_TAGS if tags.get(key) == self.name), None)

    @staticmethod
    def _must_go_first(thing: Thing, tags: Mapping[str, str]) -> bool:
        """Whether nobody removes it once the cluster is gone. An attached interface goes with its instance."""
        attached = thing.kind == _INTERFACE and thing.detail == _ATTACHED
        return PLANE_TAG not in tags and not attached and not any(key in tags for key in _OF_EKS)


def planes_of(things: Collection[Thing]) -> frozenset[str]:
    """Return the names of all planes that `things` show, by a tag or as the name of a cluster."""
    tagged = {(thing.tags or {}).get(PLANE_TAG) for thing in things}
    return frozenset({thing.id for thing in things if thing.kind == CLUSTER} | {name for name in tagged if name})


def _as_word(name: str) -> str:
    """Return a pattern for `name` where a word ends."""
    return re.escape(name).replace(r"\-", "[-_]") + "(?![0-9A-Za-z])"
