import http.server
import json
import os
import subprocess
import sys
import threading

import pytest

from marketday.provisioners.local import model
from marketday.provisioners.local.plane_folder import PlaneFolder, Record
from marketday.provisioners.local.processes import identify
from marketday.web.console.http import ControllerPlanes
from marketday.web.console.model import Plane, Process
from marketday.web.console.planes import LocalPlanes, as_json


@pytest.fixture
def sleeper():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


def record(pid, restarts=0):
    return Record(pid, identify(pid).start_ticks, restarts, 0.0)


def make_plane(path, *names):
    folder = PlaneFolder(path)
    specs = [
        model.ProcessSpec(
            name=name, argv=("true",), folder=str(path), environment={"MARKETDAY_PORT": str(8000 + number)}
        )
        for number, name in enumerate(names)
    ]
    folder.write_plane(model.Plane(plane_id="test", processes=tuple(specs)))
    return folder


def test_a_plane_is_seen_with_its_processes_and_its_services(tmp_path, sleeper):
    event = make_plane(tmp_path / "environments" / "some-id", "gate-2", "nginx")
    event.write_records({"gate-2": record(sleeper.pid, restarts=2)})
    event.write_supervisor(record(os.getpid()))
    (plane,) = LocalPlanes(tmp_path).all()
    assert (plane.kind, plane.name, plane.supervised, plane.health) == ("event", "some-id", True, "warn")
    assert [(process.name, process.up, process.restarts) for process in plane.processes] == [
        ("gate-2", True, 2),
        ("nginx", False, 0),
    ]
    assert plane.services == {"gate-2": "http://127.0.0.1:8000"}


def test_a_process_that_died_is_down(tmp_path, sleeper):
    mall = make_plane(tmp_path / "mall", "mall")
    mall.write_records({"mall": record(sleeper.pid)})
    planes = LocalPlanes(tmp_path)
    assert planes.all()[0].processes[0].up
    sleeper.kill()
    sleeper.wait()
    (plane,) = planes.all()
    assert not plane.processes[0].up
    assert plane.health == "bad"  # nobody watches over it either


def test_the_mall_comes_first_and_folders_that_are_no_planes_are_passed_over(tmp_path):
    make_plane(tmp_path / "environments" / "b", "gate")
    make_plane(tmp_path / "mall", "mall")
    (tmp_path / "sandbox").mkdir()
    (tmp_path / "environments" / "half").mkdir()
    (tmp_path / "environments" / "half" / "plane.json").write_text("{half", "utf-8")
    assert [plane.kind for plane in LocalPlanes(tmp_path).all()] == ["mall", "event"]


def test_without_a_home_there_is_nothing_to_see(tmp_path):
    assert LocalPlanes(None).all() == []
    assert LocalPlanes(tmp_path / "nowhere").all() == []


@pytest.fixture
def controller():
    """A controller that tells of one plane."""
    told = as_json([Plane(kind="mall", name="mall", supervised=True, processes=[Process("controller", True, 7, 0)])])

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(told).encode())

        def log_message(self, *_):
            return

    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_the_console_sees_what_the_controller_tells_and_that_it_is_away(controller):
    planes = ControllerPlanes(f"http://127.0.0.1:{controller.server_port}/planes")
    (plane,) = planes.all()
    assert (plane.health, plane.processes[0].pid) == ("good", 7)
    controller.shutdown()
    controller.server_close()
    (plane,) = planes.all()
    assert plane.health == "warn"
    assert not plane.processes[0].up


def test_without_a_controller_there_is_nothing_to_see():
    assert ControllerPlanes(None).all() == []
    assert list(ControllerPlanes("http://127.0.0.1:9/planes").all()) == []
