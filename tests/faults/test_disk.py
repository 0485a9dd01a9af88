"""The database's disk is full: nobody is told yes for nothing, and when there is room again the sale goes on.

The disk is a small one in memory, which only root can mount; an ordinary user's run skips this and says so.
"""

import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from marketday.drops.errors import StoreFault, StoreUnavailable
from marketday.drops.model import Reservation
from marketday.drops.postgres.store import PostgresDropStore
from marketday.drops.service import Reservations
from marketday.kit.database import connect, make_pool
from marketday.kit.files import sql_folder
from marketday.kit.ids import new_id
from marketday.kit.migrations import migrate
from marketday.provisioners.local import postgres, processes, readiness
from marketday.provisioners.local.binaries import postgres_programs
from marketday.provisioners.local.ports import free_ports
from marketday.testing.drops import SKU, SLUG, Shop

DISK = "160m"


@pytest.fixture
def small_disk(server_folder: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk; nothing stands in for it")
    path = server_folder / f"disk-{secrets.token_hex(4)}"
    path.mkdir(mode=0o755)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", path], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"this machine mounts no disk in memory: {mounted.stderr.strip()}")
    try:
        path.chmod(0o755)
        yield path
    finally:
        subprocess.run(["umount", "-l", path], check=True)
        path.rmdir()


class Server:
    """A PostgreSQL on the small disk; like the supervisor, `ensure` starts it again if it has ended."""

    def __init__(self, disk: Path, programs: Path) -> None:
        folder = disk / "postgres"
        self.disk, self.log = disk, disk.with_suffix(".log")
        self.server = postgres.PostgresServer(
            folder, postgres_programs(programs), free_ports(1)[0], secrets.token_hex(16)
        )
        postgres.create_cluster(folder, self.server.programs, self.server.password)
        self.spec = self.server.spec(max_wal_size="48MB", min_wal_size="32MB")
        self.start()

    def start(self) -> None:
        self.child = processes.start(self.spec, "tests", self.log)
        child = self.child
        readiness.wait_until_ready(self.spec, lambda: child.poll() is None, self.log)

    def ensure(self) -> None:
        if self.child.poll() is not None:
            self.start()

    def fill(self) -> Path:
        """Write until nothing more fits."""
        path = self.disk / "something-large"
        with path.open("wb", buffering=0) as large, suppress(OSError):
            while True:
                large.write(bytes(1 << 16))
        with path.open("ab", buffering=0) as large, suppress(OSError):
            while True:
                large.write(b"x")
        return path


@pytest.fixture
def server(small_disk: Path, server_folder: Path) -> Iterator[Server]:
    running = Server(small_disk, server_folder)
    try:
        yield running
    finally:
        processes.end(running.child, running.spec)


async def reserve(reservations: Reservations) -> Reservation | None:
    """Ask once; None if the store cannot say."""
    with suppress(StoreUnavailable, StoreFault):
        return await reservations.reserve(SLUG, new_id(), "key", SKU, 1)
    return None


@pytest.mark.long
async def test_a_full_disk_breaks_no_promise(server: Server):
    url = server.server.url("postgres")
    owner = await connect(url)
    for role in ("store", "worker"):
        await owner.execute(f"CREATE ROLE {role}")
    await migrate(url, sql_folder("drop"))
    await Shop(owner).drop()
    await Shop(owner).item(stock=1_000_000)
    await owner.close()
    told = []
    async with make_pool(url, max_size=4) as pool:
        reservations = Reservations(PostgresDropStore(pool, timeout_seconds=5))
        told.append(await reserve(reservations))
        large = server.fill()
        refused = 0
        for _ in range(100_000):
            if held := await reserve(reservations):
                told.append(held)
            elif (refused := refused + 1) == 3:
                break
        assert refused == 3, "the disk was never full"
        large.unlink()
        server.ensure()
        while (held := await reserve(reservations)) is None:
            server.ensure()
        told.append(held)
        await reservations.close()
    owner = await connect(url)
    try:
        kept = {row["id"] for row in await owner.fetch("SELECT id FROM reservations")}
        assert {held.id for held in told if held} <= kept
        assert await Shop(owner).broken_sums() == []
    finally:
        await owner.close()
