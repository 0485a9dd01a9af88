import asyncio
import hashlib
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from marketday.accounts.tokens import public_jwks, sign_identity
from marketday.apps.gate import Settings, create_app
from marketday.kit.valkey import connect
from marketday.testing.accounts import a_signing_key
from marketday.testing.recording import count_as_whole, everything_recorded
from marketday.waitingroom.draw import commitment
from marketday.waitingroom.model import Facts
from marketday.waitingroom.valkey import ValkeyRooms
from marketday.web.drop_cookies import DropCookies

SEED = hashlib.sha256(b"a fixed seed").digest()
ISSUER = "http://mall.localhost"
PUBLIC_URL = "http://event.localhost:9"
COOKIES = DropCookies(PUBLIC_URL)
KEY = a_signing_key()
FOREIGN_KEY = a_signing_key()


@pytest.fixture
def admission_key() -> bytes:
    return secrets.token_bytes(32)


@pytest.fixture
def settings(tmp_path: Path, valkey_url: str, admission_key: bytes) -> Settings:
    jwks = tmp_path / "jwks.json"
    jwks.write_text(json.dumps(public_jwks(KEY, ISSUER)))
    return Settings(
        port=1,
        valkey_url=valkey_url,
        jwks_file=jwks,
        admission_key=admission_key.hex(),
        public_url=PUBLIC_URL,
        mall_url="http://mall.localhost:8/",
    )


@pytest.fixture
async def rooms(valkey_url: str) -> AsyncIterator[ValkeyRooms]:
    client = connect(valkey_url)
    yield ValkeyRooms(client)
    await client.aclose()


@pytest.fixture(autouse=True)
async def worker(valkey_url: str) -> AsyncIterator[asyncio.Task[None]]:
    async with everything_recorded(valkey_url) as task:
        yield task


@pytest.fixture
async def gate(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client,
    ):
        yield client


Publish = Callable[..., Awaitable[Facts]]


@pytest.fixture
def publish(rooms: ValkeyRooms, valkey_url: str) -> Publish:
    """Publish a drop whose times are told in minutes from now."""

    async def published(
        *,
        room: float = -30,
        opens: float = -1,
        closes: float = 60,
        slug: str = "dawn-serum",
        admission: int = 600,
        rejoins: int = 1,
    ) -> Facts:
        now = datetime.now(UTC).replace(microsecond=0)
        facts = Facts(
            slug=slug,
            room_opens_at=now + timedelta(minutes=room),
            opens_at=now + timedelta(minutes=opens),
            closes_at=now + timedelta(minutes=closes),
            admission_seconds=admission,
            commitment=commitment(SEED),
            name_ko="새벽 세럼",
            name_en="Dawn Serum",
            zone="America/New_York",
            rejoins=rejoins,
        )
        await rooms.publish_drop(facts)
        await count_as_whole(valkey_url, slug)
        return facts

    return published


def identity(person: UUID, *, key: object = KEY, minutes_ago: float = 0, seconds: int = 3600) -> str:
    now = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    return sign_identity(key, person, ISSUER, now, seconds)  # type: ignore[arg-type]


def bearing(person: UUID) -> dict[str, str]:
    return {"Authorization": f"Bearer {identity(person)}"}
