"""What a backup consists of, which one a moment needs, and which may be removed. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

MALL = "mall"  # the name of the mall's cluster; an event plane's is the id of its environment
SEGMENT_BYTES = 16 * 1024 * 1024
_SEGMENTS_OF_A_LOG = 2**32 // SEGMENT_BYTES
_SEGMENT = re.compile(r"[0-9A-F]{24}")
_SNAPSHOT = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BackupPart(_Frozen):
    """One encrypted file of a snapshot: its size and SHA-256 as it is kept, and its size before."""

    name: str
    size: int
    sha256: str
    raw_size: int


class Witness(_Frozen):
    """What a restored database must have: orders placed before `until`, which no later change alters."""

    until: AwareDatetime
    orders: int
    sha256: str = Field(description="Of id, total and currency of each of these orders, in the order of their ids.")
    sums: Mapping[str, int] = Field(description="Their totals in minor units, by currency.")


class BaseBackup(_Frozen):
    """A base backup of one cluster: recovery begins with the WAL of `first_segment`, and can stop at `ended_at`."""

    cluster: str
    database: str
    system_id: str
    postgres: int
    first_segment: str
    last_segment: str
    ended_at: AwareDatetime
    part: BackupPart
    witness: Witness


class BackupSnapshot(_Frozen):
    """A backup: base backups of clusters, and the files of the home. It exists once its manifest is written."""

    id: str
    begun_at: AwareDatetime
    ended_at: AwareDatetime
    marketday: str
    bases: Sequence[BaseBackup]
    files: BackupPart

    def base(self, cluster: str) -> BaseBackup | None:
        """Return the base backup of a cluster; None if there is none in this snapshot."""
        return next((base for base in self.bases if base.cluster == cluster), None)

    @property
    def whole(self) -> bool:
        """Whether it has the mall; one that was made for a new event plane has only that plane and the files."""
        return self.base(MALL) is not None


class RestoreCheck(_Frozen):
    """The result of restoring a snapshot into a temporary place; `problems` is empty if all was right."""

    snapshot: str
    at: AwareDatetime
    problems: Sequence[str]
    facts: Mapping[str, int | str]


class BackupState(StrEnum):
    """What is known of a snapshot."""

    UNCHECKED = "unchecked"
    CHECKED = "checked"
    FAILED = "failed"


def is_snapshot_id(name: str) -> bool:
    """Whether `name` has the form of a snapshot's id."""
    return bool(_SNAPSHOT.fullmatch(name))


def is_segment(name: str) -> bool:
    """Whether `name` is that of a segment of WAL."""
    return bool(_SEGMENT.fullmatch(name))


def number_of(segment: str) -> int:
    """Return the number of a segment in its timeline."""
    return int(segment[8:16], 16) * _SEGMENTS_OF_A_LOG + int(segment[16:], 16)


def segment_name(timeline: int, number: int) -> str:
    """Return the name of the segment `number` of a timeline."""
    log, rest = divmod(number, _SEGMENTS_OF_A_LOG)
    return f"{timeline:08X}{log:08X}{rest:08X}"


def position_of(lsn: str) -> int:
    """Return the position in the WAL that `lsn`, such as `0/3000028`, names, in bytes."""
    high, _, low = lsn.partition("/")
    return (int(high, 16) << 32) + int(low, 16)


def segment_at(timeline: int, lsn: str) -> str:
    """Return the name of the segment that has the position `lsn`, such as `0/3000028`."""
    return segment_name(timeline, position_of(lsn) // SEGMENT_BYTES)


def after(base: BaseBackup, present: Iterable[str]) -> tuple[list[str], str | None]:
    """Return the segments that follow a base backup without a gap, and the first missing one if others come later.

    The base itself has its own segments up to `last_segment`, which the end of a base backup closes.
    """
    timeline = int(base.last_segment[:8], 16)
    first = number_of(base.last_segment) + 1
    numbers = {number for name in present if name[:8] == base.last_segment[:8] and (number := number_of(name)) >= first}
    end = first
    while end in numbers:
        end += 1
    following = [segment_name(timeline, number) for number in range(first, end)]
    return following, segment_name(timeline, end) if any(number > end for number in numbers) else None


def candidates(
    snapshots: Iterable[BackupSnapshot], cluster: str, at: datetime | None, failed: Collection[str] = ()
) -> list[tuple[BackupSnapshot, BaseBackup]]:
    """Return the base backups of a database from which a restore can reach the moment `at`, in the order to try them.

    The newest is first. Those of snapshots whose check `failed` are last: an older backup and the WAL after it lead to
    the same moment.
    """
    usable = [
        (one.id not in failed, base.ended_at, one, base)
        for one in snapshots
        if (base := one.base(cluster)) is not None and (at is None or base.ended_at <= at)
    ]
    usable.sort(key=lambda each: each[:2], reverse=True)
    return [(one, base) for _, _, one, base in usable]


def needs_base(snapshots: Iterable[BackupSnapshot], cluster: str, present: Iterable[str]) -> bool:
    """Whether WAL is missing after the newest base backup of a cluster, so that later changes cannot be restored."""
    found = candidates(snapshots, cluster, None)
    return bool(found) and after(found[0][1], present)[1] is not None


def with_files(snapshots: Iterable[BackupSnapshot], at: datetime | None) -> list[BackupSnapshot]:
    """Return the snapshots with files of the moment `at` or before it, the newest first."""
    usable = [one for one in snapshots if at is None or one.ended_at <= at]
    return sorted(usable, key=lambda one: one.ended_at, reverse=True)


def state_of(snapshot: BackupSnapshot, checks: Mapping[str, RestoreCheck]) -> BackupState:
    """Return what is known of a snapshot."""
    check = checks.get(snapshot.id)
    if check is None:
        return BackupState.UNCHECKED
    return BackupState.FAILED if check.problems else BackupState.CHECKED


def removable(
    snapshots: Sequence[BackupSnapshot], checks: Mapping[str, RestoreCheck], keep: int
) -> list[BackupSnapshot]:
    """Return the snapshots that are not needed if `keep` checked ones of the whole home are kept.

    What is newer than the oldest kept one stays, checked or not. While no snapshot is checked, all stay: so the last
    checked one is never removed.
    """
    checked = sorted(
        (one for one in snapshots if one.whole and state_of(one, checks) is BackupState.CHECKED),
        key=lambda one: one.ended_at,
        reverse=True,
    )
    if len(checked) < keep:
        return []
    oldest = checked[keep - 1]
    return [one for one in snapshots if one.ended_at < oldest.ended_at]


def kept_until(marks: Iterable[tuple[float, str]], kept: str) -> float | None:
    """Return the last of the moments in `marks` whose position in the WAL is kept; None if there is none."""
    reached = position_of(kept)
    return max((moment for moment, lsn in marks if position_of(lsn) <= reached), default=None)


def unneeded_segments(snapshots: Iterable[BackupSnapshot], cluster: str, present: Iterable[str]) -> list[str]:
    """Return the archived segments that come before every base backup of the cluster; none if it has no base."""
    firsts = [number_of(base.first_segment) for one in snapshots if (base := one.base(cluster)) is not None]
    if not firsts:
        return []
    return [name for name in present if number_of(name) < min(firsts)]


def is_due(last: datetime | None, now: datetime, every_seconds: float) -> bool:
    """Whether something that is done every so often is due; a `last` in the future, after a clock was set, is too."""
    return last is None or not 0 <= (now - last).total_seconds() < every_seconds
