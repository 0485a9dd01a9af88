"""What is copied, how two copies are compared, and what a receipt says. Pure."""

import hashlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from marketday.drops.model import Drop
from marketday.kit.printable import printable

MOST_SHOWN = 20
MOST_DIFFERENCES = 1000  # for one table; more are not useful


class ReceiptKind(StrEnum):
    """What a receipt proves."""

    HANDED_BACK = "handed-back"
    NEVER_OPENED = "never-opened"
    WRITTEN_OFF = "written-off"  # its servers were lost for good, and all money was given back


@dataclass(frozen=True, slots=True)
class Replication:
    """What Terraform made for a window: the DMS task, and the secrets with the credentials of its two ends."""

    task_arn: str
    source_secret_arn: str
    target_secret_arn: str


@dataclass(frozen=True, slots=True)
class Window:
    """One hand-back: which environment, where its servers are, and what the mall has on record of the drop."""

    environment_id: UUID
    drop_slug: str
    database_url: str = field(repr=False)  # with the owner's credential, which can make the link's
    room_url: str = field(default="", repr=False)  # the address of the waiting room's server
    commitment: str = ""  # to the draw's seed, as the mall's page has shown it; hex
    promised: Drop | None = None  # the drop's facts according to its definition
    payment_holder: str | None = None  # the gateway's name for the environment's key; None if it has no key of its own
    due: datetime | None = None  # the hour of a window while the drop runs; None for the last window
    replication: Replication | None = None  # only if DMS copies
    released_early: Mapping[str, Any] | None = None  # what an operator released early, and who did it
    restored: "Sequence[Restoration]" = ()  # each restore of the drop's database, as the mall's side recorded it
    recovered: "Recovered | None" = None  # only if the drop's database was brought back from a copy

    @property
    def staging(self) -> str:
        """The staging schema in the mall database."""
        return f"drop_{self.drop_slug.replace('-', '_')}_{self.environment_id.hex[-8:]}"

    @property
    def link_role(self) -> str:
        """The role that the link makes in the drop's database."""
        return f"link_{self.environment_id.hex}"

    @property
    def stage_role(self) -> str:
        """The role with which DMS writes into the staging schema."""
        return f"stage_{self.environment_id.hex}"

    @property
    def archive_role(self) -> str:
        """The role that owns the staging schema during a window, and may do nothing else in the mall's database."""
        return f"archive_{self.environment_id.hex}"


@dataclass(frozen=True, slots=True)
class GivenBack:
    """The payments of a lost drop that were given back: how many, and their sums in minor units by currency."""

    payments: int
    sums: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Restoration:
    """A drop's database was restored from a backup: payments that were begun in between may be missing in it.

    `kept` are the payments of the copy's last seconds: they are not lost, also if the database says so later.
    """

    copied_to: datetime
    restored_at: datetime
    kept: frozenset[UUID] = frozenset()

    def record(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        kept = sorted(str(one) for one in self.kept)
        return {"copied_to": self.copied_to.isoformat(), "restored_at": self.restored_at.isoformat(), "kept": kept}

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Self:
        """Return what `record` wrote."""
        copied_to, restored_at = (datetime.fromisoformat(record[name]) for name in ("copied_to", "restored_at"))
        return cls(copied_to, restored_at, frozenset(UUID(one) for one in record["kept"]))


@dataclass(frozen=True, slots=True)
class Recovered:
    """The drop's database is a copy that ends before the drop did; what was paid afterwards has been given back."""

    copied_to: datetime
    given_back: frozenset[UUID]  # the payments that the copy does not have
    amounts: Mapping[str, int]  # in minor units, by currency: what was captured of them

    def claims(self) -> dict[str, Any]:
        """Return what the receipt says of it."""
        return {
            "copied_to": self.copied_to.isoformat(),
            "payments_given_back": len(self.given_back),
            "amounts_minor": dict(self.amounts),
        }


@dataclass(frozen=True, slots=True)
class Waiting:
    """A window has to wait, and is tried again later. `reason` says what for."""

    reason: str


@dataclass(frozen=True, slots=True)
class RowDigest:
    """A row's key as text, and the SHA-256 of the whole row."""

    key: str
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not the same on both sides."""

    table: str
    key: str
    kind: str  # missing (not in the copy), extra (only in the copy) or changed

    def __str__(self) -> str:
        return f"{self.table} {self.key} {self.kind}"


@dataclass(frozen=True, slots=True)
class TableProof:
    """The number of a table's rows, and the SHA-256 over their digests in the order of their keys."""

    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Sum:
    """Rows and money of a table in one state and currency."""

    table: str
    state: str
    currency: str
    rows: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Point:
    """The one moment that was copied: a position in the write-ahead log, and the time."""

    lsn: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """How many records the gateway and the room have; `entries` is None if the room lost the drop."""

    payments: int
    entries: int | None


@dataclass(frozen=True, slots=True)
class Brought:
    """The result of a window: the number of rows of each table, and how many of them differed from the source."""

    point: Point
    rows: Mapping[str, int]
    behind: Mapping[str, int]  # rows that differ, by table; tables without any are left out


class WindowPhase(StrEnum):
    """What a window does next."""

    STARTING = "starting"
    COPYING = "copying"
    STOPPING = "stopping"
    RESTARTING = "restarting"  # stops, and then starts again
    CLOSING = "closing"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class WindowProgress:
    """The progress of a window, recorded so that the next call continues from there."""

    phase: WindowPhase = WindowPhase.STARTING
    copies: int = 1  # the first copy; 2 with the repair
    brought: Brought | None = None


@dataclass(frozen=True, slots=True)
class Promotion:
    """What the mall has of the drop after promotion."""

    orders: int
    units_lent: int
    units_sold: int
    units_returned: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """The signed proof of a hand-back."""

    environment_id: UUID
    kind: ReceiptKind
    token: str = field(repr=False)
    claims: Mapping[str, Any]


async def compare(
    table: str, source: AsyncGenerator[RowDigest], copy: AsyncGenerator[RowDigest]
) -> tuple[TableProof, list[Difference]]:
    """Compare two streams of row digests, both in the order of their keys, in both directions.

    Returns the proof of the source, and the differences; it stops after `MOST_DIFFERENCES`.
    """
    total, rows, found = hashlib.sha256(), 0, list[Difference]()
    async with aclosing(source), aclosing(copy):
        left, right = await anext(source, None), await anext(copy, None)
        while (left is not None or right is not None) and len(found) < MOST_DIFFERENCES:
            if right is None or (left is not None and left.key < right.key):
                assert left is not None  # noqa: S101 - one of the two is there
                found.append(Difference(table, left.key, "missing"))
                step_left, step_right = True, False
            elif left is None or right.key < left.key:
                found.append(Difference(table, right.key, "extra"))
                step_left, step_right = False, True
            else:
                if left.sha256 != right.sha256:
                    found.append(Difference(table, left.key, "changed"))
                step_left = step_right = True
            if step_left and left is not None:
                total.update(left.sha256)
                rows += 1
                left = await anext(source, None)
            if step_right:
                right = await anext(copy, None)
    return TableProof(rows, total.hexdigest()), found


def shown(found: Sequence[object]) -> str:
    """Return the first of `found` for people, and how many more there are."""
    text = "; ".join(printable(one) for one in found[:MOST_SHOWN])
    return text if len(found) <= MOST_SHOWN else f"{text}; and {len(found) - MOST_SHOWN} more"
