"""Starts a plane: its servers, then what the services need on them, then the services. Every part can be repeated."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from marketday.kit.private import private_folder
from marketday.provisioners.local import postgres, valkey
from marketday.provisioners.local.accounts import account_of, own_folder, passable_folder
from marketday.provisioners.local.binaries import postgres_programs
from marketday.provisioners.local.callers import Callers
from marketday.provisioners.local.counts import service_of
from marketday.provisioners.local.errors import NotOurs
from marketday.provisioners.local.model import HttpCheck, Plane, ProcessSpec, Walls
from marketday.provisioners.local.nginx import Edge
from marketday.provisioners.local.plane_folder import PlaneFolder
from marketday.provisioners.local.ports import assigned_ports
from marketday.provisioners.local.processes import find, kill
from marketday.provisioners.local.readiness import wait_until_ready
from marketday.provisioners.local.secrets import PlaneSecrets
from marketday.provisioners.local.start_stop import reload_plane, start_plane

SERVICES = "marketday.apps"  # the package whose modules the services are


@dataclass(frozen=True, slots=True)
class Ground:
    """A plane's folder, name, ports and secrets, from which its processes are described."""

    folder: PlaneFolder
    plane_id: str
    ports: Mapping[str, int]
    nice: int = 0

    @property
    def secrets(self) -> PlaneSecrets:
        """The credentials made for this plane."""
        return PlaneSecrets(self.folder.path / "secrets")

    def postgres(self, programs: Path) -> postgres.PostgresServer:
        """Return the plane's cluster; `programs` is what `postgres_programs` returned."""
        place = self.folder.path / "postgres"
        return postgres.PostgresServer(place, programs, self.ports["postgres"], self.secrets.get("postgres"))

    def valkey(self) -> valkey.ValkeyServer:
        """Return the plane's Valkey."""
        return valkey.ValkeyServer(self.folder.path / "valkey", self.ports["valkey"], self.secrets.get("valkey"))

    @property
    def account(self) -> int | None:
        """The account of the plane; None means the account that starts it."""
        return account_of(self.folder.path)

    def own_walls(self, name: str, *, read: Sequence[Path] = (), connect: Sequence[int] | None = ()) -> Walls:
        """Return the walls of the process `name`: it may use its own port, and what is given here."""
        calls = None if connect is None else tuple(connect)
        return Walls(read=tuple(map(str, read)), bind=(self.ports[name],), connect=calls)

    def service(
        self,
        name: str,
        variables: Mapping[str, str],
        secret: Mapping[str, str],
        *,
        walls: Walls | None,
        after: Sequence[str] = (),
    ) -> ProcessSpec:
        """Return a process of one of our own services, with its settings as `MARKETDAY_` variables.

        It is ready when it answers. Processes of the same service have the same secrets.
        Without walls it runs with the rights of the account that starts it.
        """
        account, service = self.account if walls else None, service_of(name)
        place = own_folder(self.folder.path / name, account)
        port = self.ports[name]
        settings = {"HOST": "127.0.0.1", "PORT": str(port), **variables}
        return ProcessSpec(
            name=name,
            argv=(sys.executable, "-P", "-m", f"{SERVICES}.{service}"),
            folder=str(place),
            account=account,
            walls=walls,
            environment={f"MARKETDAY_{key}": value for key, value in settings.items()},
            secrets_file=self.secrets.variables(service, {f"MARKETDAY_{key}": value for key, value in secret.items()}),
            ready=HttpCheck(port=port),
            after=tuple(after),
        )


def plane_edge(ground: Ground, callers: Callers) -> Edge:
    """Return the plane's nginx, which trusts `callers` to name the client."""
    return Edge(ground.folder.path / "nginx", ground.ports["edge"], ground.secrets.get("edge"), callers)


def lay_ground(folder: PlaneFolder, plane_id: str, names: Sequence[str], nice: int = 0) -> Ground:
    """Make the plane's folder and choose its account and ports, the same at every call."""
    private_folder(folder.path)
    private_folder(folder.path / "logs")
    passable_folder(folder.path, account_of(folder.path))
    runs = folder.is_watched() or bool(find(plane_id, folder.path))
    return Ground(folder, plane_id, assigned_ports(folder.path / "ports.json", names, keep=runs), nice)


def lay_servers(ground: Ground, programs_folder: Path) -> tuple[ProcessSpec, ProcessSpec]:
    """Make the cluster and Valkey's folder; return their processes.

    Raises:
        LocalError: the cluster cannot be made.

    """
    cluster = ground.postgres(postgres_programs(programs_folder))
    if not (cluster.folder / "data").exists():  # end an initdb that still runs
        kill(find(ground.plane_id, ground.folder.path, "postgres"))
    postgres.create_cluster(cluster.folder, cluster.programs, cluster.password)
    memory = ground.valkey()
    valkey.write_configuration(memory)
    return cluster.spec(), memory.spec()


async def bring_up(
    ground: Ground,
    servers: Sequence[ProcessSpec],
    services: Sequence[ProcessSpec],
    prepare: Callable[[], Awaitable[None]],
) -> None:
    """Start `servers`, then do `prepare`, then start `services`; return when all are ready.

    Processes that run already with the same description keep running.

    Raises:
        NotReady: a process did not become ready in time.

    """
    names = {spec.name for spec in servers}
    others = [spec for spec in _running_description(ground.folder) if spec.name not in names]
    await asyncio.to_thread(_run, ground, [*servers, *others], servers)
    await prepare()
    await asyncio.to_thread(_run, ground, [*servers, *services], services)


def _running_description(folder: PlaneFolder) -> Sequence[ProcessSpec]:
    try:
        return folder.read_plane().processes
    except NotOurs:
        return ()


def _run(ground: Ground, described: Sequence[ProcessSpec], awaited: Sequence[ProcessSpec]) -> None:
    folder = ground.folder
    folder.write_plane(Plane(plane_id=ground.plane_id, processes=tuple(described), nice=ground.nice))
    start_plane(folder.path)
    reload_plane(folder.path)
    for spec in awaited:
        wait_until_ready(spec, folder.is_watched, folder.log(spec.name))
