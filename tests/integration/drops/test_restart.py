"""PostgreSQL killed in the middle of a rush: who was told yes has it, who was told nothing may ask again."""

import asyncio
import secrets
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from marketday.drops.errors import StoreUnavailable
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


class OwnServer:
    """A PostgreSQL of this test alone, so that it may be killed. It waits for the disk, as a real one does."""

    def __init__(self, server_folder: Path) -> None:
        folder = server_folder / f"killed-{secrets.token_hex(4)}"
        self.log = folder.with_suffix(".log")
        self.server = postgres.PostgresServer(
            folder, postgres_programs(server_folder), free_ports(1)[0], secrets.token_hex(16)
        )
        postgres.create_cluster(folder, self.server.programs, self.server.password)
        self.spec = self.server.spec()

    def start(self) -> None:
        self.child = processes.start(self.spec, "tests", self.log)
        child = self.child
        readiness.wait_until_ready(self.spec, lambda: child.poll() is None, self.log)

    def kill(self) -> None:
        self.child.kill()
        self.child.wait(10)


@pytest.fixture
def own_server(server_folder: Path) -> Iterator[OwnServer]:
    server = OwnServer(server_folder)
    try:
        server.start()
        yield server
    finally:
        processes.end(server.child, server.spec)


class Rush:
    """Shoppers who press again with the same key until somebody answers, and remember what they were told."""

    def __init__(self, reservations: Reservations) -> None:
        self.reservations = reservations
        self.told: dict[UUID, UUID] = {}
        self.refusals: list[StoreUnavailable] = []

    async def shopper(self) -> None:
        person = new_id()
        async with asyncio.timeout(60):
            while person not in self.told:
                try:
                    self.told[person] = (await self.reservations.reserve(SLUG, person, "key", SKU, 1)).id
                except StoreUnavailable as error:
                    self.refusals.append(error)
                    await asyncio.sleep(0.05)

    def start(self, people: int) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(self.shopper()) for _ in range(people)]


async def test_killing_the_database_loses_no_yes_and_makes_no_second_one(own_server: OwnServer):
    url = own_server.server.url("postgres")
    owner = await connect(url)
    for role in ("store", "worker"):
        await owner.execute(f"CREATE ROLE {role}")
    await migrate(url, sql_folder("drop"))
    await Shop(owner).drop()
    await Shop(owner).item(stock=10_000)
    await owner.close()

    async with make_pool(url, max_size=4) as pool:
        store = PostgresDropStore(pool, timeout_seconds=2)
        rush = Rush(Reservations(store, largest_batch=8))
        first = rush.start(400)
        while len(rush.told) < 40:
            await asyncio.sleep(0)
        own_server.kill()
        second = rush.start(50)
        while len(rush.refusals) < 100:  # while nobody is there
            await asyncio.sleep(0.01)
        await asyncio.to_thread(own_server.start)
        await asyncio.gather(*first, *second)

    assert {error.extra["retry_after"] for error in rush.refusals} == {1}
    owner = await connect(url)
    try:
        rows = await owner.fetch("SELECT person_id, id FROM reservations")
        assert {row["person_id"]: row["id"] for row in rows} == rush.told
        assert len(rows) == len(rush.told) == 450
        assert await Shop(owner).broken_sums() == []
    finally:
        await owner.close()
