"""The session of a request, from its cookie or from `Authorization: Bearer`.

Forms are protected twice against other sites. The cookie is SameSite=Lax, so a form of another site does not send
it; and `web.site` refuses every write whose Origin or Sec-Fetch-Site names another site or is hidden.
"""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from marketday.accounts.errors import NotAdmin, Unauthenticated
from marketday.accounts.model import Account
from marketday.web.mall.services import MallServices
from marketday.web.paths import asked_for

# Only for the API's document; `SignInCookies` reads the values.
_cookie = APIKeyCookie(name="session", auto_error=False, description="Set by POST /v1/sessions.")
_bearer = HTTPBearer(auto_error=False, description="The session that POST /v1/sessions returns.")


class SignInFirst(Unauthenticated):
    """Sign in to see this page."""

    slug = "sign-in-first"


async def session_of(
    request: Request,
    mall: MallServices,
    _in_cookie: Annotated[str | None, Depends(_cookie)],
    _in_header: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> str | None:
    """Return the session's secret from a request."""
    return mall.cookies.session_of(request)


Session = Annotated[str | None, Depends(session_of)]


async def _visitor(mall: MallServices, session: Session) -> Account | None:
    return await mall.accounts.whose(session)


async def _person(mall: MallServices, session: Session) -> Account:
    return await mall.accounts.require(session)


Visitor = Annotated[Account | None, Depends(_visitor)]
Person = Annotated[Account, Depends(_person)]


async def _admin(person: Person) -> Account:
    if not person.is_admin:
        raise NotAdmin("expected an account with the role admin")
    return person


async def _page_person(request: Request, visitor: Visitor) -> Account:
    if visitor is None:
        where = asked_for(request.url.path, request.url.query)
        raise SignInFirst(next=where if request.method == "GET" else "/")
    return visitor


PagePerson = Annotated[Account, Depends(_page_person)]
Admin = Annotated[Account, Depends(_admin)]


async def _page_admin(person: PagePerson) -> Account:
    return await _admin(person)


PageAdmin = Annotated[Account, Depends(_page_admin)]
