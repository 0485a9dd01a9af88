"""What a recovery needs, what is missing, how far it is, and what it lost in the end. Pure."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from marketday.kit.moments import to_text_of_seconds
from marketday.provisioners.recovery.errors import WrongRegion

HOME = "us-east-1"  # where AWS changes what belongs to no region
NAME = "marketday"  # the beginning of the names of the stack permanent
_SIXTY = 60
_REGION_OF_ARN = 3  # which part of an ARN it is
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


class Presence(StrEnum):
    """Whether something that a recovery needs is there."""

    THERE = "there"
    MISSING = "missing"  # nothing begins before it is there
    WARNS = "warns"  # a person has to know it; it stops nothing
    UNKNOWN = "unknown"  # it could not be asked


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a recovery needs, what was found, and what to do if it is missing."""

    name: str
    state: Presence
    detail: str
    remedy: str = ""

    def line(self) -> str:
        """Return it as people read it."""
        told = f"{MARKS[self.state]} {self.name}: {self.detail}"
        return f"{told}. {self.remedy}" if self.remedy and self.state is not Presence.THERE else told


MARKS: Mapping[Presence, str] = {Presence.THERE: "✓", Presence.MISSING: "✗", Presence.WARNS: "!", Presence.UNKNOWN: "?"}


@dataclass(frozen=True, slots=True)
class RecoverySite:
    """Which region is lost, where everything is brought back, and which region gets the copies from then on."""

    lost: str
    here: str
    copies_to: str
    account: str = ""
    partition: str = "aws"
    plane: str = "marketday-prod"

    def bucket(self, kind: str) -> str:
        """Return the name of a bucket of the stack permanent in this region."""
        return f"{NAME}-{kind}-{self.account}-{self.here}"


def choose_site(lost: str, here: str, copies_to: str | None, known: Mapping[str, str]) -> RecoverySite:
    """Return the site; `known` has the partition of each region that AWS has.

    Raises:
        WrongRegion: a region does not exist, two are the same, or they are of different partitions.

    """
    for option, region in (("REGION", here), ("--from", lost), ("--copies-to", copies_to)):
        if region is not None and (not _REGION.fullmatch(region) or region not in known):
            near = sorted(one for one in known if region[:5] == one[:5])[:4] or ["ap-northeast-1"]
            raise WrongRegion(f"{option} is {region!r}; expected a region of AWS, such as {', '.join(near)}")
    if here == lost:
        raise WrongRegion(f"REGION is {here!r}, the region that is lost; expected another one, to recover in")
    if lost == HOME:
        raise WrongRegion(
            f"--from is {lost}; expected another region: roles, the edge and DNS are changed there, so nothing can be "
            "recovered without it"
        )
    if known[here] != known[lost]:
        raise WrongRegion(
            f"REGION is {here!r}, in the partition {known[here]}; expected a region in {known[lost]} like {lost}: "
            "accounts, roles and copies do not reach into another partition"
        )
    others = [one for one in sorted(known) if known[one] == known[here] and one not in (here, lost)]
    chosen = copies_to or _nearest(here, others)
    if chosen in (here, lost) or known[chosen] != known[here]:
        raise WrongRegion(
            f"--copies-to is {chosen!r}; expected a region of {known[here]} that is neither {here} nor {lost}"
        )
    return RecoverySite(lost, here, chosen, partition=known[here])


def _nearest(region: str, others: Sequence[str]) -> str:
    """Return another region whose name begins alike, for copies; the order is always the same."""
    alike = [one for one in others if one.split("-")[:2] == region.split("-")[:2]]
    return (alike or [one for one in others if one[:2] == region[:2]] or list(others))[0]


@dataclass(frozen=True, slots=True)
class DatabaseCopy:
    """A copy of a database in the region: which one, to which moment, and what it is restored from."""

    database: str
    latest: datetime
    arn: str
    kms_key_arn: str
    snapshot: bool = False
    drop: str = ""  # for an environment's database: the slug of its drop

    @property
    def restore_from(self) -> dict[str, str]:
        """Return the variable `restore_from` of the stack prod."""
        return {"snapshot_arn" if self.snapshot else "backups_arn": self.arn, "kms_key_arn": self.kms_key_arn}


def newest(copies: Collection[DatabaseCopy], database: str) -> DatabaseCopy | None:
    """Return the newest copy of a database."""
    return max((one for one in copies if one.database == database), key=lambda one: one.latest, default=None)


def judged_copy(found: DatabaseCopy | None, lost_at: datetime, oldest: timedelta, database: str) -> Finding:
    """Say whether a copy of the database exists and is new enough: the time between it and the loss is lost."""
    name = f"copy of the database {database}"
    if found is None:
        remedy = "Set recovery_region of the stack permanent, and `recovery` of prod, before a region is lost"
        return Finding(name, Presence.MISSING, "no copied backups and no copied snapshot", remedy)
    behind = max(lost_at - found.latest, timedelta())
    kind = "snapshot" if found.snapshot else "backups"
    detail = f"{kind} to {to_text_of_seconds(found.latest)}, {spoken(behind)} before the loss"
    if behind > oldest:
        remedy = f"What came after it is lost; accept that with --oldest {int(behind.total_seconds() // 60) + 1}"
        return Finding(name, Presence.MISSING, f"{detail}; expected {spoken(oldest)} at most", remedy)
    return Finding(name, Presence.THERE, detail)


def spoken(span: timedelta) -> str:
    """Return a span of time for people: 45 s, 4 min 5 s, 3 h 20 min."""
    seconds = round(span.total_seconds())
    minutes, seconds = divmod(seconds, _SIXTY)
    hours, minutes = divmod(minutes, _SIXTY)
    if hours:
        return f"{hours} h" + (f" {minutes} min" if minutes else "")
    if minutes:
        return f"{minutes} min" + (f" {seconds} s" if seconds else "")
    return f"{seconds} s"


def naming(values: Any, region: str, path: str = "") -> list[str]:
    """Return the paths of all texts in `values` that name a region as a whole word, or one of its zones."""
    if isinstance(values, Mapping):
        return [found for key, each in values.items() for found in naming(each, region, f"{path}.{key}".lstrip("."))]
    if isinstance(values, list):
        return [found for number, each in enumerate(values) for found in naming(each, region, f"{path}[{number}]")]
    return [path] if isinstance(values, str) and re.search(rf"(?<![\w-]){region}[a-f]?(?![\w-])", values) else []


def moved(arn: str, site: RecoverySite) -> str:
    """Return the ARN of the same thing in the other region: a copied secret has the same ARN but for its region."""
    parts = arn.split(":")
    if parts[0] == "arn" and parts[_REGION_OF_ARN : _REGION_OF_ARN + 1] == [site.lost]:
        parts[_REGION_OF_ARN] = site.here
    return ":".join(parts)


class StepName(StrEnum):
    """The steps, in their order."""

    FENCE = "fence"
    BASE = "base"
    SECRETS = "secrets"
    PERMANENT = "permanent"
    PROD = "prod"
    FACTS = "facts"
    DROPS = "drops"


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step that is done: when it began and ended, and what it says."""

    began: datetime
    ended: datetime
    detail: str


@dataclass(frozen=True, slots=True)
class RecoveryRecord:
    """How far a recovery is. Whether a step is done is looked up each time; this is only for times and the report."""

    site: RecoverySite
    lost_at: datetime
    began: datetime
    steps: Mapping[StepName, StepDone] = field(default_factory=dict)
    copy: DatabaseCopy | None = None
    came_back: datetime | None = None

    def with_step(self, name: StepName, done: StepDone) -> Self:
        """Return the record with a step; the first beginning of a repeated step stays."""
        earlier = self.steps.get(name)
        kept = replace(done, began=min(earlier.began, done.began)) if earlier else done
        return replace(self, steps={**self.steps, name: kept})

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "lost": self.site.lost,
            "here": self.site.here,
            "copies_to": self.site.copies_to,
            "lost_at": to_text_of_seconds(self.lost_at),
            "began": to_text_of_seconds(self.began),
            "came_back": to_text_of_seconds(self.came_back) if self.came_back else None,
            "copy": {
                "database": self.copy.database,
                "latest": to_text_of_seconds(self.copy.latest),
                "arn": self.copy.arn,
                "kms_key_arn": self.copy.kms_key_arn,
                "snapshot": self.copy.snapshot,
            }
            if self.copy
            else None,
            "steps": {
                name.value: {
                    "began": to_text_of_seconds(one.began),
                    "ended": to_text_of_seconds(one.ended),
                    "detail": one.detail,
                }
                for name, one in self.steps.items()
            },
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any], site: RecoverySite) -> Self:
        """Return the record that `to_json` wrote; raises KeyError, TypeError or ValueError for something else."""
        copy = told["copy"]
        return cls(
            site,
            datetime.fromisoformat(told["lost_at"]),
            datetime.fromisoformat(told["began"]),
            {
                StepName(name): StepDone(
                    datetime.fromisoformat(one["began"]), datetime.fromisoformat(one["ended"]), str(one["detail"])
                )
                for name, one in told["steps"].items()
            },
            DatabaseCopy(**{**copy, "latest": datetime.fromisoformat(copy["latest"])}) if copy else None,
            datetime.fromisoformat(told["came_back"]) if told["came_back"] else None,
        )


def report(record: RecoveryRecord) -> list[str]:
    """Return what a recovery took and lost, by lines. RTO ends here with the last step, not with the first shopper."""
    lines = [
        f"{name.value:<10} {to_text_of_seconds(one.began)}  {spoken(one.ended - one.began):>10}  {one.detail}"
        for name in StepName
        if (one := record.steps.get(name))
    ]
    ended = max((one.ended for one in record.steps.values()), default=record.began)
    lines.append(
        f"RTO so far: {spoken(ended - record.lost_at)} since the loss at {to_text_of_seconds(record.lost_at)}; "
        f"{spoken(ended - record.began)} since the recovery began"
    )
    if record.copy:
        behind = max(record.lost_at - record.copy.latest, timedelta())
        lines.append(
            f"RPO: {spoken(behind)}: the mall's database is as it was at {to_text_of_seconds(record.copy.latest)}"
        )
    if record.came_back:
        lines.append(f"{record.site.lost} answered again at {to_text_of_seconds(record.came_back)}: it stays fenced")
    return lines
