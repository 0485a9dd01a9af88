"""Accounts and sessions in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from marketday.accounts.errors import AccountsUnavailable, EmailTaken
from marketday.accounts.model import Account, Role
from marketday.accounts.passwords import UNUSABLE
from marketday.accounts.sessions import LIFETIME, digest, new_session_token
from marketday.kit.batching import MicroBatch
from marketday.kit.database import load_queries
from marketday.kit.ids import new_id
from marketday.kit.outages import AWAY

_SQL = load_queries(__package__)


class PostgresAccountStore:
    """The `AccountStore` of the mall database."""

    def __init__(self, pool: "asyncpg.Pool[Any]") -> None:
        """Use the connections of `pool`."""
        self._pool = pool
        # Every request of a person who is signed in begins with this, and a burst sends hundreds in a second. A batch
        # is small, because all its requests continue at once, and others have to wait for them.
        self._sessions = MicroBatch(self._find_sessions, unavailable=AccountsUnavailable, largest=16)

    async def add(self, account: Account, password_hash: str) -> None:
        """Store a new account; raises EmailTaken."""
        row = await self._pool.fetchrow(
            _SQL["add_account"],
            account.id,
            account.email,
            password_hash,
            account.name,
            account.role.value,
            account.created_at,
        )
        if row is None:
            raise EmailTaken(f"{account.email!r} has an account already; sign in, or use another address")

    async def find(self, account_id: UUID) -> Account | None:
        """Return the account with this id."""
        return _account(await self._pool.fetchrow(_SQL["find_account"], account_id))

    async def find_by_email(self, email: str) -> tuple[Account, str] | None:
        """Return the account with this address and its password's hash."""
        row = await self._pool.fetchrow(_SQL["find_account_by_email"], email)
        account = _account(row)
        return None if row is None or account is None else (account, row["password_hash"])

    async def change_password_hash(self, account_id: UUID, old: str, new: str) -> None:
        """Replace the hash `old` by `new`."""
        await self._pool.execute(_SQL["change_password_hash"], account_id, old, new)

    async def list_accounts(self, *, limit: int) -> list[Account]:
        """Return the newest accounts, newest first."""
        rows = await self._pool.fetch(_SQL["list_accounts"], limit)
        return [account for account in map(_account, rows) if account is not None]

    async def add_session(self, digest: bytes, account_id: UUID, now: datetime, expires_at: datetime) -> None:
        """Store a session by the digest of its token."""
        await self._pool.execute(_SQL["add_session"], digest, account_id, now, expires_at)

    async def find_session(self, digest: bytes, now: datetime) -> Account | None:
        """Return the account of a session, unless it has expired."""
        return await self._sessions.ask((digest, now))

    async def _find_sessions(self, asked: Sequence[tuple[bytes, datetime]]) -> Sequence[Account | Exception | None]:
        """Return the account of each session; if the database does not answer, its error for each."""
        try:
            rows = await self._pool.fetch(_SQL["find_sessions"], [digest for digest, _ in asked])
        except AWAY as error:
            return [error] * len(asked)
        found = {row["token_sha256"]: row for row in rows}
        return [
            _account(found[digest]) if digest in found and found[digest]["expires_at"] > now else None
            for digest, now in asked
        ]

    async def remove_session(self, digest: bytes) -> None:
        """Remove a session."""
        await self._pool.execute(_SQL["remove_session"], digest)

    async def remove_expired_sessions(self, now: datetime) -> int:
        """Remove the expired sessions, and return how many."""
        return int((await self._pool.execute(_SQL["remove_expired_sessions"], now)).split()[-1])

    async def change_role(self, email: str, role: Role) -> Account | None:
        """Change the role of the account with this address."""
        return _account(await self._pool.fetchrow(_SQL["change_role"], email, role.value))

    async def keep_browser(self, digest: bytes, account_id: UUID, now: datetime) -> None:
        """Record that a browser signed in to an account."""
        await self._pool.execute(_SQL["keep_browser"], digest, account_id, now)

    async def knows_browser(self, digest: bytes, account_id: UUID) -> bool:
        """Return whether a browser signed in to this account before."""
        return bool(await self._pool.fetchval(_SQL["knows_browser"], digest, account_id))

    async def remove_browsers(self, unused_since: datetime) -> int:
        """Remove the browsers whose last sign-in was before a moment."""
        return int((await self._pool.execute(_SQL["remove_browsers"], unused_since)).split()[-1])


def _account(row: "asyncpg.Record | None") -> Account | None:
    if row is None:
        return None
    return Account(row["id"], row["email"], row["name"], Role(row["role"]), row["created_at"])


async def seed_people(pool: "asyncpg.Pool[Any]", count: int, now: datetime) -> list[tuple[UUID, str]]:
    """Create `count` accounts with one session each; return their ids and session tokens.

    They are the crowd of a demo or a load test; the mall never calls it. Three thousand argon2 hashes would take longer
    than the drop itself. So these accounts have no password (nobody can sign in to them). Their addresses are under
    `crowd.invalid`, a domain that cannot exist (RFC 2606).
    """
    people = [(new_id(), new_session_token()) for _ in range(count)]
    accounts = [
        (person, f"{person.hex}@crowd.invalid", UNUSABLE, f"Crowd {number}", Role.SHOPPER.value, now)
        for number, (person, _) in enumerate(people, 1)
    ]
    sessions = [(digest(token), person, now, now + LIFETIME) for person, token in people]
    async with pool.acquire() as connection, connection.transaction():
        await connection.copy_records_to_table(
            "accounts", records=accounts, columns=["id", "email", "password_hash", "name", "role", "created_at"]
        )
        await connection.copy_records_to_table(
            "sessions", records=sessions, columns=["token_sha256", "account_id", "created_at", "expires_at"]
        )
    return people
