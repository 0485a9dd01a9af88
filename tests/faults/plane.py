"""An event plane of real processes, with a drop that sells, and shoppers who never stop asking it."""

import asyncio
import hashlib
import json
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import psutil

from marketday.accounts.tokens import SigningKey, public_jwks, sign_identity
from marketday.apps.payment_gateway import open_gateway
from marketday.drops.definition import DropDefinition
from marketday.environments.model import Environment, requested
from marketday.kit.database import connect
from marketday.kit.ids import new_id
from marketday.kit.valkey import connect as connect_valkey
from marketday.provisioners.local.accounts import passable_folder
from marketday.provisioners.local.binaries import compile_modules
from marketday.provisioners.local.counts import keep_processes
from marketday.provisioners.local.event_plane import Given
from marketday.provisioners.local.home import Home, open_home
from marketday.provisioners.local.mall_plane import start_sandbox, stop_everything
from marketday.provisioners.local.plane_folder import PlaneFolder
from marketday.provisioners.local.ports import read_ports
from marketday.provisioners.local.provisioner import LocalProvisioner
from marketday.provisioners.local.readiness import is_ready
from marketday.provisioners.local.start_stop import ProcessStatus, plane_status
from marketday.testing.accounts import a_signing_key
from marketday.testing.drops import SKU, SLUG, Shop
from marketday.waitingroom.draw import commitment
from marketday.waitingroom.model import Facts
from marketday.waitingroom.tokens import sign
from marketday.waitingroom.valkey import ValkeyRooms
from marketday.web.drop_cookies import DropCookies

MALL = "http://mall.localhost:1"
STOCK = 1_000_000
SEED = hashlib.sha256(b"a seed").digest()


class NoReceipts:
    """Verifies nothing: these planes are removed with their folder."""

    def check(self, token: str, environment_id: UUID) -> None:
        """Accept any."""


@dataclass
class EventPlane:
    """A plane that runs, and what one needs to be its mall and its shoppers."""

    folder: Path
    address: str
    host: str
    key: SigningKey
    admission_key: bytes
    shop: Shop

    def status(self, name: str) -> ProcessStatus:
        """Return the state of a process."""
        return next(one for one in plane_status(self.folder) if one.name == name)

    def is_ready(self, name: str) -> bool:
        """Return whether a process runs and answers."""
        check = PlaneFolder(self.folder).read_plane().spec(name).ready
        return self.status(name).alive and check is not None and is_ready(check)

    def send(self, name: str, number: signal.Signals) -> int:
        """Send a signal to a process, and to those that it started; return its number."""
        pid = self.status(name).pid
        assert pid is not None
        family = psutil.Process(pid).children(recursive=True) if number != signal.SIGKILL else []
        for each in (pid, *(child.pid for child in family)):
            with suppress(ProcessLookupError):
                os.kill(each, number)
        return pid

    def headers(self, person: UUID) -> dict[str, str]:
        """Return what an admitted person sends: both tokens, and a key for one write."""
        now = datetime.now(UTC)
        identity = sign_identity(self.key, person, MALL, now, 3600)
        admission = sign(self.admission_key, SLUG, person, now + timedelta(seconds=600), 0)
        cookies = DropCookies(f"http://{self.host}")
        return {
            "Authorization": f"Bearer {identity}",
            "Marketday-Admission": admission,
            "Idempotency-Key": str(new_id()),
            "Cookie": f"{cookies.identity(SLUG)}={identity}; {cookies.admission(SLUG)}={admission}",
        }

    @asynccontextmanager
    async def session(self) -> AsyncIterator[aiohttp.ClientSession]:
        """Open a client of the edge, which sends each request once."""
        limits = aiohttp.ClientTimeout(total=120)
        async with aiohttp.ClientSession(self.address, headers={"Host": self.host}, timeout=limits) as session:
            yield session


@asynccontextmanager
async def event_plane(path: Path, *, processes: int = 2) -> AsyncIterator[EventPlane]:
    """Make a plane in a home of its own, with an open drop; at the end everything is stopped."""
    compile_modules()
    home = open_home(path)
    passable_folder(home.mall.path)
    keep_processes(home.mall.path, processes)
    try:
        await start_sandbox(home)
        environment = an_environment()
        key = a_signing_key()
        gateway_url = f"http://127.0.0.1:{read_ports(home.sandbox.path / 'ports.json')['sandbox']}"
        gateway_key = (home.sandbox.path / "secrets" / "gateway").read_text("utf-8").strip()
        given = Given(json.dumps(public_jwks(key, MALL)), MALL, gateway_url)
        async with open_gateway(gateway_url, gateway_key) as gateway:
            provisioner = LocalProvisioner(home, given, NoReceipts(), gateway)  # type: ignore[arg-type]
            await provisioner.apply(environment)
        async with _selling(home, environment, provisioner, key) as plane:
            yield plane
    finally:
        await stop_everything(home)


@asynccontextmanager
async def _selling(
    home: Home, environment: Environment, provisioner: LocalProvisioner, key: SigningKey
) -> AsyncIterator[EventPlane]:
    access = await provisioner.access(environment)
    folder = home.environment(environment.id).path
    client = connect_valkey(access.valkey_url)
    owner = await connect(access.database_url)
    try:
        shop = Shop(owner)
        await shop.drop(opens=-60, closes=36_000)
        await shop.item(stock=STOCK)
        await ValkeyRooms(client).publish_drop(open_facts())
        admission_key = bytes.fromhex((folder / "secrets" / "admission").read_text("utf-8").strip())
        yield EventPlane(folder, access.address, access.host, key, admission_key, shop)
    finally:
        await owner.close()
        await client.aclose()


def an_environment() -> Environment:
    now = datetime.now(UTC)
    definition = DropDefinition.model_validate(
        {
            "slug": SLUG,
            "name": {"ko": "드롭", "en": "A drop"},
            "zone": "Asia/Seoul",
            "opens_at": now + timedelta(minutes=1),
            "closes_at": now + timedelta(minutes=2),
            "regions": ["ap-northeast-2"],
            "products": [{"sku": SKU, "stock": 1, "limit_per_person": 1}],
        }
    )
    return requested(new_id(), definition, definition.schedule())


def open_facts() -> Facts:
    now = datetime.now(UTC).replace(microsecond=0)
    return Facts(
        slug=SLUG,
        room_opens_at=now - timedelta(minutes=30),
        opens_at=now - timedelta(minutes=1),
        closes_at=now + timedelta(hours=10),
        admission_seconds=600,
        commitment=commitment(SEED),
        name_ko="새벽 세럼",
        name_en="Dawn Serum",
        zone="Asia/Seoul",
        rejoins=1,
    )


@dataclass
class Shoppers:
    """People who join, look, reserve, pay and read pages, one request after the other; none is sent twice."""

    plane: EventPlane
    session: aiohttp.ClientSession
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    @property
    def failed(self) -> list[str]:
        """Return requests that were answered with 5xx or not at all."""
        return self.broken

    def good(self, what: str) -> int:
        """Return how many requests of a kind were answered as they should."""
        return sum(count for (asked, status), count in self.answers.items() if asked == what and status < 400)

    async def shop(self) -> None:
        """Be one person after the other until cancelled."""
        while True:
            headers = self.plane.headers(new_id())
            await self.ask("join", "POST", f"/v1/drops/{SLUG}/entries", headers)
            await self.ask("now", "GET", f"/v1/drops/{SLUG}/now", headers)
            await self.ask("room", "GET", f"/drops/{SLUG}/room", headers)
            await self.ask("page", "GET", f"/drops/{SLUG}", headers)
            wish = {"sku": SKU, "quantity": 1}
            held = await self.ask("reserve", "POST", f"/v1/drops/{SLUG}/reservations", headers, wish)
            if held is not None and "id" in held:
                path = f"/v1/reservations/{held['id']}"
                await self.ask("pay", "POST", f"{path}/payment", headers, {"method": "card_ok"})
                await self.ask("look", "GET", path, headers)

    async def ask(self, what: str, method: str, path: str, headers: dict[str, str], body: Any = None) -> Any:
        """Send one request and count its answer; return the answer's document, if it has one."""
        try:
            async with self.session.request(method, path, json=body, headers=headers, allow_redirects=False) as answer:
                text = await answer.text()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            self.broken.append(f"{what}: {type(error).__name__} {error}")
            return None
        self.answers[what, answer.status] += 1
        if answer.status >= 500:
            self.broken.append(f"{what}: {answer.status} {text}")
        return json.loads(text) if answer.content_type == "application/json" else None


@asynccontextmanager
async def shopping(plane: EventPlane, people: int = 4) -> AsyncIterator[Shoppers]:
    """Let `people` shop at a time while the context lasts; their last requests are answered before it ends."""
    async with plane.session() as session:
        shoppers = Shoppers(plane, session)
        tasks = [asyncio.create_task(shoppers.shop()) for _ in range(people)]
        try:
            yield shoppers
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def until(true: Callable[[], Any | Awaitable[Any]], seconds: float = 120) -> None:
    """Poll until it is true; fail after a long time, which no test depends on."""
    async with asyncio.timeout(seconds):
        while True:
            found = true()
            if await found if isinstance(found, Awaitable) else found:
                return
            await asyncio.sleep(0.02)
