"""The mall's plane: started once, kept over a restart, and its supervisors watch over each other."""

import asyncio
import json
import os
import shutil
import signal
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from marketday.accounts.tokens import load_signing_key
from marketday.kit.database import connect
from marketday.kit.ids import new_id
from marketday.provisioners.local import bringing_up
from marketday.provisioners.local.accounts import account_of
from marketday.provisioners.local.callers import NOBODY
from marketday.provisioners.local.errors import NotOurs
from marketday.provisioners.local.home import open_home
from marketday.provisioners.local.mall_plane import read_mall, revive, start_mall, stop_everything
from marketday.provisioners.local.processes import find
from marketday.provisioners.local.start_stop import plane_status

from .conftest import all_alive, status_of
from .provisioning import STANDINS

HERE = Path(__file__).parent


@pytest.fixture
async def home(server_folder, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setattr(bringing_up, "SERVICES", STANDINS)
    home = open_home(server_folder / f"home-{new_id().hex}")
    try:
        yield home
    finally:
        await stop_everything(home)
        shutil.rmtree(home.root)


async def asked(port, host, path="/"):
    edge = aiohttp.ClientSession(f"http://127.0.0.1:{port}", headers={"Host": f"{host}:{port}"})
    async with edge, edge.get(path) as answer:
        return answer.status, set(await answer.json(content_type=None))


async def settings_behind(port, host):
    status, names = await asked(port, host)
    assert status == 200
    return names


async def test_a_mall_is_started_kept_and_comes_back_with_its_data_and_addresses(home):
    mall = await start_mall(home)
    assert mall.callers == NOBODY
    await assert_mall_and_console_have_a_port_each(home, mall)
    await assert_starting_again_changes_nothing(home, mall)
    await assert_who_may_name_clients_is_kept_until_it_is_changed(home)
    connection = await connect(mall.database_url)
    await connection.execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
    await connection.close()
    await stop_everything(home)
    assert find(home.plane_id("mall"), home.mall.path) == []
    assert find(home.plane_id("sandbox"), home.sandbox.path) == []
    assert await start_mall(home) == mall
    connection = await connect(mall.database_url)
    assert await connection.fetchval("SELECT n FROM kept") == 7
    await connection.close()


async def assert_mall_and_console_have_a_port_each(home, mall):
    assert_secrets_stand_in_no_description(home, mall)
    console = urlsplit(mall.console_url)
    assert "MARKETDAY_MEDIA_FOLDER" in await settings_behind(mall.port, "mall.localhost")
    assert {"MARKETDAY_PLANES_URL", "MARKETDAY_EDGE_KEY"} <= await settings_behind(console.port, console.hostname)
    for port, host in ((mall.port, "console.localhost"), (console.port, "mall.localhost"), (mall.port, "127.0.0.1")):
        for path in ("/", "/stream", "/v1/day"):
            assert (await asked(port, host, path))[0] == 421
    for port, host in ((mall.port, "mall.localhost"), (console.port, "console.localhost")):
        assert (await asked(port, host, "/metrics"))[0] == 404
    connection = await connect(mall.database_url)
    try:
        assert await connection.fetchval("SELECT count(*) FROM environments") == 0
    finally:
        await connection.close()
    assert load_signing_key(mall.signing_key_file).is_private
    assert mall.signing_key_file.stat().st_mode & 0o777 == (0o640 if os.geteuid() == 0 else 0o600)
    assert mall.signing_key_file.stat().st_gid == (account_of(home.mall.path) or os.getegid())
    async with aiohttp.ClientSession() as session, session.get(mall.gateway_url) as answer:
        assert "MARKETDAY_GATEWAY_KEY" in await answer.json(content_type=None)


async def assert_who_may_name_clients_is_kept_until_it_is_changed(home):
    mall = await start_mall(home, proxies="10.0.0.0/8", crowd=True)
    assert len(mall.callers.crowd_key) == 64
    configuration = home.mall.path / "edge" / "nginx.conf"
    assert mall.callers.crowd_key in configuration.read_text()
    assert configuration.stat().st_mode & 0o077 == (0o040 if os.geteuid() == 0 else 0)  # the plane's own account
    assert (await start_mall(home)).callers == mall.callers == read_mall(home).callers
    assert (await start_mall(home, proxies="", crowd=False)).callers == NOBODY


async def assert_starting_again_changes_nothing(home, mall):
    before = {status.name: status.pid for status in plane_status(home.mall.path)}
    key = mall.signing_key_file.read_text()
    assert await start_mall(home) == mall == read_mall(home)
    assert {status.name: status.pid for status in plane_status(home.mall.path)} == before
    assert mall.signing_key_file.read_text() == key


async def test_whatever_is_killed_comes_back_and_a_port_that_was_taken_is_replaced(home, eventually):
    mall = await start_mall(home)
    for name in ("supervisor", "nginx", "mall", "console", "controller"):
        os.kill(status_of(home.mall.path)[name].pid, signal.SIGKILL)
        if name == "supervisor":
            assert await eventually(lambda: revive(home)) == ["mall"]
        await eventually(lambda name=name: status_of(home.mall.path)[name].restarts == 1 and all_alive(home.mall.path))

    await stop_everything(home)
    server = await listener(mall.port)
    try:
        again = await start_mall(home)
        assert again.port != mall.port
        assert "MARKETDAY_MEDIA_FOLDER" in await settings_behind(again.port, "mall.localhost")
    finally:
        server.close()
        await server.wait_closed()


async def listener(port):
    return await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", port)


def assert_secrets_stand_in_no_description(home, mall):
    described = (home.mall.path / "plane.json").read_text()
    for file in (home.mall.path / "secrets").glob("*"):
        if file.suffix != ".json":
            assert file.read_text().strip() not in described
    assert mall.gateway_key not in described
    assert json.loads(described)["plane_id"] == home.plane_id("mall")


def test_a_home_without_a_mall_says_so(server_folder):
    home = open_home(server_folder / f"home-{new_id().hex}")
    with pytest.raises(NotOurs, match=r"no ports\.json"):
        read_mall(home)
    home.remove()
