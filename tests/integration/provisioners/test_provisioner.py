"""An environment as processes on this machine: made once however often one asks, and gone without a trace."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import aiohttp
import asyncpg
import pytest
import redis.asyncio as redis

from marketday.environments.errors import EnvironmentBusy, NoReceipt, NotBuilt
from marketday.kit.database import connect
from marketday.kit.ids import new_id
from marketday.provisioners.local import bringing_up
from marketday.provisioners.local.counts import keep_processes
from marketday.provisioners.local.home import plane_id_of
from marketday.provisioners.local.model import Plane
from marketday.provisioners.local.plane_folder import PlaneFolder, held
from marketday.provisioners.local.ports import read_ports
from marketday.provisioners.local.processes import find
from marketday.provisioners.local.start_stop import reload_plane, stop_plane
from marketday.testing.environments import FilePlane
from marketday.testing.gateway import FakeGateway

from .conftest import status_of
from .provisioning import GENUINE, STANDINS, environment, provisioner

HERE = Path(__file__).parent
PARTS = {"supervisor", "postgres", "valkey", "nginx", "gate-1", "gate-2", "store-1", "store-2", "worker"}


@pytest.fixture(params=["files", "processes"])
def plane(request, tmp_path):
    """Every provisioner: the tests' own is a folder with files."""
    return FilePlane(tmp_path) if request.param == "files" else provisioner(request.getfixturevalue("home"))


async def test_it_is_made_once_and_gone_without_a_trace_given_its_receipt(plane, one):
    assert list(await plane.plan(one))
    assert list(await plane.health(one)) == []
    with pytest.raises(NotBuilt):
        await plane.access(one)

    outputs = await plane.apply(one)
    access, parts = await plane.access(one), [part.part for part in await plane.health(one)]
    assert parts
    assert await plane.apply(one) == outputs
    assert (await plane.access(one), [part.part for part in await plane.health(one)]) == (access, parts)
    assert await plane.leftovers(one.id) != []

    for receipt in ("", "forged", receipt_of(environment(new_id()))):
        with pytest.raises(NoReceipt):
            await plane.destroy(one, receipt)
    assert await all_well(plane, one)

    for _ in range(2):
        await plane.destroy(one, receipt_of(one))
        assert await plane.leftovers(one.id) == []
        assert list(await plane.health(one)) == []
        assert list(await plane.keep_up(one)) == []
        with pytest.raises(NotBuilt):
            await plane.access(one)


@pytest.fixture
def home(server_folder, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setattr(bringing_up, "SERVICES", STANDINS)
    monkeypatch.setenv("MARKETDAY_DATABASE_URL", "a credential of the mall")
    path = server_folder / f"home-{new_id().hex}"
    try:
        yield path
    finally:
        for plane in path.glob("environments/*/plane.json"):
            stop_plane(plane.parent)
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def one():
    return environment(new_id())


@pytest.fixture
def local(home):
    return provisioner(home)


def folder_of(home, one):
    return home / "environments" / str(one.id)


def receipt_of(one):
    return f"{GENUINE} of {one.id}"


async def all_well(local, one):
    health = await local.health(one)
    return health and all(part.healthy for part in health)


async def test_apply_makes_an_environment_that_serves_with_credentials_of_its_own(one, home):
    gateway = FakeGateway()
    local, holder = provisioner(home, gateway), plane_id_of(one.id)
    outputs = await local.apply(one)
    await assert_it_serves(local, one, outputs)
    await assert_services_have_credentials_of_their_own(folder_of(home, one), holder, gateway)
    before = {name: status.pid for name, status in status_of(folder_of(home, one)).items()}
    assert await local.apply(one) == outputs  # one plane, however often
    assert {name: status.pid for name, status in status_of(folder_of(home, one)).items()} == before
    assert f"payment key of {holder}" in await local.leftovers(one.id)
    await local.destroy(one, receipt_of(one))
    assert not await gateway.is_known(holder)
    assert await local.leftovers(one.id) == []
    assert not folder_of(home, one).exists()


async def assert_it_serves(local, one, outputs):
    access = await local.access(one)
    assert outputs["public_url"] == f"http://event.localhost:{outputs['port']}"
    assert {part.part for part in await local.health(one)} == PARTS
    assert await all_well(local, one)
    edge = aiohttp.ClientSession(access.address, headers={"Host": access.host})
    async with edge, edge.get("/drops/a-drop") as answer:
        settings = await answer.json(content_type=None)
    assert {"MARKETDAY_ADMISSION_KEY", "MARKETDAY_DATABASE_URL", "MARKETDAY_JWKS_FILE"} <= set(settings)
    async with redis.from_url(access.valkey_url) as client:
        assert await client.ping()
    owner = await connect(access.database_url)
    try:
        assert await owner.fetchval("SELECT count(*) FROM drops") == 0
    finally:
        await owner.close()


async def assert_services_have_credentials_of_their_own(folder, holder, gateway):
    secrets_folder = folder / "secrets"
    assert secrets_folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in secrets_folder.iterdir()} == {0o600}
    for role in ("store", "worker"):
        told = json.loads((secrets_folder / f"{role}.json").read_text())
        assert gateway.key_of(holder) == told["MARKETDAY_GATEWAY_KEY"]
        service = await asyncpg.connect(told["MARKETDAY_DATABASE_URL"])
        try:
            assert await service.fetchval("SELECT current_user::text") == role
        finally:
            await service.close()
    secret = {(secrets_folder / name).read_text().strip() for name in ("postgres", "role-store", "role-worker")}
    assert len(secret) == 3
    for process in find(holder, folder):
        command = Path(f"/proc/{process.pid}/cmdline").read_text()
        assert "a credential of the mall" not in command + Path(f"/proc/{process.pid}/environ").read_text()
        assert not any(word in command for word in secret)


async def test_a_plane_of_an_earlier_version_continues_until_it_is_applied_again(local, one, home, eventually):
    """It has one gate and one store without numbers."""
    await local.apply(one)
    folder = PlaneFolder(folder_of(home, one))
    for text in ("ports.json", "plane.json"):
        file = folder.path / text
        file.write_text(re.sub(r'"(gate|store)-1"', r'"\1"', file.read_text()))
    specs = [spec for spec in folder.read_plane().processes if not spec.name.endswith("-2")]
    folder.write_plane(Plane(plane_id=plane_id_of(one.id), processes=tuple(specs)))
    ports = {name: port for name, port in read_ports(folder.path / "ports.json").items() if not name.endswith("-2")}
    (folder.path / "ports.json").write_text(json.dumps(ports))
    reload_plane(folder.path)
    await eventually(lambda: all_well(local, one))
    assert "gate" in status_of(folder.path)
    assert list(await local.keep_up(one)) == []
    access = await local.access(one)

    await local.apply(one)
    assert await all_well(local, one)
    assert set(status_of(folder.path)) == PARTS
    assert await local.access(one) == access
    assert not {"gate", "store"} & set(read_ports(folder.path / "ports.json"))
    await local.destroy(one, receipt_of(one))
    assert await local.leftovers(one.id) == []


async def test_a_plane_keeps_the_number_of_processes_with_which_it_was_made(local, one, home):
    await local.apply(one)
    keep_processes(home / "mall", 3)
    await local.apply(one)
    assert set(status_of(folder_of(home, one))) == PARTS
    assert any(line.startswith("process gate-3,") for line in await local.plan(environment(new_id())))


MILESTONES = (
    "secrets/postgres",
    "postgres/data.new",
    "postgres/data",
    "gate-1",
    "plane.json",
    "pids.json",
    "logs/gate-1.log",
)


async def test_apply_that_was_killed_goes_on_wherever_it_was(local, one, home, eventually):
    """Each attempt begins with what the one before it left behind."""
    folder, made = folder_of(home, one), {}
    for milestone in MILESTONES:
        await apply_until(folder / milestone, home, one, eventually)
        secrets = {file.name: file.read_text() for file in (folder / "secrets").glob("*") if file.suffix != ".new"}
        assert made.items() <= secrets.items()
        made = secrets
        with contextlib.suppress(NotBuilt):
            await local.access(one)

    async def applied():  # a child that was not yet its own program holds the dead one's lock for a moment
        with contextlib.suppress(EnvironmentBusy):
            return await local.apply(one)

    await eventually(applied, 90)
    assert await all_well(local, one)
    assert {name: (folder / "secrets" / name).read_text() for name in made} == made
    postmasters = [
        process
        for process in find(plane_id_of(one.id), folder, "postgres")
        if Path(f"/proc/{process.pid}/cmdline").read_text().startswith("/")
    ]
    assert len(postmasters) == 1
    await local.destroy(one, receipt_of(one))
    assert await local.leftovers(one.id) == []


async def apply_until(milestone, home, one, eventually):
    """Apply in a process that is killed when `milestone` is there; begin again where it found the lock held."""
    command = [sys.executable, str(HERE / "provisioning.py"), str(home), str(one.id)]

    async def reached():
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as applying:
            await eventually(lambda: milestone.exists() or applying.poll() is not None, 90)
            applying.kill()
        return milestone.exists() or applying.returncode == 0  # what is there for a moment alone may be missed

    await eventually(reached, 180)


async def test_whatever_is_killed_comes_back(local, one, home, eventually):
    await local.apply(one)
    folder = folder_of(home, one)
    for name in ("supervisor", "postgres", "valkey", "nginx", "gate-1", "gate-2", "store-1", "store-2", "worker"):
        os.kill(status_of(folder)[name].pid, signal.SIGKILL)
        if name == "supervisor":
            assert await eventually(lambda: local.keep_up(one)) == ["supervisor"]
        await eventually(lambda name=name: status_of(folder)[name].restarts == 1)
        await eventually(lambda: all_well(local, one))
    assert list(await local.keep_up(one)) == []
    assert {status.restarts for status in status_of(folder).values()} == {1}

    for process in find(plane_id_of(one.id), folder):  # and the whole plane at once
        process.send(signal.SIGKILL)
    await eventually(lambda: not find(plane_id_of(one.id), folder))

    async def revived():  # the kernel lets go of a dead supervisor's lock a moment after its process is gone
        return list(await local.keep_up(one)) == ["supervisor"]

    await eventually(revived)
    await eventually(lambda: all_well(local, one))


async def test_two_hands_at_once_are_one_too_many(local, one, home):
    folder = folder_of(home, one)
    folder.mkdir(parents=True)
    with held(folder / "hand.lock", 0) as ours:
        assert ours
        with pytest.raises(EnvironmentBusy):
            await local.apply(one)
        with pytest.raises(EnvironmentBusy):
            await local.destroy(one, receipt_of(one))


async def test_a_plan_names_processes_and_changes_nothing(local, one, home):
    assert any(line.startswith("process postgres") for line in await local.plan(one))
    assert not folder_of(home, one).exists()
