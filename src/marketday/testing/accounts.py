"""Accounts in memory, and keys for their tokens."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from joserfc.jwk import OKPKey

from marketday.accounts.brake import Count
from marketday.accounts.errors import EmailTaken
from marketday.accounts.model import Account, Role
from marketday.accounts.tokens import SigningKey, parse_signing_key


def ed25519_key() -> str:
    """Return a new private key as JWK text, of the type that an earlier version made."""
    return json.dumps(OKPKey.generate_key("Ed25519").as_dict(private=True))


def a_signing_key() -> SigningKey:
    """Return a new key, of the type that takes no time to make: an RSA key takes a tenth of a second or more."""
    return parse_signing_key(ed25519_key())


class MemoryAccountStore:
    """An `AccountStore` that passes the same tests as the one in PostgreSQL."""

    def __init__(self) -> None:
        self.accounts: dict[UUID, Account] = {}
        self.hashes: dict[UUID, str] = {}
        self.sessions: dict[bytes, tuple[UUID, datetime]] = {}
        self.browsers: dict[bytes, tuple[UUID, datetime]] = {}

    async def add(self, account: Account, password_hash: str) -> None:
        """Store a new account; raises EmailTaken."""
        if await self.find_by_email(account.email) is not None:
            raise EmailTaken(account.email)
        self.accounts[account.id] = account
        self.hashes[account.id] = password_hash

    async def find(self, account_id: UUID) -> Account | None:
        """Return the account with this id."""
        return self.accounts.get(account_id)

    async def find_by_email(self, email: str) -> tuple[Account, str] | None:
        """Return the account with this address and its password's hash."""
        for account in self.accounts.values():
            if account.email.lower() == email.lower():
                return account, self.hashes[account.id]
        return None

    async def change_password_hash(self, account_id: UUID, old: str, new: str) -> None:
        """Replace the hash `old` by `new`."""
        if self.hashes.get(account_id) == old:
            self.hashes[account_id] = new

    async def list_accounts(self, *, limit: int) -> list[Account]:
        """Return the newest accounts, newest first."""
        newest = sorted(self.accounts.values(), key=lambda account: (account.created_at, account.id), reverse=True)
        return newest[:limit]

    async def add_session(self, digest: bytes, account_id: UUID, now: datetime, expires_at: datetime) -> None:
        """Store a session by the digest of its token."""
        self.sessions[digest] = (account_id, max(now, expires_at))

    async def find_session(self, digest: bytes, now: datetime) -> Account | None:
        """Return the account of a session, unless it has expired."""
        account_id, expires_at = self.sessions.get(digest, (None, now))
        return self.accounts[account_id] if account_id is not None and expires_at > now else None

    async def remove_session(self, digest: bytes) -> None:
        """Remove a session."""
        self.sessions.pop(digest, None)

    async def remove_expired_sessions(self, now: datetime) -> int:
        """Remove the expired sessions, and return how many."""
        over = [digest for digest, (_, expires_at) in self.sessions.items() if expires_at <= now]
        for digest in over:
            del self.sessions[digest]
        return len(over)

    async def change_role(self, email: str, role: Role) -> Account | None:
        """Change the role of the account with this address."""
        found = await self.find_by_email(email)
        if found is None:
            return None
        changed = self.accounts[found[0].id] = replace(found[0], role=role)
        return changed

    async def keep_browser(self, digest: bytes, account_id: UUID, now: datetime) -> None:
        """Record that a browser signed in to an account."""
        self.browsers[digest] = (account_id, now)

    async def knows_browser(self, digest: bytes, account_id: UUID) -> bool:
        """Return whether a browser signed in to this account before."""
        return self.browsers.get(digest, (None, None))[0] == account_id

    async def remove_browsers(self, unused_since: datetime) -> int:
        """Remove the browsers whose last sign-in was before a moment."""
        old = [digest for digest, (_, used_at) in self.browsers.items() if used_at < unused_since]
        for digest in old:
            del self.browsers[digest]
        return len(old)


class MemorySignInBrake:
    """A `SignInBrake` that counts in a dictionary, which a test can clear."""

    def __init__(self, *, window_seconds: int = 900) -> None:
        self.counts: dict[str, int] = {}
        self._window_seconds = window_seconds

    async def press(self, counts: Sequence[Count]) -> int:
        """Count one attempt and return 0, or return the seconds to wait."""
        if any(self.counts.get(count.of, 0) >= count.most for count in counts):
            return self._window_seconds
        for count in counts:
            self.counts[count.of] = self.counts.get(count.of, 0) + 1
        return 0

    async def release(self, counts: Sequence[Count]) -> None:
        """Take one attempt back."""
        for count in counts:
            self.counts[count.of] = 0 if count.cleared else max(self.counts.get(count.of, 0) - 1, 0)
