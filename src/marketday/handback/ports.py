"""What the hand-back needs: a link into the drop's database, staging and promotion in the mall's, and receipts."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import IO, Protocol
from uuid import UUID

from marketday.handback.model import Point, Progress, Promotion, Receipt, RowDigest, Seen, Sum, Waiting, Window
from marketday.handback.tables import Table

Password = Callable[[Window], Awaitable[str]]  # of a role that exists for a window, where somebody else chose it


class Snapshot(Protocol):
    """The drop's database at one point: whatever is read through it, is read at that point."""

    point: Point

    async def copy_out(self, table: Table, sink: IO[bytes]) -> None:
        """Write the drop's rows to `sink`, in PostgreSQL's binary COPY format.

        Raises:
            CopyRefused: the database sends more than any drop has.

        """
        ...

    def digests(self, table: Table) -> AsyncGenerator[RowDigest]:
        """Return the digests of the drop's rows, in the order of their keys."""
        ...

    async def sums(self) -> Sequence[Sum]:
        """Return orders and payments by state and currency."""
        ...


class Links(Protocol):
    """Opens the short-lived path into a drop's database."""

    def open(self, window: Window) -> AbstractAsyncContextManager[Snapshot]:
        """Make a credential, and read one snapshot with it. It ends with the context, or with `close`.

        Raises:
            SourceUnavailable: the database does not answer.

        """
        ...

    async def close(self, window: Window) -> None:
        """Remove the credential and put out whoever uses it, if it outlives the context. Repeatable.

        Raises:
            SourceUnavailable: the database does not answer.

        """
        ...

    async def close_drop(self, window: Window) -> int:
        """Close the drop for good, so that nothing of it can be reserved, unless somebody has something of it.

        Returns how many held reservations, living payments and orders it has; 0: it is closed, or its tables do not
        stand yet. Both are decided at one moment, under the locks of its stock. Repeating it changes nothing.

        Raises:
            SourceUnavailable: the database does not answer.

        """
        ...


class Copier(Protocol):
    """Brings the drop's rows into the staging schema. Each call does what can be done now, and can be repeated.

    The four are called in this order, each until it waits for nothing more.
    """

    at_snapshot: bool  # `start` copies all of it, at the snapshot's point: a row that differs is an error

    async def start(self, window: Window, snapshot: Snapshot, stage: "Stage", *, again: bool) -> Waiting | None:
        """Begin to copy; `again`: what was copied before is wrong. A copy that is under way is left to go on."""
        ...

    async def wait(self, window: Window) -> Waiting | None:
        """Look whether everything is copied.

        Raises:
            CopyDiffers: the copy is known to be wrong; it has to be made again.
            CopyRefused: it can never be right.
            CopyFailed: it came to an end before its time; starting it again may help.

        """
        ...

    async def stop(self, window: Window) -> Waiting | None:
        """End the copying, so that nothing changes what is compared. Raises CopyFailed as `wait` does."""
        ...

    async def remove(self, window: Window) -> Waiting | None:
        """Remove what copied."""
        ...


class Stage(Protocol):
    """The drop's rows in a schema of their own in the mall's database, seen by a role that owns it and nothing else."""

    async def prepare(self) -> None:
        """Make all tables anew and empty."""
        ...

    async def holds_copy(self) -> bool:
        """Say whether the tables stand as they have to, with a copy in them."""
        ...

    async def copy_in(self, table: Table, source: IO[bytes]) -> None:
        """Fill a table from `source`, in PostgreSQL's binary COPY format.

        Raises:
            CopyRefused: these are no rows of this table.

        """
        ...

    async def fill(self, table: Table, rows: Iterable[Sequence[object]]) -> None:
        """Add rows to a table of evidence; one whose key is there stays as it is."""
        ...

    def digests(self, table: Table) -> AsyncGenerator[RowDigest]:
        """Return the digests of a table's rows, in the order of their keys."""
        ...

    async def sums(self) -> Sequence[Sum]:
        """Return orders and payments by state and currency."""
        ...

    async def buyers(self) -> Sequence[UUID]:
        """Return who has an order."""
        ...

    async def problems(self) -> Mapping[str, Sequence[str]]:
        """Check the equations; return for each by name what breaks it: nothing, where it holds."""
        ...


class Staging(Protocol):
    """The staging schemas in the mall's database, and how far their windows have come."""

    def open(self, window: Window) -> AbstractAsyncContextManager[Stage]:
        """Make the schema where it is missing, and work on it as a role that owns it and may do nothing else.

        The role ends with the context; the schema stays: it is the drop's archive.
        """
        ...

    async def put_away(self, window: Window) -> None:
        """Remove that role, if a process was killed before it could. Repeatable."""
        ...

    async def admit(self, window: Window) -> None:
        """Let DMS write into the schema, and nowhere else, for a while. Repeating it prolongs that."""
        ...

    async def shut(self, window: Window) -> None:
        """End that right, with the sessions and tables of DMS's own. Repeatable."""
        ...

    async def progress(self, window: Window) -> Progress | None:
        """Return how far a window has come; None: it has not begun."""
        ...

    async def note(self, window: Window, progress: Progress) -> None:
        """Write down how far a window has come."""
        ...


class Evidence(Protocol):
    """What others than the drop's database know of the drop."""

    async def gather(self, window: Window, stage: Stage) -> Seen:
        """Write into the tables of evidence what the mall, the payment gateway and the waiting room know.

        Raises:
            MallUnavailable, LedgerUnavailable, RoomUnreachable: one of them does not answer; try again.

        """
        ...

    async def taken(self, window: Window) -> int:
        """Return for how many payments of the environment the gateway has money, once nobody can pay any more.

        Raises:
            LedgerUnavailable: the gateway does not answer; try again.

        """
        ...


class Promotions(Protocol):
    """Takes a verified drop into the mall's own tables."""

    async def promote(self, window: Window) -> Promotion:
        """Take orders, lines and payments over and the unsold units back, in one transaction, once.

        Raises:
            PromotionDiffers: the mall would not hold exactly what is staged; nothing is changed then.

        """
        ...

    async def give_back(self, window: Window) -> Promotion:
        """Give all lent units back, in one transaction, once: for a drop that never opened."""
        ...


class Receipts(Protocol):
    """Keeps receipts."""

    async def get(self, environment_id: UUID) -> Receipt | None:
        """Return an environment's receipt."""
        ...

    async def put(self, receipt: Receipt) -> Receipt:
        """Keep a receipt; return the one that is kept, which is an earlier one if there is any."""
        ...
