"""What the hand-back needs: a link into the drop's database, staging and promotion in the mall's, and receipts."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import IO, Protocol
from uuid import UUID

from marketday.handback.model import Point, Promotion, Receipt, RowDigest, Sum, Table, Window


class Snapshot(Protocol):
    """The drop's database at one point: whatever is read through it, is read at that point."""

    point: Point

    async def columns(self, table: Table) -> Mapping[str, str]:
        """Return the table's columns and their types, in order."""
        ...

    async def copy_out(self, table: Table, columns: Sequence[str], sink: IO[bytes]) -> None:
        """Write the drop's rows to `sink`, in PostgreSQL's binary COPY format."""
        ...

    def digests(self, table: Table, columns: Sequence[str]) -> AsyncIterator[RowDigest]:
        """Return the digests of the drop's rows, in the order of their keys."""
        ...

    async def sums(self) -> Sequence[Sum]:
        """Return orders and payments by state and currency."""
        ...


class Links(Protocol):
    """Opens the short-lived path into a drop's database."""

    def open(self, window: Window) -> AbstractAsyncContextManager[Snapshot]:
        """Make a credential, read one snapshot with it, and close and remove it whatever happens.

        Raises:
            SourceUnavailable: the database does not answer.

        """
        ...

    async def orders(self, window: Window) -> int:
        """Return how many orders and living payments the drop has; 0 when its tables do not stand yet.

        Raises:
            SourceUnavailable: the database does not answer.

        """
        ...


class Staging(Protocol):
    """The drop's rows in a schema of their own in the mall's database."""

    async def prepare(self, window: Window, columns: Mapping[str, Mapping[str, str]]) -> None:
        """Make the schema anew with empty tables: columns with their types, by table."""
        ...

    async def copy_in(self, window: Window, table: Table, columns: Sequence[str], source: IO[bytes]) -> None:
        """Fill a table from `source`, in PostgreSQL's binary COPY format."""
        ...

    def digests(self, window: Window, table: Table, columns: Sequence[str]) -> AsyncIterator[RowDigest]:
        """Return the digests of a table's rows, in the order of their keys."""
        ...

    async def sums(self, window: Window) -> Sequence[Sum]:
        """Return orders and payments by state and currency."""
        ...

    async def problems(self, window: Window) -> Mapping[str, Sequence[str]]:
        """Check the business's equations; return for each by name what breaks it: nothing, when all is well."""
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
