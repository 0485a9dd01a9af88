"""What the account service needs from the outside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from marketday.accounts.brake import Count
from marketday.accounts.model import Account, Role


class AccountStore(Protocol):
    """Keeps accounts and their sessions."""

    async def add(self, account: Account, password_hash: str) -> None:
        """Keep a new account; raises EmailTaken where the address is there already, in any case of letters."""
        ...

    async def find(self, account_id: UUID) -> Account | None:
        """Return the account with this id."""
        ...

    async def find_by_email(self, email: str) -> tuple[Account, str] | None:
        """Return the account with this address, in any case of letters, and its password's hash."""
        ...

    async def change_password_hash(self, account_id: UUID, old: str, new: str) -> None:
        """Put the hash `new` in the place of `old`; nothing happens if it is no longer `old`."""
        ...

    async def list_accounts(self, *, limit: int) -> list[Account]:
        """Return the newest accounts, newest first."""
        ...

    async def add_session(self, digest: bytes, account_id: UUID, now: datetime, expires_at: datetime) -> None:
        """Keep a session by the digest of its token."""
        ...

    async def find_session(self, digest: bytes, now: datetime) -> Account | None:
        """Return whose session this is, unless it has expired."""
        ...

    async def remove_session(self, digest: bytes) -> None:
        """Forget a session; nothing happens if there is none."""
        ...

    async def remove_expired_sessions(self, now: datetime) -> int:
        """Forget the sessions that are over, and say how many."""
        ...

    async def change_role(self, email: str, role: Role) -> Account | None:
        """Give the account with this address another role; return it as it is then, None where there is none."""
        ...

    async def keep_browser(self, digest: bytes, account_id: UUID, now: datetime) -> None:
        """Keep that a browser signed in to an account, by the digest of its token."""
        ...

    async def knows_browser(self, digest: bytes, account_id: UUID) -> bool:
        """Say whether a browser signed in to this account before."""
        ...

    async def remove_browsers(self, unused_since: datetime) -> int:
        """Forget the browsers that signed in last before a moment, and say how many."""
        ...


class SignInBrake(Protocol):
    """Counts attempts, so that nobody can try passwords all day."""

    async def press(self, counts: Sequence[Count]) -> int:
        """Count one attempt in each; return 0 if it may go on, else the seconds to wait, and nothing is counted."""
        ...

    async def release(self, counts: Sequence[Count]) -> None:
        """Take one attempt back, for it succeeded: all of those whose count is cleared by that."""
        ...
