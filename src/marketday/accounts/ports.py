"""What the account service needs from outside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from marketday.accounts.brake import Count
from marketday.accounts.model import Account, Role


class AccountStore(Protocol):
    """Stores accounts and their sessions."""

    async def add(self, account: Account, password_hash: str) -> None:
        """Store a new account; raises EmailTaken if the address has one already, in upper or lower case."""
        ...

    async def find(self, account_id: UUID) -> Account | None:
        """Return the account with this id."""
        ...

    async def find_by_email(self, email: str) -> tuple[Account, str] | None:
        """Return the account with this address, in upper or lower case, and its password's hash."""
        ...

    async def change_password_hash(self, account_id: UUID, old: str, new: str) -> None:
        """Replace the hash `old` by `new`; nothing happens if it is no longer `old`."""
        ...

    async def list_accounts(self, *, limit: int) -> list[Account]:
        """Return the newest accounts, newest first."""
        ...

    async def add_session(self, digest: bytes, account_id: UUID, now: datetime, expires_at: datetime) -> None:
        """Store a session by the digest of its token."""
        ...

    async def find_session(self, digest: bytes, now: datetime) -> Account | None:
        """Return the account of a session, unless it has expired."""
        ...

    async def remove_session(self, digest: bytes) -> None:
        """Remove a session; nothing happens if there is none."""
        ...

    async def remove_expired_sessions(self, now: datetime) -> int:
        """Remove the expired sessions, and return how many."""
        ...

    async def change_role(self, email: str, role: Role) -> Account | None:
        """Change the role of the account with this address; return the changed account, None if there is none."""
        ...

    async def keep_browser(self, digest: bytes, account_id: UUID, now: datetime) -> None:
        """Record that a browser signed in to an account, by the digest of its token."""
        ...

    async def knows_browser(self, digest: bytes, account_id: UUID) -> bool:
        """Return whether a browser signed in to this account before."""
        ...

    async def remove_browsers(self, unused_since: datetime) -> int:
        """Remove the browsers whose last sign-in was before a moment, and return how many."""
        ...


class SignInBrake(Protocol):
    """Limits attempts, so that nobody can try many passwords."""

    async def press(self, counts: Sequence[Count]) -> int:
        """Count one attempt in each counter and return 0. At a limit, count nothing and return the seconds to wait."""
        ...

    async def release(self, counts: Sequence[Count]) -> None:
        """Take one attempt back after a success; counters that a success clears are set to zero."""
        ...
