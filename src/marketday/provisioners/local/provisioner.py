"""The local provisioner: an environment is a plane of processes on this machine."""

import asyncio
import os
import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from marketday.drops.postgres.roles import ROLES, prepare_drop_database
from marketday.environments.errors import EnvironmentBusy, LeftBehind, NoReceipt, NotBuilt
from marketday.environments.model import Environment
from marketday.environments.ports import Access, Health
from marketday.handback.receipt import ReceiptVerifier
from marketday.kit.errors import MarketdayError
from marketday.kit.private import private_folder, write_whole
from marketday.payments.ports import GatewayKeys
from marketday.provisioners.local import event_plane
from marketday.provisioners.local.accounts import passable_folder
from marketday.provisioners.local.binaries import postgres_programs
from marketday.provisioners.local.bringing_up import Ground, bring_up, lay_ground, lay_servers
from marketday.provisioners.local.counts import count_of, wanted_processes
from marketday.provisioners.local.databases import ensure_database
from marketday.provisioners.local.errors import NotOurs
from marketday.provisioners.local.event_plane import DATABASE, Given, port_names
from marketday.provisioners.local.home import Home, plane_id_of
from marketday.provisioners.local.nginx import EVENT_HOST
from marketday.provisioners.local.plane_folder import RESTORED_MARK, PlaneFolder, held
from marketday.provisioners.local.ports import is_free, read_ports
from marketday.provisioners.local.priority import EVENT_NICE
from marketday.provisioners.local.readiness import is_ready
from marketday.provisioners.local.start_stop import (
    SUPERVISOR,
    end_plane,
    ensure_supervisor,
    leftovers,
    plane_status,
)
from marketday.provisioners.local.walls.standing import standing


class LocalProvisioner:
    """Makes environments as planes under one home. Implements `environments.ports.Provisioner`."""

    def __init__(self, home: Home, given: Given, receipts: ReceiptVerifier, payment_keys: GatewayKeys) -> None:
        """Give each plane `given` from the prod side; `receipts` verifies receipts.

        With `payment_keys` each plane gets its own key to the payment gateway, which is only for its own payments.
        """
        self._home = home
        self._given = given
        self._payment_keys = payment_keys
        self._receipts = receipts

    async def plan(self, environment: Environment) -> Sequence[str]:
        """Return what `apply` would make, with a line for each thing."""
        folder = self._home.environment(environment.id)
        ports, names = read_ports(folder.path / "ports.json"), self._port_names(folder)
        return [
            f"directory {folder.path}",
            *(f"process {'nginx' if name == 'edge' else name}, port {ports.get(name, 'free')}" for name in names),
            f"process {SUPERVISOR}",
            f"database {DATABASE} with the roles {', '.join(ROLES)}",
            f"credentials of its own under {folder.path / 'secrets'}",
            f"payment key of {plane_id_of(environment.id)}",
        ]

    async def apply(self, environment: Environment) -> Mapping[str, str]:
        """Make all parts and start them; new databases are migrated and empty. Parts that exist keep their data.

        Raises:
            EnvironmentBusy: another process is making or removing it now.
            PaymentError: the payment gateway gave it no key.
            LocalError: a part cannot be made or does not become ready.

        """
        folder = self._home.environment(environment.id)
        with _alone(folder):
            names = self._port_names(folder)
            ground = await asyncio.to_thread(lay_ground, folder, plane_id_of(environment.id), names, EVENT_NICE)
            servers = await asyncio.to_thread(lay_servers, ground, self._home.programs)
            cluster = ground.postgres(postgres_programs(self._home.programs))
            passwords = {role: event_plane.role_password(ground, role) for role in ROLES}
            urls = {role: cluster.url(DATABASE, role, password) for role, password in passwords.items()}
            rate = environment.definition.rate_limits.requests_per_second
            services = event_plane.event_services(ground, self._given, urls, environment.drop_slug, rate)

            async def prepare() -> None:
                await ensure_database(cluster.url(), DATABASE)
                await prepare_drop_database(cluster.url(DATABASE), passwords)
                await self._payment_keys.issue(plane_id_of(environment.id), event_plane.payment_key(ground))

            await bring_up(ground, servers, services, prepare)
            write_whole(folder.path / "made", "")
        return {
            "public_url": event_plane.public_url(ground),
            "port": str(ground.ports["edge"]),
            "payment_holder": plane_id_of(environment.id),
            "isolation": str(standing()),
        }

    async def keep_up(self, environment: Environment) -> Sequence[str]:
        """Restart the supervisor if it has ended; it restarts the rest. A plane that was restored is made again."""
        folder = self._home.environment(environment.id)
        if (folder.path / RESTORED_MARK).exists():
            await self.apply(environment)
            (folder.path / RESTORED_MARK).unlink()
            return ["the plane, as it was restored"]
        if not (folder.path / "plane.json").exists():
            return []
        return [SUPERVISOR] if await asyncio.to_thread(ensure_supervisor, folder.path) else []

    async def health(self, environment: Environment) -> Sequence[Health]:
        """Return the health of each process; empty if nothing is built."""
        return await asyncio.to_thread(_health, self._home.environment(environment.id))

    async def access(self, environment: Environment) -> Access:
        """Return how to reach the servers; raises NotBuilt."""
        folder = self._home.environment(environment.id)
        if not (folder.path / "made").exists():
            raise NotBuilt(f"there is no plane in {folder.path}")
        ground = Ground(folder, plane_id_of(environment.id), read_ports(folder.path / "ports.json"))
        return Access(
            database_url=ground.postgres(self._home.programs).url(DATABASE),
            valkey_url=ground.valkey().url(),
            address=f"http://127.0.0.1:{ground.ports['edge']}",
            host=f"{EVENT_HOST}:{ground.ports['edge']}",
        )

    async def open_link(self, environment: Environment) -> None:
        """Do nothing: all servers are on this machine, and each hand-back window makes its own credential."""

    async def close_link(self, environment: Environment) -> None:
        """Do nothing: nothing is open between windows."""

    async def destroy(self, environment: Environment, receipt: str) -> None:
        """Remove processes, ports, directory and credentials, given a genuine receipt.

        Raises:
            NoReceipt: the receipt is not this environment's, or not genuine.
            LeftBehind: something could not be removed.
            PaymentError: the payment gateway did not revoke the plane's key.

        """
        try:
            self._receipts.check(receipt, environment.id)
        except MarketdayError as error:
            raise NoReceipt(str(error)) from error
        folder = self._home.environment(environment.id)
        if folder.path.exists():
            with _alone(folder):
                await asyncio.to_thread(_remove, folder, plane_id_of(environment.id))
        await self._payment_keys.revoke(plane_id_of(environment.id))

    async def leftovers(self, environment_id: UUID) -> Sequence[str]:
        """Return what still exists of an environment, found without its records."""
        folder = self._home.environment(environment_id)
        holder = plane_id_of(environment_id)
        ports = _ports_as_far_as_known(folder).values()
        found = await asyncio.to_thread(leftovers, holder, folder.path, ports)
        return [*found, f"payment key of {holder}"] if await self._payment_keys.is_known(holder) else found

    def _port_names(self, folder: PlaneFolder) -> Sequence[str]:
        """Return the names of a plane's ports; a plane keeps the number of processes with which it was made."""
        return port_names(count_of(read_ports(folder.path / "ports.json")) or wanted_processes(self._home.mall.path))


@contextmanager
def _alone(folder: PlaneFolder) -> Iterator[None]:
    """Keep other processes from making or removing this plane at the same time; released when this process ends."""
    passable_folder(folder.path.parent)
    private_folder(folder.path)
    with held(folder.path / "hand.lock", 0) as ours:
        if not ours:
            raise EnvironmentBusy(f"{folder.path} is being made or removed by another process")
        yield


def _health(folder: PlaneFolder) -> list[Health]:
    try:
        statuses = plane_status(folder.path)
        checks = {spec.name: spec.ready for spec in folder.read_plane().processes}
    except NotOurs:
        return []
    found = []
    for status in statuses:
        check = checks.get(status.name)
        healthy = status.alive and (check is None or is_ready(check))
        state = "ready" if healthy else "running, not ready" if status.alive else "not running"
        found.append(Health(status.name, healthy, f"{state}, restarted {status.restarts} times"))
    return found


def _remove(folder: PlaneFolder, plane_id: str) -> None:
    """Remove the description first and the directory last, so that a removal that was killed is done again."""
    end_plane(folder.path, plane_id)
    ports = _ports_as_far_as_known(folder)
    if taken := [f"{name} {port}" for name, port in ports.items() if not is_free(port)]:
        raise LeftBehind(f"something still listens on: {', '.join(taken)}")
    (folder.path / "plane.json").unlink(missing_ok=True)
    _remove_tree(folder.path)


def _ports_as_far_as_known(folder: PlaneFolder) -> dict[str, int]:
    try:
        return read_ports(folder.path / "ports.json")
    except NotOurs:  # a damaged file does not stop the removal
        return {}


def _remove_tree(path: Path) -> None:
    try:
        _open_folders(path)
        shutil.rmtree(path)
    except OSError as error:
        raise LeftBehind(f"directory {path}: {error}") from error


def _open_folders(path: Path) -> None:
    """Open folders that a process closed: otherwise an ordinary user could not remove them."""
    for place, folders, _ in os.walk(path):
        for folder in (Path(place, name) for name in folders):
            found = folder.lstat()
            if stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_IRWXU != stat.S_IRWXU:
                folder.chmod(stat.S_IRWXU)
