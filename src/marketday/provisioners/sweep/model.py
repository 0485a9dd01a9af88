"""What belongs to an environment, and whether a leftover is a problem. Pure.

Something belongs to an environment because of its tags, its name, or what it is in. Tags decide first: a thing whose
tags name another environment or a permanent stack never belongs to this environment, even if its name fits.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol
from uuid import UUID

from marketday.provisioners.sweep.advice import Advice, of_foreign
from marketday.provisioners.terraform.model import environment_name

ENVIRONMENT_TAG = "marketday:environment"
DROP_TAG = "marketday:drop"
STACK_TAG = "marketday:stack"
GLOBAL = "global"  # the region of things that belong to none
PERMANENT_STACKS = ("permanent", "prod")


@dataclass(frozen=True, slots=True, order=True)
class Leftover:
    """Something of an environment that still exists.

    `blocks` is False for things that AWS removes by itself, that cost nothing until then, and that nobody can remove
    sooner: a KMS key in its waiting period, a deregistered task definition, an instance that is shutting down. It is
    also False for what is kept on purpose and has an end that AWS enforces: the backups of a removed database.
    If these blocked, no destruction could ever succeed. Everything else that is found blocks, usually also while it is
    being deleted: it may cost money until it is gone, its deletion may fail, and the next sweep is a minute later.
    (A peering that is being deleted counts as gone.) A secret in its recovery window blocks because it can be removed
    at once, and nobody needs its password any more.
    """

    region: str
    kind: str  # for people: RDS snapshot, security group
    id: str
    why: str  # how it was recognised: a tag, a name, a place
    detail: str = ""  # its state, such as `in deletion, gone by 2026-01-31 04:00 UTC`
    blocks: bool = True
    advice: str = ""  # what it costs or blocks, and what to do; empty for what Terraform made and removes
    passes: bool = False  # AWS usually removes it by itself in less than an hour

    def __str__(self) -> str:
        detail = f", {self.detail}" if self.detail else ""
        advice = f": {self.advice}" if self.advice else ""
        return f"{self.kind} {self.id} in {self.region} ({self.why}{detail}){advice}"


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that exists in AWS, of any owner. `tags` is None if they have not been read yet."""

    kind: str
    region: str
    id: str
    arn: str = ""
    type: str = ""  # how its ARN begins, starting at the service
    names: Sequence[str] = ()
    tags: Mapping[str, str] | None = None
    inside: Collection[str] = ()  # ids of the things that it is in or attached to
    uses: Collection[str] = ()  # ids of the things that cannot be removed while it is there, although it is not in them
    detail: str = ""
    blocks: bool = True
    advice: Advice | None = None

    def left(self, why: str) -> Leftover:
        """Return this thing as a leftover."""
        advice = self.advice if self.advice and self.blocks else Advice("")
        return Leftover(self.region, self.kind, self.id, why, self.detail, self.blocks, advice.text, advice.passes)


class Owner(Protocol):
    """How the things of one owner are recognised."""

    @property
    def told_by(self) -> Mapping[str, str]:
        """The tags by which the tagging API is asked; each of them is enough."""

    def is_certain(self, thing: Thing) -> bool:
        """Whether `thing` needs no more tags to be recognised."""

    def others(self, tags: Mapping[str, str]) -> bool:
        """Whether `tags` show that something belongs to another owner."""

    def why(self, thing: Thing) -> str | None:
        """Return why `thing` belongs to this owner, or None if it does not."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How the things of one environment are recognised."""

    environment_id: UUID
    drop_slug: str | None = None
    _named: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Services put their own words before a name (/aws/ecs/, alias/, internal-, aws-waf-logs-). If a service does
        # not allow hyphens, the name has underscores.
        name = environment_name(self.environment_id).replace("-", "[-_]")
        object.__setattr__(self, "_named", re.compile(rf"(?<![0-9A-Za-z]){name}(?![0-9A-Za-z])", re.IGNORECASE))

    @property
    def told_by(self) -> Mapping[str, str]:
        """The tags by which the tagging API is asked; each of them is enough."""
        drop = {DROP_TAG: self.drop_slug} if self.drop_slug else {}
        return {ENVIRONMENT_TAG: str(self.environment_id), **drop}

    def named(self, names: Iterable[str]) -> str | None:
        """Return the first of `names` that contains the environment's name as a whole word."""
        return next((name for name in names if self._named.search(name)), None)

    def is_certain(self, thing: Thing) -> bool:
        """Whether `thing` needs no more tags to be recognised: no two environments have names that begin alike."""
        return bool(self.why(thing))

    def others(self, tags: Mapping[str, str]) -> bool:
        """Whether `tags` show that something belongs to another environment or to a permanent stack."""
        environment = tags.get(ENVIRONMENT_TAG, str(self.environment_id))
        return environment != str(self.environment_id) or tags.get(STACK_TAG) in PERMANENT_STACKS

    def tagged(self, tags: Mapping[str, str]) -> str | None:
        """Return which of `tags` shows that something belongs to this environment."""
        if self.others(tags):
            return None
        if ENVIRONMENT_TAG in tags:
            return f"tagged {ENVIRONMENT_TAG}"
        if self.drop_slug is not None and tags.get(DROP_TAG) == self.drop_slug:
            return f"tagged {DROP_TAG}={self.drop_slug}"
        # AWS tags the things that it makes for one of ours with our thing's name: RDS its secret, ECS its tasks.
        owners = (key for key in tags if key == "Name" or key.startswith("aws:"))
        return next((f"tagged {key}={tags[key]}" for key in owners if self.named([tags[key]])), None)

    def why(self, thing: Thing) -> str | None:
        """Return why `thing` belongs to this environment, or None if it does not."""
        tags = thing.tags or {}
        if self.others(tags):
            return None
        name = self.named([thing.id, *thing.names])
        named = "by its name" if name == thing.id else f"named {name}"
        return self.tagged(tags) or (named if name else None)


def belonging(mark: Owner, things: Sequence[Thing]) -> list[tuple[Thing, str]]:
    """Return which of `things` belong to the owner, and why: a tag, a name, or another thing that they are in.

    What nobody has marked, and uses only things of this owner, belongs to it too.
    """
    found = [(thing, why) for thing in things if (why := mark.why(thing))]
    rest = [thing for thing in things if not mark.why(thing) and not mark.others(thing.tags or {})]
    homes: set[str] = set()
    while not homes >= {thing.id for thing, _ in found}:
        homes = {thing.id for thing, _ in found}
        fresh = [(thing, why) for thing in rest if (why := _at_home(thing, homes))]
        rest = [thing for thing in rest if not _at_home(thing, homes)]
        found = found + fresh
    return found


def holding(things: Sequence[Thing], found: Sequence[tuple[Thing, str]]) -> list[tuple[Thing, str]]:
    """Return which of `things` are not the owner's, but hold what is `found` to be: it is removed only after them."""
    own, held_ids = {id(thing) for thing, _ in found}, {thing.id for thing, _ in found if thing.blocks}
    rest = [thing for thing in things if id(thing) not in own]
    held = [(thing, sorted(held_ids.intersection((*thing.inside, *thing.uses)))) for thing in rest]
    return [(replace(thing, advice=of_foreign(ids[0])), f"in or with {', '.join(ids)}") for thing, ids in held if ids]


def _at_home(thing: Thing, homes: Collection[str]) -> str | None:
    inside, uses = sorted(set(homes).intersection(thing.inside)), set(thing.uses)
    if inside:
        return f"in {inside[0]}"
    return f"with {', '.join(sorted(uses))}" if uses and uses.issubset(homes) else None
