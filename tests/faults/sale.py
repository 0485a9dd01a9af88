"""A sale on an event plane of real processes, and people who remember what they were promised."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp

from marketday.accounts.tokens import SigningKey, public_jwks, sign_identity
from marketday.apps.payment_gateway import open_gateway
from marketday.environments.model import Environment
from marketday.environments.ports import Access
from marketday.kit.database import connect
from marketday.kit.ids import new_id
from marketday.kit.valkey import connect as connect_valkey
from marketday.payments.ports import GatewayState
from marketday.provisioners.local import mall_plane
from marketday.provisioners.local.accounts import passable_folder
from marketday.provisioners.local.binaries import compile_modules
from marketday.provisioners.local.event_plane import Given
from marketday.provisioners.local.home import Home, open_home
from marketday.provisioners.local.ports import read_ports
from marketday.provisioners.local.provisioner import LocalProvisioner
from marketday.provisioners.local.start_stop import plane_status
from marketday.testing.accounts import a_signing_key
from marketday.testing.drops import SKU, SLUG, Shop
from marketday.waitingroom.tokens import sign
from marketday.waitingroom.valkey import ValkeyRooms

from .plane import MALL, SEED, STOCK, an_environment, open_facts

_PAUSE_SECONDS = 0.05


@dataclass
class Plane:
    """A plane that runs."""

    folder: Path
    address: str
    host: str
    key: SigningKey
    admission_key: bytes
    access: Access
    shop: Shop
    rooms: ValkeyRooms
    valkey: Any
    gateway: Any

    def processes(self, kind: str) -> Iterator[int]:
        """Return the process ids of `kind`: all gates, all stores, ..."""
        for one in plane_status(self.folder):
            if one.name.partition("-")[0] == kind and one.pid is not None:
                yield one.pid

    def send(self, kind: str, number: signal.Signals) -> None:
        """Send a signal to every process of `kind`, and to those that they have started."""
        for pid in self.processes(kind):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def headers(self, person: UUID) -> dict[str, str]:
        """Return what an admitted person sends."""
        now = datetime.now(UTC)
        return {
            "Host": self.host,
            "Authorization": f"Bearer {sign_identity(self.key, person, MALL, now, 3600)}",
            "Marketday-Admission": sign(self.admission_key, SLUG, person, now + timedelta(seconds=3600), 0),
            "Idempotency-Key": str(person),
        }


@asynccontextmanager
async def selling(path: Path) -> AsyncIterator[Plane]:
    """Make a plane in a home of its own, with a drop that is open; at the end everything is stopped."""
    compile_modules()
    home = open_home(path)
    passable_folder(home.mall.path)
    try:
        await mall_plane.start_sandbox(home)
        environment, key = an_environment(), a_signing_key()
        gateway_url = f"http://127.0.0.1:{read_ports(home.sandbox.path / 'ports.json')['sandbox']}"
        gateway_key = (home.sandbox.path / "secrets" / "gateway").read_text("utf-8").strip()
        async with open_gateway(gateway_url, gateway_key) as gateway:
            given = Given(json.dumps(public_jwks(key, MALL)), MALL, gateway_url)
            provisioner = LocalProvisioner(home, given, None, gateway)  # type: ignore[arg-type]
            await provisioner.apply(environment)
            async with _opened(home, environment, provisioner, key, gateway) as plane:
                yield plane
    finally:
        await mall_plane.stop_everything(home)


@asynccontextmanager
async def _opened(
    home: Home, environment: Environment, provisioner: LocalProvisioner, key: SigningKey, gateway: Any
) -> AsyncIterator[Plane]:
    access = await provisioner.access(environment)
    folder = home.environment(environment.id).path
    client, owner = connect_valkey(access.valkey_url), await connect(access.database_url)
    try:
        shop, rooms = Shop(owner), ValkeyRooms(client)
        await shop.drop(closes=36_000)
        await shop.item(stock=STOCK)
        await owner.execute("INSERT INTO draws VALUES ($1, $2, sha256($2))", SLUG, SEED)
        await rooms.publish_drop(open_facts())
        admission_key = bytes.fromhex((folder / "secrets" / "admission").read_text("utf-8").strip())
        yield Plane(folder, access.address, access.host, key, admission_key, access, shop, rooms, client, gateway)
    finally:
        with suppress(Exception):
            await owner.close()
        await client.aclose()


@dataclass
class People:
    """Shoppers one after the other. Each repeats what was not answered with the same key, and remembers promises."""

    plane: Plane
    session: aiohttp.ClientSession
    places: dict[UUID, int] = field(default_factory=dict)  # person -> index
    held: dict[UUID, UUID] = field(default_factory=dict)  # reservation -> person
    orders: dict[UUID, UUID] = field(default_factory=dict)  # order -> person
    unanswered: int = 0  # requests that got no answer, or 5xx

    async def shop(self) -> None:
        """Be one person after the other until cancelled."""
        while True:
            person = new_id()
            headers = self.plane.headers(person)
            place = await self._until_answered("POST", f"/v1/drops/{SLUG}/entries", headers)
            self.places[person] = place["index"]
            wish = {"sku": SKU, "quantity": 1}
            held = await self._until_answered("POST", f"/v1/drops/{SLUG}/reservations", headers, wish)
            self.held[UUID(held["id"])] = person
            paid = await self._until_answered(
                "POST", f"/v1/reservations/{held['id']}/payment", headers, {"method": "card_ok"}
            )
            if paid.get("order"):
                self.orders[UUID(paid["order"]["id"])] = person

    async def _until_answered(self, method: str, path: str, headers: dict[str, str], body: Any = None) -> Any:
        """Repeat a request with its key until there is an answer that is not 5xx, and return its document."""
        while True:
            with suppress(aiohttp.ClientError, OSError, TimeoutError):
                async with self.session.request(method, path, json=body, headers=headers) as answer:
                    document = await answer.json()
                    if answer.status < 500:
                        return document
            self.unanswered += 1
            await asyncio.sleep(_PAUSE_SECONDS)


@asynccontextmanager
async def people(plane: Plane, count: int = 6) -> AsyncIterator[People]:
    """Let `count` people shop at a time while the context lasts."""
    limits = aiohttp.ClientTimeout(total=20)
    async with aiohttp.ClientSession(plane.address, timeout=limits) as session:
        crowd = People(plane, session)
        tasks = [asyncio.create_task(crowd.shop()) for _ in range(count)]
        try:
            yield crowd
            assert not [task.exception() for task in tasks if task.done()]
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def broken_promises(crowd: People) -> list[str]:
    """Return what does not hold: sums, reservations, orders, places, and money, of everyone who was told something."""
    plane = crowd.plane
    if plane.shop.owner.is_closed():  # its server was killed meanwhile
        plane.shop.owner = await connect(plane.access.database_url)
    found = await plane.shop.broken_sums()
    rows = await plane.shop.owner.fetch("SELECT id, person_id FROM reservations")
    kept = {row["id"]: row["person_id"] for row in rows}
    found += [
        f"reservation {one} was promised and is absent" for one, who in crowd.held.items() if kept.get(one) != who
    ]
    rows = await plane.shop.owner.fetch("SELECT id, person_id FROM orders WHERE state = 'paid'")
    orders = {row["id"]: row["person_id"] for row in rows}
    found += [f"order {one} is absent" for one, who in crowd.orders.items() if orders.get(one) != who]
    for what, people_of in (("reservations", kept.values()), ("orders", orders.values())):
        if len(set(people_of)) < len(people_of):
            found.append(f"somebody has two {what}, but sent one key")
    places = {line.person_id: line.index async for lines in plane.rooms.entries(SLUG) for line in lines}
    found += [f"the place of {who} is lost" for who, index in crowd.places.items() if places.get(who) != index]
    if len(set(places.values())) < len(places):
        found.append("two people have one place")
    taken = {
        line.payment.reference async for line in plane.gateway.ledger() if line.payment.state is GatewayState.CAPTURED
    }
    found += [f"money was taken for {one}, which is no order" for one in taken - orders.keys()]
    return found
