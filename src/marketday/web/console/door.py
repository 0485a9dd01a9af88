"""Access to the console: only for people who are signed in as an administrator or a viewer."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import urlencode

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from marketday.accounts.errors import NotSignedIn, NotViewer
from marketday.accounts.model import Account
from marketday.accounts.service import Accounts
from marketday.kit.clock import Clock
from marketday.kit.errors import MarketdayError, Temporary
from marketday.kit.outages import AWAY
from marketday.kit.remembered import Remembered
from marketday.web.pages import language_of
from marketday.web.paths import asked_for, see_other
from marketday.web.problems import wants_page
from marketday.web.sessions import SignInCookies

OPEN_PATHS = frozenset({"/sign-in", "/healthz", "/readyz"})
OPEN_FOLDER = "/static/"
FRESH = timedelta(seconds=5)  # how long an answer of the database about a session is used again
GRACE = timedelta(hours=1)  # how long while the database does not answer, because then operators need the console most
_ANSWER_SECONDS = 3.0
_REMEMBERED = 1024
_T = TypeVar("_T")


class SessionsUnavailable(Temporary):
    """Your session cannot be checked now: the mall's database does not answer."""

    slug = "sessions-away"


@dataclass(frozen=True, slots=True)
class _Known:
    account: Account
    at: datetime


class Door:
    """Finds the account of a request's session, and checks whether it may use the console."""

    def __init__(self, accounts: Accounts, cookies: SignInCookies, clock: Clock) -> None:
        """Look sessions up in `accounts`."""
        self.accounts = accounts
        self.cookies = cookies
        self._clock = clock
        self._known: Remembered[str, _Known] = Remembered(_REMEMBERED)

    async def viewer(self, request: Request) -> Account:
        """Return the account of the person who looks.

        Raises:
            NotSignedIn: the request has no valid session.
            NotViewer: the account does not have the role.
            SessionsUnavailable: the database does not answer, and has not answered within `GRACE`.

        """
        session = self.cookies.session_of(request)
        account = await self._whose(session) if session else None
        if account is None:
            raise NotSignedIn("expected a session of an administrator or viewer; sign in at /sign-in")
        if not account.is_viewer:
            raise NotViewer(f"{account.role.value}; expected the role admin or viewer")
        return account

    async def sign_out(self, request: Request) -> None:
        """End the session of a request."""
        session = self.cookies.session_of(request)
        self._known.forget(session or "")
        await self.accounts.sign_out(session)

    async def while_open(self, request: Request, things: AsyncIterator[_T]) -> AsyncIterator[_T]:
        """Yield `things` until the session of `request` ends, or its account loses the role."""
        async for thing in things:
            try:
                await self.viewer(request)
            except MarketdayError:
                return
            yield thing

    async def _whose(self, session: str) -> Account | None:
        now = self._clock.now()
        known = self._known.get(session)
        if known is not None and now - known.at < FRESH:
            return known.account
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                account = await self.accounts.whose(session)
        except AWAY as error:
            if known is not None and now - known.at < GRACE:
                return known.account
            raise SessionsUnavailable(retry_after=2) from error
        if account is None:
            self._known.forget(session)
        else:
            self._known.keep(session, _Known(account, now))
        return account


class Guard:
    """Protects every path of the console, also unknown ones, except `OPEN_PATHS` and static files."""

    def __init__(self, app: ASGIApp, *, door: Door) -> None:
        """Check requests with `door`."""
        self.app = app
        self.door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or redirect a browser to the sign-in page and refuse a program."""
        if scope["type"] == "http" and not is_open(scope["path"]):
            request = Request(scope, receive)
            try:
                request.state.viewer = await self.door.viewer(request)
            except MarketdayError as error:
                answer = await self._refused(request, error)
                await answer(scope, receive, send)
                return
        await self.app(scope, receive, send)

    async def _refused(self, request: Request, error: MarketdayError) -> ASGIApp:
        if isinstance(error, NotSignedIn | NotViewer) and wants_page(request):
            wanted = asked_for(request.url.path, request.url.query) if request.method == "GET" else "/"
            question = urlencode({"next": wanted, "lang": language_of(request)})
            return see_other(f"/sign-in?{question}")
        refusal: ASGIApp = await request.app.exception_handlers[MarketdayError](request, error)
        return refusal


def is_open(path: str) -> bool:
    """Return whether anybody may request `path`."""
    return path in OPEN_PATHS or path.startswith(OPEN_FOLDER)
