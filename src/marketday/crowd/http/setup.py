"""What is asked once a day, with the usual client: a drop's hours, new accounts, the waiting room's document."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from marketday.crowd.client import address_headers
from marketday.crowd.errors import CrowdError
from marketday.crowd.targets import address_of, is_loopback
from marketday.kit.ids import new_id

_AT_ONCE = 4  # sign-ups at the same time: each costs the mall two password hashes
_CREATED = 201
_TOO_MANY = 429
_LOOK = aiohttp.ClientTimeout(total=2)


class LoopbackResolver(AbstractResolver):
    """Resolves names under `localhost` to 127.0.0.1 without DNS, and refuses all others."""

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002 (aiohttp passes it)
    ) -> list[ResolveResult]:
        """Return the one loopback address.

        Raises:
            OSError: `host` is not this machine (aiohttp reports it as a connection error).

        """
        if not is_loopback(host):
            raise OSError(f"{host} is another machine")
        return [
            ResolveResult(
                hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=socket.AI_NUMERICHOST
            )
        ]

    async def close(self) -> None:
        """Do nothing: there is nothing to close."""


def loopback_session() -> aiohttp.ClientSession:
    """Return a session that only connects to this machine, and keeps no cookie; the caller closes it."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(resolver=LoopbackResolver()), cookie_jar=aiohttp.DummyCookieJar()
    )


@asynccontextmanager
async def _reached(address: str) -> AsyncIterator[aiohttp.ClientSession]:
    try:
        async with loopback_session() as session:
            yield session
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise CrowdError(f"{address} does not answer as expected: {type(error).__name__} {error}") from None


async def look_at_room(session: aiohttp.ClientSession, event: str, slug: str) -> dict[str, object]:
    """Return the waiting room's public document, empty if it does not answer."""
    try:
        async with session.get(f"{event}/v1/drops/{slug}/now", timeout=_LOOK) as response:
            document = await response.json() if response.ok else {}
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


async def drop_hours(event: str, slug: str) -> tuple[float, float]:
    """Ask the waiting room when the drop opens and closes, in seconds since 1970; raises CrowdError."""
    async with _reached(event) as session, session.get(f"{event}/v1/drops/{slug}/now") as response:
        now = await response.json(content_type=None)
        if not response.ok:
            raise CrowdError(f"{event} has no drop {slug!r}: {now.get('title', response.status)}")
        opens, closes = (datetime.fromisoformat(now[moment]).timestamp() for moment in ("opens_at", "closes_at"))
    return opens, closes


async def sign_up(mall: str, people: int, key: str) -> list[tuple[str, str]]:
    """Create accounts in the mall; return their ids and session cookies; raises CrowdError."""
    gate = asyncio.Semaphore(_AT_ONCE)
    async with _reached(mall) as session:

        async def one(number: int) -> tuple[str, str]:
            headers = address_headers(key, address_of(number))
            wish = {"email": f"{new_id().hex}@crowd.invalid", "password": new_id().hex, "name": "Crowd"}
            async with gate:
                await _post(session, f"{mall}/v1/accounts", wish, headers)
                del wish["name"]
                signed_in = await _post(session, f"{mall}/v1/sessions", wish, headers)
            return str(signed_in["id"]), str(signed_in["session"])

        return list(await asyncio.gather(*(one(number) for number in range(people))))


async def _post(
    session: aiohttp.ClientSession, url: str, body: dict[str, str], headers: dict[str, str]
) -> dict[str, object]:
    async with session.post(url, json=body, headers={"Idempotency-Key": str(new_id()), **headers}) as response:
        answer: dict[str, object] = await response.json(content_type=None)
        if response.status == _TOO_MANY and not headers:
            raise CrowdError(
                f"{url}: {answer.get('title')}; start the mall with `marketday up --crowd`, and name its --home"
            )
        if response.status != _CREATED:
            raise CrowdError(f"{url} answered {response.status}: {answer.get('detail') or answer.get('title')}")
        return answer
