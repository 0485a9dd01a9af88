import hashlib
import secrets
import signal
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from marketday.kit.valkey import connect
from marketday.provisioners.local import processes, readiness, valkey
from marketday.provisioners.local.ports import free_ports
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


class Killable:
    """A durable Valkey of the test's own, which can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.server = valkey.ValkeyServer(folder / f"valkey-{secrets.token_hex(4)}", free_ports(1)[0], "secret")
        valkey.write_configuration(self.server)
        self.log = self.server.folder / "valkey.log"
        self.child = processes.start(self.server.spec(), "tests", self.log)

    def start(self) -> None:
        self.child = processes.start(self.server.spec(), "tests", self.log)
        self.wait()

    def wait(self) -> None:
        spec = self.server.spec()
        readiness.wait_until_ready(spec, lambda: self.child.poll() is None, self.log)

    def kill(self) -> None:
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()

    def cut_the_tail(self, size: int) -> None:
        """Lose the end of the append-only file, as a disk may that lied about what it had written."""
        file = max(self.server.folder.glob("appendonlydir/*.incr.aof"))
        with file.open("r+b") as opened:
            opened.truncate(file.stat().st_size - size)


@pytest.fixture
def killable(server_folder: Path) -> Iterator[Killable]:
    server = Killable(server_folder)
    try:
        server.wait()
        yield server
    finally:
        processes.end(server.child, server.server.spec())
