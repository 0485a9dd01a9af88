"""A mall and an event plane as the product starts them, in a home of the bench's own."""

import asyncio
import json
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import chain, count
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import psutil

from bench.people import People
from marketday.accounts.tokens import parse_jwks
from marketday.apps.payment_gateway import open_gateway
from marketday.catalog.model import Wish
from marketday.catalog.postgres import PostgresProductStore
from marketday.catalog.service import CatalogService
from marketday.drops.definition import DropDefinition
from marketday.drops.model import Drop
from marketday.drops.postgres.handover import HandedItem, write_drop
from marketday.environments.model import Environment, requested
from marketday.environments.plane.hand_over import publish_facts
from marketday.environments.plane.reaching import drop_connection, rooms
from marketday.environments.ports import Access
from marketday.handback.receipt import ReceiptVerifier
from marketday.kit.database import make_pool
from marketday.kit.files import examples_folder
from marketday.kit.ids import new_id
from marketday.provisioners.local.event_plane import Given
from marketday.provisioners.local.home import Home, open_home
from marketday.provisioners.local.mall_plane import MallPlane, start_mall, stop_everything
from marketday.provisioners.local.model import ProcessSpec
from marketday.provisioners.local.plane_folder import PlaneFolder
from marketday.provisioners.local.ports import read_ports
from marketday.provisioners.local.provisioner import LocalProvisioner
from marketday.provisioners.local.secrets import PlaneSecrets
from marketday.provisioners.local.start_stop import plane_status
from marketday.testing.drops import SKU
from marketday.waitingroom.tokens import key_from_hex

PLENTY = 1_000_000_000
_TURNS = 40  # around all pages of the mall; nobody comes to the end of them
_RATES = {"admissions_per_second": 100_000.0, "inside": 10_000_000.0}
_SLUG = "bench"
_T = TypeVar("_T")


@dataclass(frozen=True)
class Market:
    """What runs, and how the benchmarks reach it."""

    home: Home
    mall: MallPlane
    environment: Environment
    access: Access
    people: People
    folder: Path  # for files of the bench
    _numbers: "Iterator[int]"
    _slugs: "Iterator[str]"

    @cached_property
    def plane(self) -> PlaneFolder:
        """The event plane."""
        return self.home.environment(self.environment.id)

    @cached_property
    def port(self) -> int:
        """The port of the event plane's edge."""
        return read_ports(self.plane.path / "ports.json")["edge"]

    @property
    def authority(self) -> str:
        """The name of the event plane in the header Host."""
        return self.access.host

    @property
    def database_url(self) -> str:
        """The drop's database, as its owner."""
        return self.access.database_url

    def database_named(self, name: str) -> str:
        """Return the URL of another database on the same server."""
        return self.database_url.rpartition("/")[0] + f"/{name}"

    @property
    def admission_key(self) -> bytes:
        """The key that gate and store share."""
        return key_from_hex(PlaneSecrets(self.plane.path / "secrets").get("admission"))

    def spec(self, name: str) -> ProcessSpec:
        """Return the description of the plane's process `name`, or of the first of several."""
        return next(spec for spec in self.plane.read_plane().processes if spec.name.split("-")[0] == name)

    def new_folder(self) -> Path:
        """Return an empty folder."""
        folder = self.folder / f"part-{next(self._numbers)}"
        folder.mkdir(mode=0o755)
        return folder

    def new_people(self, number: int, slug: str) -> str:
        """Return a file with people who are new everywhere, and admitted to the drop `slug`."""
        file = self.folder / f"people-{next(self._numbers)}.tsv"
        return str(self.people.write(file, self.people.take(number), slug, self.admission_key))

    def stock_mall(self) -> str:
        """Fill the mall with the example goods; return a file with the paths of its pages, as people look at them."""
        handles = asyncio.run(_stock_mall(self.mall.database_url))
        pages = [path for handle in handles for path in ("/", f"/products/{handle}", "/products", "/search?q=cream")]
        file = self.folder / f"pages-{next(self._numbers)}.tsv"
        file.write_text("\n".join(["path", *pages * _TURNS, ""]))
        return str(file)

    def new_drop(self) -> str:
        """Open a drop with plenty of stock in which everyone is called at once; return its slug.

        The first one is the plane's own, whose document the edge keeps.
        """
        slug = next(self._slugs)
        asyncio.run(_open_drop(self.access, slug))
        return slug

    async def write_drop(self, url: str, slug: str) -> None:
        """Write a drop into another database, where no worker sees it."""
        await _write_drop(replace(self.access, database_url=url), _drop(slug))

    def pids(self) -> dict[str, list[int]]:
        """Return the processes of the event plane and of the sandbox by name, with those that they started."""
        found: dict[str, list[int]] = {}
        for folder in (self.plane, self.home.sandbox):
            for status in plane_status(folder.path):
                if status.alive and status.pid and status.name != "supervisor":
                    family = [status.pid, *(child.pid for child in psutil.Process(status.pid).children(recursive=True))]
                    found.setdefault(status.name.split("-")[0], []).extend(family)
        return found

    def mall_pids(self) -> list[int]:
        """Return all processes of the mall's plane."""
        running = [status.pid for status in plane_status(self.home.mall.path) if status.alive and status.pid]
        return [pid for one in running for pid in (one, *(c.pid for c in psutil.Process(one).children(recursive=True)))]

    def ask(self, work: Callable[["asyncpg.Connection[Any]"], Awaitable[_T]]) -> _T:
        """Do something in the drop's database, as its owner."""

        async def asked() -> _T:
            async with drop_connection(self.access) as connection:
                await connection.execute("SET search_path = public")
                return await work(connection)

        return asyncio.run(asked())


@contextmanager
def open_market(cache: Path) -> Iterator[Market]:
    """Start everything; stop it and remove its files at the end. `cache` keeps signed people for the next run."""
    folder = Path(tempfile.mkdtemp(prefix="marketday-bench-"))
    folder.chmod(0o755)
    home = open_home(folder / "home")
    try:
        people = People(cache)
        mall = asyncio.run(start_mall(home))
        environment = _environment()
        access = asyncio.run(_start_event_plane(home, mall, environment, people))
        yield Market(home, mall, environment, access, people, folder, count(1), chain([_SLUG], _others()))
    finally:
        asyncio.run(stop_everything(home))
        shutil.rmtree(folder)


async def _stock_mall(url: str) -> list[str]:
    async with make_pool(url, max_size=2) as pool:
        catalog = CatalogService(PostgresProductStore(pool), new_id)
        await catalog.import_file((examples_folder() / "catalog.csv").read_bytes())
        return [product.handle for product in (await catalog.listing(Wish(size=100))).products]


async def _start_event_plane(home: Home, mall: MallPlane, environment: Environment, people: People) -> Access:
    jwks = people.jwks()
    given = Given(json.dumps(jwks), mall.public_url, mall.gateway_url, mall.callers)
    async with open_gateway(mall.gateway_url, mall.gateway_key) as gateway:
        provisioner = LocalProvisioner(home, given, ReceiptVerifier(parse_jwks(jwks)), gateway)
        await provisioner.apply(environment)
        return await provisioner.access(environment)


def _others() -> Iterator[str]:
    return (f"{_SLUG}-{number}" for number in count(1))


def _environment() -> Environment:
    now = datetime.now(UTC)
    values = {
        "slug": _SLUG,
        "name": "Bench",
        "zone": "Asia/Seoul",
        "opens_at": now + timedelta(hours=1),
        "closes_at": now + timedelta(hours=2),
        "regions": ["ap-northeast-2"],
        "products": [{"sku": SKU, "stock": 1, "limit_per_person": 1}],
    }
    definition = DropDefinition.model_validate(values)
    return requested(new_id(), definition, definition.schedule())


async def _open_drop(access: Access, slug: str) -> None:
    drop = _drop(slug)
    commitment = await _write_drop(access, drop)
    now = datetime.now(UTC)
    await publish_facts(access, drop, commitment)
    async with rooms(access) as room:
        await room.call(slug, PLENTY, now)
        async with asyncio.timeout(30):
            while (await room.snapshot(slug, now)).draw is None:  # noqa: ASYNC110 - the worker publishes it
                await asyncio.sleep(0.05)


def _drop(slug: str) -> Drop:
    now = datetime.now(UTC)
    return Drop(
        slug=slug,
        name_ko="Bench",
        name_en="Bench",
        room_opens_at=now - timedelta(minutes=2),
        opens_at=now - timedelta(minutes=1),
        closes_at=now + timedelta(hours=1),
        hold_seconds=3600,
        admission_seconds=3600,
        rates=_RATES,
    )


async def _write_drop(access: Access, drop: Drop) -> bytes:
    item = HandedItem(SKU, "새벽 세럼", "Dawn Serum", "<p>Soft.</p>", "", 32000, "KRW", PLENTY, 1)
    async with drop_connection(access) as connection:
        return await write_drop(connection, drop, [item])
