"""A plane is ended whatever its files say, and nothing else is."""

import os
import shutil
import signal
import subprocess

import pytest

from marketday.provisioners.local import supervision
from marketday.provisioners.local.plane_folder import PlaneFolder, Record
from marketday.provisioners.local.processes import identify
from marketday.provisioners.local.readiness import is_ready
from marketday.provisioners.local.supervision import end_plane, reload_plane, start_plane, stop_plane

from .conftest import all_alive, left, status_of

DAMAGES = {
    "half a description": ("plane.json", '{"plane_id": "x", "proc'),
    "an empty description": ("plane.json", ""),
    "a description of something else": ("plane.json", "[]"),
    "half a record of processes": ("pids.json", '{"postgres": {"pid": 1'),
    "a record of another version": ("pids.json", '{"postgres": {"number": 7}, "valkey": 3}'),
    "a list for a record": ("pids.json", "[1, 2]"),
    "half a record of the supervisor": ("supervisor.json", '{"pid": 12'),
    "a supervisor of another version": ("supervisor.json", '{"number": 7}'),
    "bytes": ("supervisor.json", "\x00\x01"),
}


@pytest.fixture
async def plane(database_plane, plane_path, eventually):
    start_plane(plane_path)
    await eventually(lambda: all_alive(plane_path) and all(is_ready(spec.ready) for spec in database_plane.processes))
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


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_keeps_nothing_from_being_ended(plane, plane_path, damage):
    name, content = DAMAGES[damage]
    (plane_path / name).write_text(content)
    end_plane(plane_path, plane.plane_id)
    assert left(plane_path, plane) == []
    assert "database system is shut down" in (plane_path / "logs" / "postgres.log").read_text()  # in order
    end_plane(plane_path, plane.plane_id)


@pytest.mark.parametrize("gone", ["plane.json", "pids.json", "supervisor.json", "supervisor.lock", "logs"])
def test_a_missing_file_keeps_nothing_from_being_ended(plane, plane_path, gone):
    path = plane_path / gone
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    end_plane(plane_path, plane.plane_id)
    assert left(plane_path, plane) == []


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
    monkeypatch.setattr(supervision, "_STOP_SECONDS", 0.2)
    os.kill(status_of(plane_path)["supervisor"].pid, signal.SIGSTOP)
    stop_plane(plane_path)
    assert left(plane_path, plane) == []
