"""A plane is ended whatever its files say, and nothing else is."""

import os
import shutil
import signal
import subprocess

import pytest

from marketday.provisioners.local import start_stop
from marketday.provisioners.local.plane_folder import PlaneFolder, Record
from marketday.provisioners.local.processes import identify
from marketday.provisioners.local.readiness import is_ready
from marketday.provisioners.local.start_stop import end_plane, reload_plane, start_plane, stop_plane

from .conftest import all_alive, left, status_of

DAMAGED = {"plane.json": '{"plane_id": "x", "proc', "pids.json": "[1, 2]", "supervisor.json": '{"number": 7}'}
MISSING = ("plane.json", "pids.json", "supervisor.json", "supervisor.lock", "logs")


async def run(plane, path, eventually):
    PlaneFolder(path).write_plane(plane)
    start_plane(path)
    await eventually(lambda: all_alive(path) and all(is_ready(spec.ready) for spec in plane.processes))


@pytest.fixture
async def plane(database_plane, plane_path, eventually):
    await run(database_plane, plane_path, eventually)
    return database_plane


@pytest.fixture
def bystander():
    """A process of somebody else."""
    process = subprocess.Popen(["sleep", "600"], cwd="/")
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def test_a_damaged_file_keeps_nothing_from_being_ended(plane, plane_path, eventually):
    """Each one alone, then all at once; other damages are read the same, as tests of `PlaneFolder` show."""
    log = plane_path / "logs" / "postgres.log"
    for names in (*((name,) for name in DAMAGED), DAMAGED):
        await run(plane, plane_path, eventually)
        for name in names:
            (plane_path / name).write_text(DAMAGED[name])
        ended_before = log.read_text().count("database system is shut down")
        end_plane(plane_path, plane.plane_id)
        assert left(plane_path, plane) == [], names
        assert log.read_text().count("database system is shut down") == ended_before + 1, "in order"
        end_plane(plane_path, plane.plane_id)


async def test_a_missing_file_keeps_nothing_from_being_ended(plane, plane_path, eventually):
    for name in MISSING:
        await run(plane, plane_path, eventually)
        path = plane_path / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        end_plane(plane_path, plane.plane_id)
        assert left(plane_path, plane) == [], name


def test_a_disk_that_takes_nothing_keeps_nothing_from_being_ended(plane, plane_path, monkeypatch):
    def refuse(*_arguments, **_more):
        raise OSError(30, "Read-only file system")

    with monkeypatch.context() as readonly:
        for name in ("write_records", "write_supervisor"):
            readonly.setattr(PlaneFolder, name, refuse)
        for name in ("touch", "unlink"):
            readonly.setattr(f"pathlib.Path.{name}", refuse)
        stop_plane(plane_path)
    assert left(plane_path, plane) == []


async def test_a_number_that_somebody_else_has_now_is_left_alone(plane, plane_path, bystander, eventually):
    """As after a restart of the machine: the same number, and by chance the same start."""
    folder = PlaneFolder(plane_path)
    os.kill(status_of(plane_path)["supervisor"].pid, signal.SIGKILL)
    await eventually(lambda: not status_of(plane_path)["supervisor"].alive)
    foreign = identify(bystander.pid)
    record = Record(foreign.pid, foreign.start_ticks, 0, 0.0)
    folder.write_supervisor(record)
    folder.write_records(dict.fromkeys(folder.read_records(), record))

    start_plane(plane_path)
    reload_plane(plane_path)
    await eventually(lambda: status_of(plane_path)["postgres"].pid != bystander.pid)
    folder.write_supervisor(record)
    stop_plane(plane_path)

    assert left(plane_path, plane) == []
    assert bystander.poll() is None


def test_a_supervisor_that_is_stuck_is_killed(plane, plane_path, monkeypatch):
    monkeypatch.setattr(start_stop, "_STOP_SECONDS", 0.2)
    os.kill(status_of(plane_path)["supervisor"].pid, signal.SIGSTOP)
    stop_plane(plane_path)
    assert left(plane_path, plane) == []
