"""API: accounts, sessions, identity tokens, and the public keys to check the tokens."""

import asyncio
from random import randint
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from marketday.accounts.errors import TooManyIdentities
from marketday.accounts.model import Account
from marketday.accounts.tokens import public_jwks
from marketday.kit.outages import AWAY, driver_errors_as
from marketday.web.hot import HotAnswer, HotEndpoint, HotRequest
from marketday.web.mall.api_models import AccountOut, Credentials, IdentityToken, NewAccount, SessionOut, problems
from marketday.web.mall.idempotency import NOBODY, KeptAnswer
from marketday.web.mall.outage import DatabaseAway
from marketday.web.mall.people import Person, Session
from marketday.web.mall.services import Mall, MallServices
from marketday.web.mall.writes import Write, key_accepted
from marketday.web.sessions import address_of

router = APIRouter(tags=["accounts"])
IDENTITIES_AT_ONCE = 32  # two portions: sessions are looked up for one while the other is signed
# For an identity. They wait two or three seconds, and there is still room for the mall's ordinary visitors among the
# requests that a process answers at the same time (`MOST_IN_FLIGHT`).
MOST_WAITING = 1500
IDEMPOTENCY_KEY = "idempotency-key"
_BY_NATURE = [Depends(key_accepted)]  # repeating these calls is harmless, so a key is accepted and ignored


@router.post("/v1/accounts", status_code=201, response_model=AccountOut, responses=problems(409, 422, 429))
async def sign_up(request: Request, mall: MallServices, wish: NewAccount, write: Write) -> Response:
    """Create an account. It is not signed in yet."""
    address = address_of(request)

    async def work(account_id: UUID) -> KeptAnswer:
        account = await mall.accounts.sign_up(account_id, wish.email, wish.password, wish.name, address=address)
        return KeptAnswer(201, AccountOut.of(account).model_dump(mode="json"))

    return await write.once(NOBODY, work)


@router.post("/v1/sessions", status_code=201, dependencies=_BY_NATURE, responses=problems(401, 429))
async def sign_in(request: Request, response: Response, mall: MallServices, wish: Credentials) -> SessionOut:
    """Sign in: sets the cookie `session`, and returns it too.

    The secret of a session is not stored, so a repeated call opens another session, with or without a key.
    """
    browser = mall.cookies.browser_of(request)
    account, session = await mall.accounts.sign_in(wish.email, wish.password, address_of(request), browser)
    mall.cookies.keep(response, session, await mall.accounts.know_browser(account, browser))
    return SessionOut(**AccountOut.of(account).model_dump(), session=session)


@router.delete("/v1/sessions", status_code=204, dependencies=_BY_NATURE)
async def sign_out(response: Response, mall: MallServices, session: Session) -> None:
    """End the session of the request; nothing happens without one."""
    await mall.accounts.sign_out(session)
    mall.cookies.drop(response)


@router.get("/v1/me", responses=problems(401))
async def me(person: Person) -> AccountOut:
    """Return the account of the session."""
    return AccountOut.of(person)


@router.post("/v1/identity-tokens", status_code=201, dependencies=_BY_NATURE, responses=problems(401))
async def identity_token(mall: MallServices, person: Person) -> IdentityToken:
    """Return an identity token for the stores of drops, which check it with the JWKS document.

    For half of its life the same token is returned again.
    """
    return await _identity(mall, person)


def hot_accounts(mall: Mall) -> list[HotEndpoint]:
    """Return the call that everybody who comes for a drop makes, with the same results as in the router.

    Only so many are answered at once that the mall's ordinary visitors never wait long behind them. The others wait in
    line, and beyond that they are refused.
    """
    turns, waiting = asyncio.Semaphore(IDENTITIES_AT_ONCE), 0

    async def identity(request: HotRequest) -> HotAnswer | None:
        nonlocal waiting
        if IDEMPOTENCY_KEY in request.headers:  # it is checked, and ignored
            return None
        if waiting >= MOST_WAITING:
            raise TooManyIdentities(retry_after=randint(1, 3))  # noqa: S311 - so that they do not all come back at once
        waiting += 1
        try:
            async with turns:
                with driver_errors_as(lambda _: DatabaseAway(retry_after=1), AWAY):
                    person = await mall.accounts.require(mall.cookies.session_of(request))
                return HotAnswer(201, (await _identity(mall, person)).model_dump_json().encode())
        finally:
            waiting -= 1

    return [HotEndpoint("POST", "/v1/identity-tokens", identity)]


async def _identity(mall: Mall, person: Account) -> IdentityToken:
    signed = await mall.identities.of(person.id)
    return IdentityToken(token=signed.token, expires_at=signed.expires_at)


@router.get("/.well-known/jwks.json", tags=["keys"])
async def jwks(response: Response, mall: MallServices) -> dict[str, Any]:
    """Return the public keys (RFC 7517) and the issuer of the tokens."""
    response.headers["Cache-Control"] = "public, max-age=300"
    return public_jwks(mall.signing_key, mall.public_url)
