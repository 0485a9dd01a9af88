"""Who asks: the session of a request, from its cookie or from `Authorization: Bearer`.

Forms are protected against other sites twice: the cookie is SameSite=Lax, so that no other site's form brings
it along, and `web.requests` refuses every write whose Origin or Sec-Fetch-Site names another site.
"""

from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import Depends, Request, Response
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from marketday.accounts.errors import NotAdmin
from marketday.accounts.model import Account
from marketday.accounts.sessions import LIFETIME
from marketday.kit.errors import Kind, MarketdayError
from marketday.web.mall.services import Mall, MallServices

SESSION_COOKIE = "session"

_cookie = APIKeyCookie(name=SESSION_COOKIE, auto_error=False, description="Set by POST /v1/sessions.")
_bearer = HTTPBearer(auto_error=False, description="The session that POST /v1/sessions returns.")


class SignInFirst(MarketdayError):
    """Sign in to see this page."""

    kind = Kind.UNAUTHENTICATED
    slug = "sign-in-first"


def session_of(
    cookie: Annotated[str | None, Depends(_cookie)],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> str | None:
    """Return the session's secret that came with a request."""
    return bearer.credentials if bearer else cookie


Session = Annotated[str | None, Depends(session_of)]


async def _visitor(mall: MallServices, session: Session) -> Account | None:
    return await mall.accounts.whose(session)


async def _person(mall: MallServices, session: Session) -> Account:
    return await mall.accounts.require(session)


Visitor = Annotated[Account | None, Depends(_visitor)]
Person = Annotated[Account, Depends(_person)]


def _admin(person: Person) -> Account:
    if not person.is_admin:
        raise NotAdmin("expected an account with the role admin")
    return person


def _page_person(request: Request, visitor: Visitor) -> Account:
    if visitor is None:
        where = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        raise SignInFirst(next=where if request.method == "GET" else "/")
    return visitor


PagePerson = Annotated[Account, Depends(_page_person)]
Admin = Annotated[Account, Depends(_admin)]


def _page_admin(person: PagePerson) -> Account:
    return _admin(person)


PageAdmin = Annotated[Account, Depends(_page_admin)]


def keep_session(response: Response, token: str, mall: Mall) -> None:
    """Put a session into the cookie, out of the reach of scripts."""
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=int(LIFETIME.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=mall.secure,
    )


def drop_session(response: Response, mall: Mall) -> None:
    """Take the session out of the cookie."""
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax", secure=mall.secure)


def address_of(request: Request) -> str:
    """Return where a request comes from; the server has taken it from the proxy's header already."""
    return request.client.host if request.client else ""


def local_path(wish: str | None, otherwise: str = "/") -> str:
    """Return `wish` if it is a path of this site, so that no link can send people elsewhere after sign-in.

    Browsers take two slashes, either way they lean, and control characters for the start of another site's address.
    """
    if not wish or not wish.startswith("/") or wish.startswith(("//", "/\\")) or not wish.isprintable():
        return otherwise
    parts = urlsplit(wish)
    return quote(wish, safe="/?&=%-._~:,+@!") if not parts.scheme and not parts.netloc else otherwise
