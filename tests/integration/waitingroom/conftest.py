import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from marketday.kit.valkey import connect
from marketday.testing.rooms import InMemoryRooms
from marketday.waitingroom.draw import commitment
from marketday.waitingroom.model import Facts
from marketday.waitingroom.ports import RoomStore
from marketday.waitingroom.valkey import ValkeyRooms

SEED = hashlib.sha256(b"a fixed seed").digest()
OPENS = datetime(2026, 12, 10, 11, 0, tzinfo=UTC)


@pytest.fixture
def seed() -> bytes:
    return SEED


@pytest.fixture
def facts() -> Facts:
    return Facts(
        slug="dawn-serum",
        room_opens_at=OPENS - timedelta(minutes=30),
        opens_at=OPENS,
        closes_at=OPENS + timedelta(hours=1),
        admission_seconds=600,
        commitment=commitment(SEED),
        name_ko="새벽 세럼",
        name_en="Dawn Serum",
    )


@pytest.fixture
async def valkey_rooms(valkey_url: str) -> AsyncIterator[ValkeyRooms]:
    client = connect(valkey_url)
    yield ValkeyRooms(client)
    await client.aclose()


@pytest.fixture(params=["memory", "valkey"])
def rooms(request: pytest.FixtureRequest) -> RoomStore:
    return InMemoryRooms() if request.param == "memory" else request.getfixturevalue("valkey_rooms")
