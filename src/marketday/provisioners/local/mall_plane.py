"""The mall's plane on this machine, and the plane of the payment gateway's sandbox, which plays another company."""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

import structlog

from marketday.accounts.tokens import new_signing_key
from marketday.kit.files import sql_folder
from marketday.kit.migrations import migrate
from marketday.kit.private import private_folder, write_whole
from marketday.provisioners.local.accounts import passable_folder
from marketday.provisioners.local.binaries import compile_modules
from marketday.provisioners.local.bringing_up import (
    SERVICES,
    Ground,
    bring_up,
    lay_ground,
    lay_servers,
    plane_edge,
)
from marketday.provisioners.local.callers import Callers, keep_callers, read_callers
from marketday.provisioners.local.counts import keep_processes
from marketday.provisioners.local.databases import ensure_database, wait_for_nobody
from marketday.provisioners.local.errors import HomeUnusable, LocalError, NotOurs, ProcessFailed
from marketday.provisioners.local.home import RESTORE_MARK, Home
from marketday.provisioners.local.model import ProcessSpec
from marketday.provisioners.local.nginx import CONSOLE_HOST, MALL_HOST
from marketday.provisioners.local.ports import port_of, read_ports
from marketday.provisioners.local.start_stop import end_plane, ensure_supervisor

DATABASE = "mall"
BACKUP_FILE = "backup.json"  # how a backup was set up: backup/configuration.py
_GATEWAY_NAME = "name"  # the file with the sandbox's host name, if it has one
SLACK_WEBHOOK = "slack-webhook"  # the file of the mall's secrets with its address, written by the operator
_MALL_PORTS = ("edge", "postgres", "valkey", "mall", "console", "controller", "console-edge")
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, repr=False)
class MallPlane:
    """The mall's addresses and credentials for the prod side. It contains secrets and is never logged."""

    home: Home
    port: int  # the port of its nginx
    public_url: str
    console_url: str
    database_url: str
    valkey_url: str
    signing_key_file: Path
    media_folder: Path
    gateway_url: str
    gateway_key: str
    callers: Callers


async def start_mall(
    home: Home, *, proxies: str | None = None, crowd: bool | None = None, processes: int | None = None
) -> MallPlane:
    """Start the sandbox and the migrated mall, and return when all is ready; what runs already keeps running.

    `proxies` may name the client of a request; with `crowd`, a crowd with its key may too. `processes` is how many
    processes of gate and of store new event planes get. None changes nothing.

    Raises:
        NotReady: a process did not become ready in time; the detail has the end of its log.
        LocalError: the cluster or a supervisor could not be made.

    """
    if (home.root / RESTORE_MARK).exists():
        raise HomeUnusable(f"{home.link} is only half restored; repeat the command `marketday restore`, or remove it")
    await asyncio.to_thread(compile_modules)
    await start_sandbox(home)
    ground = await asyncio.to_thread(lay_ground, home.mall, home.plane_id("mall"), _MALL_PORTS)
    ground.secrets.get("signing-key.json", new_signing_key)
    keep_callers(ground.secrets, proxies=proxies, crowd=crowd)
    keep_processes(home.mall.path, processes)
    servers = await asyncio.to_thread(lay_servers, ground, home.programs)
    plane = read_mall(home)
    ground.secrets.lend("signing-key.json", ground.account)
    passable_folder(plane.media_folder)

    async def prepare() -> None:
        if archiver is None:  # otherwise the database may still wait for an archiver that was removed
            await wait_for_nobody(ground.postgres(home.programs).url())
        await ensure_database(ground.postgres(home.programs).url(), DATABASE)
        await migrate(plane.database_url, sql_folder("mall"))

    archiver = _archiver(ground, home)
    started = servers if archiver is None else (*servers, archiver)
    await bring_up(ground, started, _services(ground, plane), prepare)
    return plane


def _archiver(ground: Ground, home: Home) -> ProcessSpec | None:
    """Return the process that makes backups, if a backup is set up. It starts early: a database waits for it."""
    if not (ground.folder.path / BACKUP_FILE).exists():
        return None
    return ProcessSpec(
        name="archiver",
        argv=(sys.executable, "-P", "-m", f"{SERVICES}.archiver"),
        folder=str(private_folder(ground.folder.path / "archiver")),
        environment={"MARKETDAY_HOME": str(home.link)},
        after=("postgres",),  # it has no walls: it reads every plane's database, keys and pictures
    )


def read_mall(home: Home) -> MallPlane:
    """Return the mall's plane as it was made, whether it runs or not.

    Raises:
        NotOurs: it was never made.

    """
    ground = _made_ground(home, "mall")
    sandbox = _made_ground(home, "sandbox")
    port = ground.ports["edge"]
    console_port = ground.ports.get("console-edge", port)  # homes of earlier versions have none until the next start
    return MallPlane(
        home=home,
        port=port,
        public_url=f"http://{MALL_HOST}:{port}",
        console_url=f"http://{CONSOLE_HOST}:{console_port}",
        database_url=ground.postgres(home.programs).url(DATABASE),
        valkey_url=ground.valkey().url(),
        signing_key_file=ground.secrets.path("signing-key.json"),
        media_folder=ground.folder.path / "media",
        gateway_url=f"http://{_gateway_host(home)}:{sandbox.ports['sandbox']}",
        gateway_key=sandbox.secrets.get("gateway"),
        callers=read_callers(ground.secrets),
    )


async def stop_everything(home: Home) -> None:
    """End every plane of this home in order: event planes, then the mall, then the sandbox.

    The mall's archiver keeps what an event plane still sells until its database has ended. The mall's controller may
    have made an event plane in that time, so they are ended again after it.

    Raises:
        LocalError: something could not be ended; everything else is ended.

    """
    left = dict[Path, str]()
    for folder, plane_id in [*home.event_folders(), *home.folders()]:
        try:
            await asyncio.to_thread(end_plane, folder.path, plane_id)
            left.pop(folder.path, None)
        except (LocalError, OSError) as error:
            left[folder.path] = f"{folder.path.name}: {error}"
    if left:
        told = "; ".join(left.values())
        raise ProcessFailed(
            f"not everything could be ended: {told}. Everything else is stopped; try `marketday down` again"
        )


async def revive(home: Home) -> list[str]:
    """Restart every supervisor of this home that has ended; return the names of their planes.

    If one cannot be restarted, the others still are.
    """
    revived = []
    for folder in home.planes():
        try:
            if await asyncio.to_thread(ensure_supervisor, folder.path):
                revived.append(folder.path.name)
        except (LocalError, OSError) as error:  # OSError: the plane was just removed
            _log.warning("supervisor_not_revived", plane=folder.path.name, detail=str(error))
    return revived


async def start_sandbox(home: Home) -> None:
    """Start the sandbox of the payment gateway, and return when it is ready."""
    ground = await asyncio.to_thread(lay_ground, home.sandbox, home.plane_id("sandbox"), ("sandbox",))
    address = f"http://{_gateway_host(home)}:{ground.ports['sandbox']}"
    variables = {"DATABASE_FILE": str(ground.folder.path / "sandbox" / "ledger.sqlite"), "PUBLIC_URL": address}
    secret = {"GATEWAY_KEY": ground.secrets.get("gateway")}
    service = ground.service("sandbox", variables, secret, walls=ground.own_walls("sandbox"))

    async def nothing() -> None: ...

    await bring_up(ground, (), (service,), nothing)


def _services(ground: Ground, plane: MallPlane) -> list[ProcessSpec]:
    database = {"DATABASE_URL": plane.database_url}
    addresses = {"PUBLIC_URL": plane.public_url, "GATEWAY_URL": plane.gateway_url}
    keys = {"SIGNING_KEY_FILE": str(plane.signing_key_file)}
    both = ("postgres", "valkey")
    ports = ground.ports
    edge = plane_edge(ground, plane.callers)
    edge_key = {"EDGE_KEY": edge.key}
    mall = ground.service(
        "mall",
        {**addresses, **keys, "MEDIA_FOLDER": str(plane.media_folder)},
        {**database, **edge_key, "VALKEY_URL": plane.valkey_url, "GATEWAY_KEY": plane.gateway_key},
        walls=ground.own_walls(
            "mall",
            read=[plane.signing_key_file, plane.media_folder],
            connect=[ports["postgres"], ports["valkey"], port_of(plane.gateway_url)],
        ),
        after=both,
    )
    console = ground.service(
        "console",
        {"PUBLIC_URL": plane.console_url, "PLANES_URL": f"http://127.0.0.1:{ports['controller']}/planes"},
        {**database, **edge_key, "VALKEY_URL": plane.valkey_url},
        walls=ground.own_walls("console", connect=None),  # it calls planes that do not exist yet
        after=both,
    )
    controller = ground.service(
        "controller",
        {**addresses, **keys, "HOME": str(plane.home.link)},
        {**database, "GATEWAY_KEY": plane.gateway_key, **_slack(ground)},
        walls=None,  # the controller makes and removes planes
        after=("postgres",),
    )
    nginx = edge.write_mall(mall=ports["mall"], console=ports["console"], console_port=ports["console-edge"])
    return [nginx, mall, console, controller]


def name_gateway(home: Home, host: str) -> None:
    """Let every process find the gateway's sandbox under the name `host`, which has to resolve to this machine."""
    private_folder(home.sandbox.path)
    write_whole(home.sandbox.path / _GATEWAY_NAME, host)


def _gateway_host(home: Home) -> str:
    file = home.sandbox.path / _GATEWAY_NAME
    return file.read_text("utf-8").strip() if file.is_file() else "127.0.0.1"


def _slack(ground: Ground) -> dict[str, str]:
    """Return the address of the operator's webhook in Slack, if there is one."""
    file = ground.secrets.path(SLACK_WEBHOOK)
    return {"SLACK_WEBHOOK": file.read_text("utf-8").strip()} if file.is_file() else {}


def _made_ground(home: Home, name: str) -> Ground:
    folder = {"mall": home.mall, "sandbox": home.sandbox}[name]
    ports = read_ports(folder.path / "ports.json")
    if not ports:
        raise NotOurs(f"{folder.path} has no ports.json; expected a mall that was started before")
    return Ground(folder, home.plane_id(name), ports)
