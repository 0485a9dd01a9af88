"""The kept release's shop, restored: its databases are cloned for each test, from templates of the session."""

import contextlib
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg
import httpx
import pytest
from release import make
from release.kept import Kept, last_release, restore_database, restore_ledger, restore_room
from release.servers import ROLES, gateway, keys_of
from release.shop import Servers, Shop

from marketday.kit.database import make_pool

from .scratch_repository import new_key

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Restored:
    """The shop that the last release has left, on the servers of the tests."""

    kept: Kept
    servers: Servers
    folder: Path

    @property
    def keys(self):
        return keys_of(self.kept.facts)


@pytest.fixture(scope="session")
def kept():
    return last_release()


@pytest.fixture(scope="session")
def left(postgres_server, kept):
    """The databases that the last release has left, as templates."""
    with contextlib.ExitStack() as stack:
        names = {name: stack.enter_context(postgres_server.clone("template1")) for name in ("mall", "drop")}
        for name, database in names.items():
            restore_database(
                postgres_server.server.programs, postgres_server.url(database), kept.folder / f"{name}.sql"
            )
        yield names


@pytest.fixture
def restored(postgres_server, left, kept, valkey_url, tmp_path):
    restore_room(valkey_url, kept.folder / "room.json")
    restore_ledger(tmp_path / "ledger.sqlite", kept.folder / "ledger.sql")
    with postgres_server.clone(left["mall"]) as mall, postgres_server.clone(left["drop"]) as drop:
        services = (postgres_server.url(drop, role) for role in ROLES)
        servers = Servers(postgres_server.url(mall), postgres_server.url(drop), *services, valkey_url, "")
        yield Restored(kept, servers, tmp_path)


@pytest.fixture
async def shop(restored, kept):
    """The shop, with the payment gateway; its processes are started by the test."""
    # What a person held when the dump was made is held for another hour, and everybody is signed in.
    held = "UPDATE reservations SET reserved_until = now() + interval '1 hour' WHERE state = 'held'"
    signed_in = "UPDATE sessions SET expires_at = now() + interval '1 day'"
    for url, change in ((restored.servers.drop_owner, held), (restored.servers.mall, signed_in)):
        async with make_pool(url) as pool:
            await pool.execute(change)
    code = {"old": kept.code(restored.folder / "old"), "new": ROOT / "src"}
    async with (
        gateway(restored.folder / "ledger.sqlite", restored.keys.merchant) as address,
        httpx.AsyncClient(timeout=30) as http,
    ):
        servers = replace(restored.servers, gateway=address)
        found = Shop(http, servers, restored.keys, restored.folder, "second-drop", code)
        try:
            yield found
        finally:
            await found.close()


@pytest.fixture
async def drop(restored):
    connection = await asyncpg.connect(restored.servers.drop_owner)
    yield connection
    await connection.close()


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    new_key(folder / "ours.pem")
    new_key(folder / "theirs.pem")
    return folder


@pytest.fixture
def key(keys, monkeypatch):
    monkeypatch.setenv(make.KEY, str(keys / "ours.pem"))
    return keys / "ours.pub"
