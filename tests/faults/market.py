"""A mall with its archiver, an open drop, and people who buy in both and remember what they were told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp

from marketday.accounts.tokens import SigningKey, load_signing_key, sign_identity
from marketday.apps.backup_desk import new_key, set_up, status
from marketday.apps.demo import open_mall
from marketday.apps.local_lifecycle import open_lifecycle, prod_side
from marketday.cli.backup import BackupWish
from marketday.crowd.http.setup import loopback_session
from marketday.demo.setting import order_goods, stock_shelves
from marketday.drops.definition import DropDefinition
from marketday.environments.model import State
from marketday.kit.clock import SystemClock
from marketday.kit.database import connect
from marketday.kit.ids import new_id
from marketday.provisioners.local.home import Home, open_home
from marketday.provisioners.local.mall_plane import MallPlane, read_mall, start_mall, stop_everything
from marketday.waitingroom.tokens import sign
from marketday.web.drop_cookies import DropCookies

from .plane import until

SLUG = "dawn-serum"
STOCK = 100_000
_PAUSE_SECONDS = 0.05


@dataclass
class Market:
    """A mall that runs with its drop."""

    home: Home
    plane: MallPlane
    folder: Path  # of the backup, its stream and its key
    sku: str
    shopper_sessions: tuple[str, ...]
    environment_id: UUID
    event_url: str

    @property
    def key(self) -> SigningKey:
        return load_signing_key(self.plane.signing_key_file)

    @property
    def drop_url(self) -> str:
        """The URL of the drop's database."""
        folder = self.home.environment(self.environment_id).path
        return database_url(folder, "drop")

    def headers(self, person: UUID) -> dict[str, str]:
        """Return what an admitted person sends to the drop."""
        now = datetime.now(UTC)
        folder = self.home.environment(self.environment_id).path
        admission_key = bytes.fromhex((folder / "secrets" / "admission").read_text("utf-8").strip())
        identity = sign_identity(self.key, person, self.plane.public_url, now, 3600)
        admission = sign(admission_key, SLUG, person, now + timedelta(seconds=3600), 0)
        cookies = DropCookies(self.event_url)
        return {
            "Authorization": f"Bearer {identity}",
            "Marketday-Admission": admission,
            "Idempotency-Key": str(person),
            "Cookie": f"{cookies.identity(SLUG)}={identity}; {cookies.admission(SLUG)}={admission}",
        }


def database_url(plane: Path, name: str) -> str:
    from marketday.provisioners.local.ports import read_ports

    password = (plane / "secrets" / "postgres").read_text("utf-8").strip()
    return f"postgresql://marketday:{password}@127.0.0.1:{read_ports(plane / 'ports.json')['postgres']}/{name}"


@asynccontextmanager
async def market(path: Path, folder: Path) -> AsyncIterator[Market]:
    """Start a mall, set up its backup in `folder`, and open a drop; at the end everything is stopped."""
    home = open_home(path)
    try:
        plane = await start_mall(home, crowd=True)
        async with open_mall(plane) as mall:
            await stock_shelves(mall, plane)
            seeded = await mall.seed_people(20, SystemClock().now())
            definition = _definition()
            await order_goods(mall, definition)
        await protect(home, folder)
        async with open_lifecycle(prod_side(plane)) as lifecycle:
            environment = await lifecycle.service.request(definition, build_now=True)

            async def is_open() -> bool:
                found = await lifecycle.store.get(environment.id)
                assert found.state is not State.FAILED, found.failure
                return found.state is State.OPEN

            await until(is_open)
            outputs = (await lifecycle.store.get(environment.id)).outputs
        sku = await _something(plane)
        sessions = tuple(session for _, session in seeded)
        yield Market(home, plane, folder, sku, sessions, environment.id, outputs["public_url"])
    finally:
        await stop_everything(home)


async def protect(home: Home, folder: Path) -> None:
    """Set up the backup, and wait until commits are kept on the second folder."""
    key = folder / "key"
    if not key.exists():
        new_key(home.link, key)
    wish = BackupWish(str(folder / "store"), key, folder / "stream", None, 24, 7, None)
    await set_up(home.link, wish, lambda _: None)
    await until(lambda: status(home.link)[1])


def _definition() -> DropDefinition:
    now = datetime.now(UTC).replace(microsecond=0)
    return DropDefinition.model_validate(
        {
            "slug": SLUG,
            "name": {"ko": "새벽 세럼", "en": "Dawn Serum"},
            "zone": "Asia/Seoul",
            "opens_at": now + timedelta(seconds=40),
            "closes_at": now + timedelta(hours=2),
            "regions": ["ap-northeast-2"],
            "products": [{"sku": "DAWN-SNOW-30", "stock": STOCK, "limit_per_person": 1}],
            "schedule": {"room_opens_at": now + timedelta(seconds=30)},
        }
    )


async def _something(plane: MallPlane) -> str:
    """Return an item that the mall sells, and see to it that there is enough of it."""
    connection = await connect(plane.database_url)
    try:
        sku: str = await connection.fetchval(
            "SELECT v.sku FROM variants AS v JOIN products AS p ON p.id = v.product_id "
            "WHERE p.status = 'active' AND v.sku <> 'DAWN-SNOW-30' ORDER BY v.sku LIMIT 1"
        )
        await connection.execute("UPDATE variants SET stock = 1000000 WHERE sku = $1", sku)
    finally:
        await connection.close()
    return sku


@dataclass
class Buyers:
    """People who buy in the mall and in the drop, one order after the other, and remember what they were told."""

    market: Market
    session: aiohttp.ClientSession
    mall: dict[UUID, int] = field(default_factory=dict)  # order -> total, as the mall told it
    drop: dict[UUID, UUID] = field(default_factory=dict)  # order -> person, as the drop told it
    unanswered: int = 0

    async def in_mall(self, cookie: str) -> None:
        """Buy in the mall until cancelled."""
        url = self.market.plane.public_url
        headers = {"Authorization": f"Bearer {cookie}", "Cookie": f"session={cookie}"}
        while True:
            line = {**headers, "Idempotency-Key": str(new_id())}
            await self._told("PUT", f"{url}/v1/cart/lines/{self.market.sku}", line, {"quantity": 1})
            order = {**headers, "Idempotency-Key": str(new_id())}
            bought = await self._told("POST", f"{url}/v1/orders", order, {"method": "card_ok"})
            if bought.get("state") == "paid":
                self.mall[UUID(bought["id"])] = bought["total_minor"]

    async def in_drop(self) -> None:
        """Buy in the drop until cancelled."""
        url = self.market.event_url
        while True:
            person = new_id()
            headers = self.market.headers(person)
            wish = {"sku": "DAWN-SNOW-30", "quantity": 1}
            held = await self._told("POST", f"{url}/v1/drops/{SLUG}/reservations", headers, wish)
            if "id" not in held:
                continue
            path = f"{url}/v1/reservations/{held['id']}/payment"
            paid = await self._told("POST", path, headers, {"method": "card_ok"})
            if paid.get("order"):
                self.drop[UUID(paid["order"]["id"])] = person

    async def _told(self, method: str, url: str, headers: dict[str, str], body: Any) -> Any:
        """Repeat a request with its key until there is an answer that is not 5xx, and return its document."""
        while True:
            with suppress(aiohttp.ClientError, OSError, TimeoutError):
                async with self.session.request(method, url, json=body, headers=headers) as answer:
                    document = await answer.json(content_type=None)
                    if answer.status < 500:
                        return document
            self.unanswered += 1
            await asyncio.sleep(_PAUSE_SECONDS)

    async def lost(self, mall_url: str, drop_url: str) -> list[str]:
        """Return what was told and is absent from these databases, or different there."""
        mall, drop = await connect(mall_url), await connect(drop_url)
        try:
            rows = await mall.fetch("SELECT id, total_minor FROM orders WHERE state = 'paid'")
            kept = {row["id"]: row["total_minor"] for row in rows}
            rows = await drop.fetch("SELECT id, person_id FROM orders WHERE state = 'paid'")
            sold = {row["id"]: row["person_id"] for row in rows}
        finally:
            await mall.close()
            await drop.close()
        found = [f"order {one} of the mall" for one, total in self.mall.items() if kept.get(one) != total]
        return found + [f"order {one} of the drop" for one, who in self.drop.items() if sold.get(one) != who]


@asynccontextmanager
async def buying(market: Market, *, in_mall: int = 3, in_drop: int = 4) -> AsyncIterator[Buyers]:
    """Let people buy while the context lasts."""
    async with loopback_session() as session:
        buyers = Buyers(market, session)
        work = [buyers.in_mall(cookie) for cookie in market.shopper_sessions[:in_mall]]
        work += [buyers.in_drop() for _ in range(in_drop)]
        tasks = [asyncio.create_task(one) for one in work]
        try:
            yield buyers
            assert not [task.exception() for task in tasks if task.done()]
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


__all__ = ["Buyers", "Market", "buying", "market", "protect", "read_mall"]
