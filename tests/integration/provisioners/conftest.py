"""Planes of real processes, each in a folder of its own, gone afterwards."""

import contextlib
import secrets
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from marketday.kit.ids import new_id
from marketday.provisioners.local import postgres, valkey
from marketday.provisioners.local.binaries import postgres_programs
from marketday.provisioners.local.errors import NotOurs
from marketday.provisioners.local.model import HttpCheck, Plane, ProcessSpec
from marketday.provisioners.local.plane_folder import PlaneFolder
from marketday.provisioners.local.ports import free_ports
from marketday.provisioners.local.start_stop import ProcessStatus, leftovers, plane_status, stop_plane

SERVICE = """
import http.server, os, sys
from pathlib import Path
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(os.environ.get("WORD", "").encode())
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""


@pytest.fixture
def plane_path(server_folder: Path) -> Iterator[Path]:
    """An empty folder for a plane; whatever runs in it is ended afterwards."""
    path = server_folder / f"plane-{new_id().hex}"
    path.mkdir(mode=0o711)
    try:
        yield path
    finally:
        with contextlib.suppress(NotOurs):
            stop_plane(path)
        if path.exists():  # a test may have removed it
            shutil.rmtree(path)


def service_spec(plane_path: Path, name: str, port: int, **more: object) -> ProcessSpec:
    folder = plane_path / name
    folder.mkdir(exist_ok=True)
    argv = (sys.executable, "-c", SERVICE, str(port))
    return ProcessSpec(name=name, argv=argv, folder=str(folder), ready=HttpCheck(port=port, path="/"), **more)


@pytest.fixture
def service(plane_path: Path) -> Callable[..., ProcessSpec]:
    return lambda name, port, **more: service_spec(plane_path, name, port, **more)


@pytest.fixture(scope="session")
def new_cluster(server_folder: Path) -> postgres.PostgresServer:
    """A cluster to be copied: initdb takes longer than most tests that want one."""
    cluster = postgres.PostgresServer(
        server_folder / "new-cluster", postgres_programs(server_folder), 0, secrets.token_hex(16)
    )
    postgres.create_cluster(cluster.folder, cluster.programs, cluster.password)
    return cluster


@pytest.fixture
def database_plane(new_cluster: postgres.PostgresServer, plane_path: Path) -> Plane:
    """PostgreSQL, Valkey, and a service that waits for them; written, not started."""
    ports = free_ports(3)
    cluster = replace(new_cluster, folder=plane_path / "postgres", port=ports[0])
    shutil.copytree(new_cluster.folder / "data", cluster.folder / "data")
    postgres.create_cluster(cluster.folder, cluster.programs, cluster.password)  # hands it over to the plane's account
    memory = valkey.ValkeyServer(plane_path / "valkey", ports[1], secrets.token_hex(16))
    valkey.write_configuration(memory)
    after = ("postgres", "valkey")
    specs = (cluster.spec(), memory.spec(), service_spec(plane_path, "service", ports[2], after=after))
    plane = Plane(plane_id=f"test-{new_id().hex}", processes=specs)
    PlaneFolder(plane_path).write_plane(plane)
    (plane_path / "urls").write_text(f"{cluster.url()}\n{memory.url()}")
    return plane


def status_of(path: Path) -> dict[str, ProcessStatus]:
    return {status.name: status for status in plane_status(path)}


def all_alive(path: Path) -> bool:
    return all(status.alive for status in plane_status(path))


def ports_of(plane: Plane) -> list[int]:
    return [spec.ready.port for spec in plane.processes if spec.ready and hasattr(spec.ready, "port")]


def left(path: Path, plane: Plane) -> list[str]:
    return [line for line in leftovers(plane.plane_id, path, ports_of(plane)) if not line.startswith("directory")]
