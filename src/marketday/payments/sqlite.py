"""The sandbox gateway's ledger: one SQLite file, written by one thread. After kill -9, no answered payment is lost.

Calls that arrive while a transaction is written gather, and become one transaction together: it is written to the disk
once for all of them, and the thread is called once.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from marketday.kit.batching import MicroBatch
from marketday.kit.moments import to_text
from marketday.payments.errors import GatewayBusy, GatewayRefused
from marketday.payments.ports import NO_CURRENCY, GatewayPayment, GatewayState, Purpose

_T = TypeVar("_T")
_Work = Callable[[sqlite3.Connection], Any]

# The states in which a call has an effect; in any other state it changes nothing.
_FROM = {
    GatewayState.CAPTURED: GatewayState.AUTHORISED,
    GatewayState.VOIDED: GatewayState.AUTHORISED,
    GatewayState.REFUNDED: GatewayState.CAPTURED,
}

_SCHEMA = """
CREATE TABLE IF NOT EXISTS payments (
    reference    TEXT PRIMARY KEY,
    state        TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    currency     TEXT NOT NULL,
    method       TEXT NOT NULL,
    grouping     TEXT NOT NULL,
    reason       TEXT NOT NULL DEFAULT '',
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL,
    holder       TEXT NOT NULL,
    customer     TEXT NOT NULL DEFAULT '',
    subject      TEXT NOT NULL DEFAULT '',
    goods        TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX IF NOT EXISTS payments_grouping_idx ON payments (grouping);
CREATE INDEX IF NOT EXISTS payments_holder_idx ON payments (holder);
CREATE TABLE IF NOT EXISTS keys (
    holder     TEXT PRIMARY KEY,
    key_sha256 TEXT NOT NULL UNIQUE
) STRICT;
"""


class LedgerLine(NamedTuple):
    """One payment in the ledger; times are ISO 8601 in UTC. `holder` had the key; empty means the merchant.

    `customer`, `subject` and `goods` are from its `Purpose`; empty if it was voided before it was authorised.
    """

    reference: str
    state: str
    amount_minor: int
    currency: str
    method: str
    group: str
    reason: str
    created_at: str
    updated_at: str
    holder: str
    customer: str
    subject: str
    goods: str

    @property
    def payment(self) -> GatewayPayment:
        """The line as the port's `GatewayPayment`."""
        return GatewayPayment(
            UUID(self.reference), GatewayState(self.state), self.amount_minor, self.currency, self.reason
        )

    def document(self) -> dict[str, Any]:
        """Return the line as JSON members."""
        return self._asdict()


class SqliteLedger:
    """Payments by reference, with their holders. A call is answered when its transaction is on the disk.

    `holder` is the holder of the key of a call. A holder sees and changes only its own payments; the merchant (empty
    holder) sees and changes all.
    """

    def __init__(self, file: str | Path) -> None:
        """Open or create the database `file`."""
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")
        self._database = self._thread.submit(_open, file).result()
        self._holders = dict(self._thread.submit(_read_keys, self._database).result())
        self._calls: MicroBatch[_Work, Any] = MicroBatch(self._decide, unavailable=GatewayBusy)

    def close(self) -> None:
        """Finish the current write and close the file."""
        self._thread.submit(self._database.close).result()
        self._thread.shutdown()

    def holder_of(self, key_sha256: str) -> str | None:
        """Return the holder of the key with this hash (hexadecimal), or None."""
        return self._holders.get(key_sha256)

    async def issue(self, holder: str, key_sha256: str) -> None:
        """Record the hash of a holder's only key."""
        statement = "INSERT INTO keys VALUES (?, ?) ON CONFLICT (holder) DO UPDATE SET key_sha256 = excluded.key_sha256"
        await self._change_keys(statement, (holder, key_sha256))

    async def revoke(self, holder: str) -> None:
        """Remove the key of `holder`, if there is one."""
        await self._change_keys("DELETE FROM keys WHERE holder = ?", (holder,))

    def knows(self, holder: str) -> bool:
        """Return whether `holder` has a key."""
        return holder in self._holders.values()

    async def _change_keys(self, statement: str, values: tuple[str, ...]) -> None:
        def write(database: sqlite3.Connection) -> dict[str, str]:
            database.execute(statement, values)
            return dict(_read_keys(database))

        self._holders = await self._run(write)

    async def authorise(
        self,
        reference: UUID,
        amount_minor: int,
        currency: str,
        method: str,
        purpose: Purpose,
        *,
        holder: str = "",
        declined: str = "",
    ) -> tuple[LedgerLine, bool]:
        """Record an authorised payment, or one `declined` for a reason; a known reference is returned unchanged.

        Returns the line, and whether it is new.

        Raises:
            GatewayRefused: the reference has another amount, currency or purpose, or is another holder's.

        """
        state = GatewayState.DECLINED if declined else GatewayState.AUTHORISED
        moment, about = _moment(), (purpose.group, str(purpose.customer), str(purpose.subject), purpose.goods)
        values = (str(reference), state, amount_minor, currency, method, about[0], declined, moment, moment, holder)
        line, new = await self._run(lambda database: _insert(database, (*values, *about[1:])))
        if holder not in ("", line.holder):
            raise GatewayRefused(f"{reference} is taken; expected another reference")
        if line.state == GatewayState.VOIDED:
            return line, new
        if (line.amount_minor, line.currency) != (amount_minor, currency):
            raise GatewayRefused(
                f"{reference} was used for {line.amount_minor} {line.currency}; expected the same amount"
            )
        if (line.group, line.customer, line.subject, line.goods) != about:
            raise GatewayRefused(f"{reference} was used for another purpose; expected the same purpose")
        return line, new

    async def move(self, reference: UUID, wanted: GatewayState, holder: str = "") -> LedgerLine | None:
        """Capture, void or refund; return the line after the call, None for an unknown reference.

        Voiding an unknown reference records it as voided, so that a late authorise is refused.
        """

        def write(database: sqlite3.Connection) -> LedgerLine | None:
            if wanted is GatewayState.VOIDED:
                moment = _moment()
                why = "voided before it was authorised"
                _insert(
                    database, (str(reference), wanted, 0, NO_CURRENCY, "", "", why, moment, moment, holder, "", "", "")
                )
            moved = database.execute(
                "UPDATE payments SET state = ?, updated_at = ? WHERE reference = ? AND state = ? AND ? IN ('', holder) "
                "RETURNING *",
                (wanted, _moment(), str(reference), _FROM[wanted], holder),
            ).fetchone()
            return LedgerLine(*moved) if moved else _seen_by(holder, _find(database, str(reference)))

        return await self._run(write)

    async def find(self, reference: UUID, holder: str = "") -> LedgerLine | None:
        """Return the line of `reference`, or None."""
        return await self._run(lambda database: _seen_by(holder, _find(database, str(reference))))

    async def lines(self, group: str | None, holder: str = "", *, after: str = "", most: int = -1) -> list[LedgerLine]:
        """Return the lines of `group`, or of all groups, in the order of their references.

        Read the ledger in pages: `after` is a reference, and `most` the largest number of lines (-1: all).
        """

        def read(database: sqlite3.Connection) -> list[LedgerLine]:
            rows = database.execute(
                "SELECT * FROM payments WHERE (?1 IS NULL OR grouping = ?1) AND ?2 IN ('', holder) "
                "AND reference > ?3 ORDER BY reference LIMIT ?4",
                (group, holder, after, most),
            )
            return [LedgerLine(*row) for row in rows]

        return await self._run(read)

    async def _run(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """Do `work` in the next transaction.

        Raises:
            GatewayBusy: too many calls wait already.

        """
        answer: _T = await self._calls.ask(work)
        return answer

    async def _decide(self, calls: Sequence[_Work]) -> list[Any]:
        def transaction() -> list[Any]:
            with self._database:
                return [work(self._database) for work in calls]

        return await asyncio.get_running_loop().run_in_executor(self._thread, transaction)


def _open(file: str | Path) -> sqlite3.Connection:
    database = sqlite3.connect(file)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")  # no payment may be lost, not even in a power cut
    database.executescript(_SCHEMA)
    known = {column[1] for column in database.execute("PRAGMA table_info(payments)")}
    for column in ("customer", "subject", "goods"):  # missing in ledgers of an earlier version
        if column not in known:
            database.execute(f"ALTER TABLE payments ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")
    return database


def _insert(database: sqlite3.Connection, values: tuple[Any, ...]) -> tuple[LedgerLine, bool]:
    """Return the line of a reference, and whether it was made now."""
    made = database.execute(
        "INSERT INTO payments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (reference) DO NOTHING "
        "RETURNING *",
        values,
    ).fetchone()
    line = LedgerLine(*made) if made else _find(database, values[0])
    assert line is not None  # noqa: S101 - it was there, or was written two lines above
    return line, made is not None


def _find(database: sqlite3.Connection, reference: str) -> LedgerLine | None:
    row = database.execute("SELECT * FROM payments WHERE reference = ?", (reference,)).fetchone()
    return None if row is None else LedgerLine(*row)


def _seen_by(holder: str, line: LedgerLine | None) -> LedgerLine | None:
    return line if line is not None and holder in ("", line.holder) else None


def _read_keys(database: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return (hash, holder) of every key."""
    return database.execute("SELECT key_sha256, holder FROM keys").fetchall()


def _moment() -> str:
    return to_text(datetime.now(UTC))
