"""The controller is killed between the effect and the record of every step, on a plane of real servers."""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
from datetime import timedelta

import aiohttp
import pytest

from marketday.environments.model import Outcome, State, Step, requested
from marketday.environments.postgres.store import PostgresEnvironments
from marketday.kit.clock import SystemClock
from marketday.kit.database import create_pool
from marketday.kit.ids import new_id
from marketday.provisioners.local.errors import NotOurs
from marketday.provisioners.local.home import open_home, plane_id_of
from marketday.provisioners.local.ports import free_ports
from marketday.provisioners.local.processes import find
from marketday.provisioners.local.start_stop import stop_plane
from marketday.testing.accounts import ed25519_key
from marketday.testing.definitions import dawn_serum
from marketday.testing.rows import add_product, mall_stock

from .controllers import controllers

GATEWAY_KEY = "a key of the tests"
LONGEST_SECONDS = 180


@pytest.fixture
def home(server_folder):
    home = open_home(server_folder / f"home-{new_id().hex}")
    try:
        yield home
    finally:
        for folder in home.planes():
            with contextlib.suppress(NotOurs):
                stop_plane(folder.path)
        shutil.rmtree(home.root)


@pytest.fixture
async def gateway(tmp_path):
    """The payment gateway's sandbox, as a process."""
    [port] = free_ports(1)
    settings = {"PORT": str(port), "DATABASE_FILE": str(tmp_path / "ledger.sqlite"), "GATEWAY_KEY": GATEWAY_KEY}
    environment = {**os.environ, **{f"MARKETDAY_{name}": value for name, value in settings.items()}}
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "marketday.apps.sandbox"), env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        child.terminate()
        await child.wait()


@pytest.fixture
async def mall(mall_database_url):
    pool = await create_pool(mall_database_url, max_size=4)
    await add_product(pool, stock=1000)
    yield pool
    await pool.close()


async def _ledger(gateway):
    headers = {"Authorization": f"Bearer {GATEWAY_KEY}"}
    async with aiohttp.ClientSession() as session, session.get(f"{gateway}/ledger", headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        found = await answer.json()
    return found if isinstance(found, list) else found["payments"]


async def test_a_day_on_real_servers_survives_a_kill_after_every_effect(home, gateway, mall, mall_database_url):
    key_file = home.root / "signing-key.json"
    key_file.write_text(ed25519_key())
    moments = {"room_opens_in": 1, "opens_in": 2, "closes_in": 3}
    definition = dawn_serum().moved_to(
        SystemClock().now(), **{name: timedelta(seconds=seconds) for name, seconds in moments.items()}
    )
    environment = requested(new_id(), definition, definition.schedule())
    store = PostgresEnvironments(mall)
    await store.add(environment)
    settings = {
        "home": str(home.link),
        "database_url": mall_database_url,
        "signing_key_file": str(key_file),
        "gateway_url": gateway,
        "gateway_key": GATEWAY_KEY,
    }
    way = [step for step in Step if step is not Step.WINDOW]  # a drop of minutes has no window
    async with controllers("servers", settings) as some:
        for step in way:
            code = await some.run(environment.id, step, "effect", seconds=LONGEST_SECONDS)
            assert code == -signal.SIGKILL, step
        assert await some.run(environment.id, seconds=LONGEST_SECONDS) == 0

    assert (await store.get(environment.id)).state is State.DESTROYED
    done = [line.step for line in await store.steps(environment.id) if line.outcome is Outcome.DONE]
    assert done == way
    assert await mall_stock(mall) == {"DAWN-SERUM-30": 1000}
    assert await mall.fetchval("SELECT count(*) FROM receipts") == 1
    assert [file.stem for file in (home.root / "receipts").iterdir()] == [str(environment.id)]
    assert list((home.root / "environments").iterdir()) == []
    assert find(plane_id_of(environment.id), home.environment(environment.id).path) == []
    smoke = await _ledger(gateway)
    assert len(smoke) >= 2  # the first walk was killed before its record, so there was another
    assert {payment["state"] for payment in smoke} == {"refunded"}
