"""Sign-up, sign-in and sessions."""

import asyncio
from uuid import UUID
from weakref import WeakValueDictionary

from marketday.accounts.brake import Count, sign_in_counts, sign_up_counts
from marketday.accounts.errors import (
    InvalidEmail,
    InvalidPassword,
    NotSignedIn,
    TooManySignIns,
    TooManySignUps,
    UnknownAccount,
    WrongCredentials,
)
from marketday.accounts.model import LONGEST_PASSWORD, Account, Role, canonical_email, clean_email, clean_name
from marketday.accounts.model import clean_password as checked_password
from marketday.accounts.passwords import Passwords
from marketday.accounts.ports import AccountStore, SignInBrake
from marketday.accounts.sessions import BROWSER_LIFETIME, LIFETIME, digest, new_session_token
from marketday.kit.clock import Clock

_AT_ONCE = 4  # sign-ins of one network that are checked at the same time; fewer than its limit of failures


class Accounts:
    """What people do with their accounts; every method can be repeated."""

    def __init__(self, store: AccountStore, passwords: Passwords, brake: SignInBrake | None, clock: Clock) -> None:
        """Use `store`. `brake` limits attempts to guess passwords; None is for commands, which sign nobody in."""
        self._store = store
        self._passwords = passwords
        self._brake = brake
        self._clock = clock
        self._turns: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def sign_up(
        self, account_id: UUID, email: str, password: str, name: str, role: Role = Role.SHOPPER, *, address: str = ""
    ) -> Account:
        """Create an account. `address` is the client's address, for the brake; a command has none.

        Raises:
            InvalidEmail, InvalidPassword, InvalidName: the value cannot be used.
            EmailTaken: the address has an account with another id.
            TooManySignUps: with `retry_after`, in seconds.

        """
        wait = await self._brake.press(sign_up_counts(address)) if self._brake and address else 0
        if wait:
            raise TooManySignUps(f"try again in {wait} s", retry_after=wait)
        account = Account(account_id, clean_email(email), clean_name(name), role, self._clock.now())
        password = checked_password(password)
        made = await self._store.find(account_id)
        if made is not None:  # the same request, repeated after a crash
            return made
        await self._store.add(account, await self._passwords.hash(password))
        return account

    async def sign_in(self, email: str, password: str, address: str, browser: str | None = None) -> tuple[Account, str]:
        """Return the account and the secret of a new session, which is not stored anywhere.

        `address` is the client's address, for the brake; `browser` is what `know_browser` returned before.

        Raises:
            WrongCredentials: the account does not exist, or the password is wrong; the message does not say which.
            TooManySignIns: with `retry_after`, in seconds.

        """
        found = await self._find(email)
        known = browser if found and browser and await self._knows(browser, found[0]) else None
        counts = sign_in_counts(canonical_email(email), address, known)
        # Only a few at a time: many at once with the right password are not guesses, and must not be counted as such.
        async with self._turn(counts[0], 1), self._turn(counts[:2][-1], _AT_ONCE):
            wait = await self._brake.press(counts) if self._brake else 0
            if wait:
                raise TooManySignIns(f"try again in {wait} s", retry_after=wait)
            account = await self._authenticated(found, password)
            if self._brake:
                await self._brake.release(counts)
            return account, await self.open_session(account)

    async def know_browser(self, account: Account, browser: str | None) -> str:
        """Return the token of a browser that has just signed in to this account: its known token, or a new one."""
        token = browser if browser and await self._knows(browser, account) else new_session_token()
        await self._store.keep_browser(digest(token), account.id, self._clock.now())
        return token

    async def grant(self, email: str, role: Role) -> Account:
        """Change the role of an account, from the next request on; raises InvalidEmail, UnknownAccount."""
        account = await self._store.change_role(clean_email(email), role)
        if account is None:
            raise UnknownAccount(f"{email[:80]!r} has no account; expected the e-mail address of an account")
        return account

    async def account(self, account_id: UUID) -> Account:
        """Return an account; raises UnknownAccount."""
        account = await self._store.find(account_id)
        if account is None:
            raise UnknownAccount(f"{account_id} is not an account")
        return account

    async def newest(self, limit: int) -> list[Account]:
        """Return the newest accounts, newest first."""
        return await self._store.list_accounts(limit=limit)

    async def open_session(self, account: Account) -> str:
        """Return the secret of a new session for a person whose identity is known."""
        token = new_session_token()
        now = self._clock.now()
        await self._store.add_session(digest(token), account.id, now, now + LIFETIME)
        return token

    async def whose(self, session_token: str | None) -> Account | None:
        """Return the account of a session; None if the session is not valid."""
        if not session_token:
            return None
        return await self._store.find_session(digest(session_token), self._clock.now())

    async def require(self, session_token: str | None) -> Account:
        """Return the account of a session; raises NotSignedIn if the session is not valid."""
        account = await self.whose(session_token)
        if account is None:
            raise NotSignedIn("expected a session; sign in with POST /v1/sessions")
        return account

    async def sign_out(self, session_token: str | None) -> None:
        """End a session; nothing happens if there is none."""
        if session_token:
            await self._store.remove_session(digest(session_token))

    async def forget_expired_sessions(self) -> int:
        """Remove the expired sessions and the browsers that were not used for long; return how many."""
        now = self._clock.now()
        forgotten = await self._store.remove_browsers(now - BROWSER_LIFETIME)
        return forgotten + await self._store.remove_expired_sessions(now)

    def _turn(self, count: Count, at_once: int) -> asyncio.Semaphore:
        return self._turns.setdefault(f"{at_once} {count.of}", asyncio.Semaphore(at_once))

    async def _knows(self, browser: str, account: Account) -> bool:
        return await self._store.knows_browser(digest(browser), account.id)

    async def _authenticated(self, found: tuple[Account, str] | None, password: str) -> Account:
        encoded = found[1] if found else None
        try:
            password = checked_password(password)
        except InvalidPassword:
            password = password.encode("utf-8", "replace")[:LONGEST_PASSWORD].decode("utf-8", "ignore")
            encoded = None  # an impossible password, but the check must take the same time
        matches = await self._passwords.verify(encoded, password)
        if found is None or encoded is None or not matches:
            raise WrongCredentials("expected the address and the password of an account")
        if self._passwords.is_outdated(encoded):
            await self._store.change_password_hash(found[0].id, encoded, await self._passwords.hash(password))
        return found[0]

    async def _find(self, email: str) -> tuple[Account, str] | None:
        try:
            return await self._store.find_by_email(clean_email(email))
        except InvalidEmail:
            return None
