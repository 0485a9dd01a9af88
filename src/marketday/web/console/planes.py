"""The planes on this machine: which processes should run, which do, and how often each was restarted.

The controller reads this from the planes' folders. The console may not open them, so it asks the controller.
"""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from marketday.provisioners.local.counts import service_of
from marketday.provisioners.local.errors import LocalError
from marketday.provisioners.local.plane_folder import PlaneFolder
from marketday.provisioners.local.start_stop import SUPERVISOR, plane_status
from marketday.web.console.model import Plane, Process

SERVICES = ("mall", "gate", "store", "worker")  # our services that have metrics


class LocalPlanes:
    """The planes whose folders are in one home; without a home there are none."""

    def __init__(self, home: Path | None) -> None:
        self._home = home

    def all(self) -> Sequence[Plane]:
        """Return every plane, the mall's first."""
        if self._home is None:
            return []
        environments = sorted((self._home / "environments").glob("*/plane.json"))
        folders = [
            ("mall", self._home / "mall"),
            ("sandbox", self._home / "sandbox"),
            *(("event", file.parent) for file in environments),
        ]
        return [plane for kind, folder in folders if (plane := read_plane(kind, folder)) is not None]


def read_plane(kind: str, folder: Path) -> Plane | None:
    """Return the plane in `folder`; None if there is none, or if it is removed while it is read."""
    try:
        specs = PlaneFolder(folder).read_plane().processes
        statuses = plane_status(folder)
    except (LocalError, OSError, ValueError):
        return None
    ports = {spec.name: spec.environment.get("MARKETDAY_PORT") for spec in specs}
    return Plane(
        kind=kind,
        name=folder.name,
        supervised=any(status.alive for status in statuses if status.name == SUPERVISOR),
        processes=[
            Process(status.name, status.alive, status.pid, status.restarts)
            for status in statuses
            if status.name != SUPERVISOR
        ],
        services={
            name: f"http://127.0.0.1:{port}" for name, port in ports.items() if port and service_of(name) in SERVICES
        },
    )


def as_json(planes: Sequence[Plane]) -> list[dict[str, object]]:
    """Return planes in JSON types, as the controller publishes them."""
    return [asdict(plane) for plane in planes]
