"""Whatever of a plane is killed comes back by itself, and the supervisor's own death costs nobody anything."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import redis.asyncio as redis

from marketday.kit.database import connect
from marketday.provisioners.local.errors import NotOurs
from marketday.provisioners.local.model import Plane
from marketday.provisioners.local.plane_folder import PlaneFolder
from marketday.provisioners.local.ports import free_ports
from marketday.provisioners.local.processes import PLANE_VARIABLE, PROCESS_VARIABLE, find
from marketday.provisioners.local.readiness import is_ready
from marketday.provisioners.local.start_stop import (
    SUPERVISOR,
    ensure_supervisor,
    reload_plane,
    start_plane,
    stop_plane,
)

from .conftest import all_alive, left, status_of


async def started(path, plane, eventually):
    start_plane(path)
    await eventually(lambda: all_alive(path) and all(is_ready(spec.ready) for spec in plane.processes))


def kill(path, name):
    os.kill(status_of(path)[name].pid, signal.SIGKILL)


async def test_a_killed_process_comes_back_and_no_other_is_touched(database_plane, plane_path, eventually):
    await started(plane_path, database_plane, eventually)
    for name in ("postgres", "valkey", "service"):
        before = status_of(plane_path)
        kill(plane_path, name)
        await eventually(lambda name=name: status_of(plane_path)[name].restarts == 1 and all_alive(plane_path))
        await eventually(lambda name=name: is_ready(database_plane.spec(name).ready))
        after = status_of(plane_path)
        assert {one for one in after if after[one].pid != before[one].pid} == {name}


async def test_a_plane_whose_folder_is_removed_ends(database_plane, plane_path, eventually):
    await started(plane_path, database_plane, eventually)
    shutil.rmtree(plane_path)
    await eventually(lambda: find(database_plane.plane_id, plane_path) == [])


async def test_what_was_committed_survives_the_death_of_the_database(database_plane, plane_path, eventually):
    await started(plane_path, database_plane, eventually)
    url = (plane_path / "urls").read_text().splitlines()[0]
    holding = await connect(url)  # keeps a backend alive while its postmaster dies
    await holding.execute("CREATE TABLE kept (n int)")
    await holding.execute("INSERT INTO kept VALUES (7)")
    for restarts in (1, 2):
        kill(plane_path, "postgres")
        await eventually(
            lambda restarts=restarts: (
                status_of(plane_path)["postgres"].restarts == restarts
                and is_ready(database_plane.spec("postgres").ready)
            )
        )
    holding.terminate()
    again = await connect(url)
    assert await again.fetchval("SELECT n FROM kept") == 7
    await again.close()


async def test_valkey_remembers(database_plane, plane_path, eventually):
    await started(plane_path, database_plane, eventually)
    url = (plane_path / "urls").read_text().splitlines()[1]
    async with redis.from_url(url) as client:
        await client.set("kept", "7")
        await client.waitaof(1, 0, 5000)
    kill(plane_path, "valkey")
    await eventually(lambda: status_of(plane_path)["valkey"].restarts == 1)
    await eventually(lambda: is_ready(database_plane.spec("valkey").ready))
    async with redis.from_url(url) as client:
        assert await client.get("kept") == b"7"


async def test_a_killed_supervisor_is_revived_and_adopts_what_lives(database_plane, plane_path, eventually):
    await started(plane_path, database_plane, eventually)
    before = status_of(plane_path)
    kill(plane_path, "supervisor")
    await eventually(lambda: not status_of(plane_path)["supervisor"].alive)
    kill(plane_path, "service")  # unwatched
    assert await eventually(lambda: ensure_supervisor(plane_path))
    await eventually(lambda: all_alive(plane_path))
    after = status_of(plane_path)
    assert after["supervisor"].restarts == 1
    assert (after["postgres"].pid, after["valkey"].pid) == (before["postgres"].pid, before["valkey"].pid)
    assert (after["service"].restarts, after["postgres"].restarts) == (1, 0)
    kill(plane_path, "valkey")  # adopted, no child of the new supervisor
    await eventually(lambda: status_of(plane_path)["valkey"].restarts == 1 and all_alive(plane_path))


async def test_there_is_never_a_second_supervisor(database_plane, plane_path, eventually):
    await asyncio.gather(*(asyncio.to_thread(start_plane, plane_path) for _ in range(4)))
    await eventually(lambda: all_alive(plane_path))
    assert not ensure_supervisor(plane_path)
    done = subprocess.run([sys.executable, "-m", "marketday.apps.supervisor", str(plane_path)], check=True, timeout=30)
    assert done.returncode == 0
    supervisor = status_of(plane_path)["supervisor"]
    found = [process.pid for process in find(database_plane.plane_id, plane_path)]
    assert [pid for pid in found if "marketday.apps.supervisor" in psutil.Process(pid).cmdline()] == [supervisor.pid]


async def test_a_stopped_plane_leaves_nothing_and_is_not_revived(database_plane, plane_path, eventually):
    await started(plane_path, database_plane, eventually)
    stop_plane(plane_path)
    assert left(plane_path, database_plane) == []
    assert not ensure_supervisor(plane_path)
    assert left(plane_path, database_plane) == []
    stop_plane(plane_path)
    await started(plane_path, database_plane, eventually)


async def test_a_plane_without_a_living_supervisor_is_stopped_too(database_plane, plane_path, eventually):
    await started(plane_path, database_plane, eventually)
    kill(plane_path, "supervisor")
    stop_plane(plane_path)
    assert left(plane_path, database_plane) == []
    assert "database system is shut down" in (plane_path / "logs" / "postgres.log").read_text()


async def test_a_process_that_waits_for_another_starts_after_it(service, plane_path, eventually):
    first, second = free_ports(2)
    plane = Plane(plane_id="order", processes=(service("second", second, after=("first",)), service("first", first)))
    PlaneFolder(plane_path).write_plane(plane)
    await started(plane_path, plane, eventually)
    since = status_of(plane_path)
    assert since["first"].since < since["second"].since


async def test_a_new_description_changes_only_what_is_new(service, plane_path, eventually):
    ports = free_ports(3)
    folder = PlaneFolder(plane_path)
    keep, drop = service("keep", ports[0]), service("leave", ports[1])
    folder.write_plane(Plane(plane_id="change", processes=(keep, drop)))
    await started(plane_path, folder.read_plane(), eventually)
    before = status_of(plane_path)
    secrets_file = plane_path / "new.secrets"
    secrets_file.write_text(json.dumps({"WORD": "hush"}))
    new = service("new", ports[2], secrets_file=str(secrets_file))
    folder.write_plane(Plane(plane_id="change", processes=(keep, new)))
    reload_plane(plane_path)
    await eventually(lambda: all_alive(plane_path) and is_ready(new.ready))
    assert status_of(plane_path)["keep"].pid == before["keep"].pid
    await eventually(lambda: not is_ready(drop.ready))


def test_a_supervisor_that_is_still_starting_is_sent_no_signal(plane_path):
    folder = PlaneFolder(plane_path)
    folder.write_plane(Plane(plane_id="starting", processes=()))
    marks = {PLANE_VARIABLE: "starting", PROCESS_VARIABLE: SUPERVISOR}
    with folder.watched(0) as ours, subprocess.Popen(["sleep", "600"], cwd="/", env=marks) as starting:
        assert ours
        reload_plane(plane_path)
        starting.terminate()
    assert starting.returncode == -signal.SIGTERM, "ended by another signal before"


async def test_a_program_that_cannot_run_is_tried_again_with_pauses(service, plane_path, eventually):
    folder = PlaneFolder(plane_path)
    broken = service("broken", free_ports(1)[0]).model_copy(update={"argv": ("/nonexistent/program",)})
    works = service("works", free_ports(1)[0])
    folder.write_plane(Plane(plane_id="broken", processes=(broken, works)))
    start_plane(plane_path)
    await eventually(lambda: status_of(plane_path)["works"].alive)
    await eventually(lambda: (plane_path / "logs" / "supervisor.log").read_text().count("not started") >= 2)
    assert not status_of(plane_path)["broken"].alive


def test_a_folder_that_is_no_plane_is_refused(plane_path):
    with pytest.raises(NotOurs, match=r"no plane\.json"):
        start_plane(plane_path)
    (plane_path / "plane.json").write_text('{"plane_id": 3}')
    with pytest.raises(NotOurs, match="plane_id"):
        start_plane(plane_path)
    (plane_path / "plane.json").unlink()


async def test_a_plane_can_get_less_processor_time_than_others(service, plane_path, eventually):
    """The weight of a process, and the weight of its session, which Linux may use instead (sched(7), autogroup)."""
    plane = Plane(plane_id="nice", processes=(service("first", free_ports(1)[0]),), nice=5)
    PlaneFolder(plane_path).write_plane(plane)
    await started(plane_path, plane, eventually)
    before = status_of(plane_path)["first"].pid
    await eventually(lambda: _weights(before) in ({5}, {5, " nice 5"}))
    kill(plane_path, "first")
    await eventually(lambda: status_of(plane_path)["first"].restarts == 1 and all_alive(plane_path))
    after = status_of(plane_path)["first"].pid
    await eventually(lambda: _weights(after) in ({5}, {5, " nice 5"}))


def _weights(pid):
    session = Path(f"/proc/{pid}/autogroup")
    return {os.getpriority(os.PRIO_PROCESS, pid), *([session.read_text("ascii")[-8:-1]] if session.exists() else [])}
