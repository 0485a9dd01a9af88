"""A small market day through the images: command, environment, user, probes and end as the task definitions say."""

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import aiohttp
import pytest
from tests.cloud import stack_variables as given

from marketday.accounts.tokens import SigningKey, public_jwks, sign_identity
from marketday.apps.payment_gateway import open_gateway
from marketday.drops.model import Drop
from marketday.drops.postgres import handover
from marketday.environments.plane.hand_over import publish_facts
from marketday.environments.ports import Access
from marketday.kit.database import connect
from marketday.kit.ids import new_id
from marketday.testing.accounts import a_signing_key
from marketday.testing.drops import SKU, SLUG, Shop

from .containers import Container, of_task
from .in_flight import end_during
from .rendered import PREFIX, containers
from .sandbox import Sandbox

pytestmark = pytest.mark.long

ISSUER = "https://mall.example.com"
PEOPLE, UNITS = 6, 4
LONGEST_ANSWER = aiohttp.ClientTimeout(total=60)
MOST_START_SECONDS = 2.0  # processor time, also of a slow processor; docs/images.md has what was measured


@dataclass(frozen=True)
class Ground:
    """What the tasks find: an empty database of an owner like RDS's, an empty Valkey, the sandbox, the mall's key."""

    owner_url: str
    secrets: dict[str, str]
    database: dict[str, Any]
    valkey_url: str
    sandbox: Sandbox
    key: SigningKey


@pytest.fixture
def ground(postgres_server: Any, valkey_url: str, sandbox: Sandbox) -> Iterator[Ground]:
    name, role, password = f"drop_{new_id().hex}", f"owner_{new_id().hex}", secrets.token_hex(8)
    port = postgres_server.server.port
    grants = [f"GRANT {each} TO {role} WITH ADMIN OPTION" for each in ("store", "worker")]
    postgres_server.execute(f"CREATE ROLE {role} LOGIN CREATEROLE PASSWORD '{password}'")
    postgres_server.execute(f"CREATE DATABASE {name} OWNER {role}", *grants)
    urls = {
        each: f"postgresql://{each}:{quote(postgres_server.role_password)}@127.0.0.1:{port}/{name}"
        for each in ("store", "worker")
    }
    held = {
        "owner": json.dumps({"username": role, "password": password}),
        "cache-url": valkey_url,
        "admission-key": secrets.token_hex(32),
        "payment-key": secrets.token_hex(16),
        **{f"{each}-database-url": url for each, url in urls.items()},
    }
    try:
        yield Ground(
            f"postgresql://{role}:{password}@127.0.0.1:{port}/{name}",
            {f"{PREFIX}{part}-AbCdEf": value for part, value in held.items()},
            {"host": "127.0.0.1", "port": port, "name": name},
            valkey_url,
            sandbox,
            a_signing_key(),
        )
    finally:
        postgres_server.execute(f"DROP DATABASE {name} WITH (FORCE)")
        postgres_server.execute(f"DROP OWNED BY {role}", f"DROP ROLE {role}")


@pytest.fixture
def tasks(ground: Ground, image: Any, terraform: Any, mocked: dict[str, str], tmp_path: Path) -> dict[str, Container]:
    """The containers of the event plane, as Terraform plans them."""
    mall = {**given.mall(f"{PREFIX}payment-key-AbCdEf"), "issuer": ISSUER}
    mall["jwks"] = json.dumps(public_jwks(ground.key, ISSUER))
    planned = containers(terraform, mocked, tmp_path, ground.database, mall)
    assert set(planned) == {"gate", "migrate", "store", "worker"}
    started = {name: of_task(image, definition, ground.secrets) for name, definition in planned.items()}
    for name in ("store", "worker"):  # the stack takes only an address with TLS
        assert started[name].environment["MARKETDAY_GATEWAY_URL"] == mall["payment_gateway_url"]
        started[name].environment["MARKETDAY_GATEWAY_URL"] = ground.sandbox.url
    return started


@dataclass
class People:
    """Shoppers, who ask the gate and the store as the load balancer would let them."""

    session: aiohttp.ClientSession
    gate: str
    store: str
    ground: Ground
    host: str

    def headers(self, person: UUID, **more: str) -> dict[str, str]:
        identity = sign_identity(self.ground.key, person, ISSUER, datetime.now(UTC), 3600)
        return {"Host": self.host, "Authorization": f"Bearer {identity}", "Idempotency-Key": str(new_id()), **more}

    async def ask(self, method: str, url: str, headers: dict[str, str], body: Any = None) -> tuple[int, dict[str, Any]]:
        async with self.session.request(method, url, headers=headers, json=body) as answer:
            return answer.status, await answer.json(content_type=None)

    async def join(self, person: UUID) -> int:
        status, _ = await self.ask("POST", f"{self.gate}/v1/drops/{SLUG}/entries", self.headers(person), {})
        return status

    async def admitted(self, person: UUID) -> dict[str, str]:
        """Wait for the draw and one's turn; return what an admitted person sends."""
        async with asyncio.timeout(90):
            while True:
                status, told = await self.ask("POST", f"{self.gate}/v1/drops/{SLUG}/admissions", self.headers(person))
                if status in (200, 201):
                    return self.headers(person, **{"Marketday-Admission": told["admission"]})
                await asyncio.sleep(0.2)

    async def reserve(self, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        wish = {"sku": SKU, "quantity": 1}
        return await self.ask("POST", f"{self.store}/v1/drops/{SLUG}/reservations", headers, wish)

    async def pay(self, headers: dict[str, str], reservation: str, card: str) -> tuple[int, dict[str, Any]]:
        path = f"{self.store}/v1/reservations/{reservation}/payment"
        return await self.ask("POST", path, headers | {"Idempotency-Key": str(new_id())}, {"method": card})


async def hand_over(ground: Ground) -> None:
    """Do what the controller does: fill the database, and publish the room."""
    now = datetime.now(UTC).replace(microsecond=0)
    opens, closes = now + timedelta(seconds=4), now + timedelta(hours=1)
    drop = Drop(SLUG, "새벽 세럼", "Dawn Serum", now, opens, closes, 300, 600, {}, "Asia/Seoul")
    item = handover.HandedItem(SKU, "새벽 세럼", "Dawn Serum", "<p>Soft.</p>", "", 32_000, "KRW", UNITS, 1)
    owner = await connect(ground.owner_url)
    try:
        commitment = await handover.write_drop(owner, drop, [item])
    finally:
        await owner.close()
    access = Access(ground.owner_url, ground.valkey_url, ISSUER, "mall.example.com", {})
    await publish_facts(access, drop, commitment)
    async with open_gateway(ground.sandbox.url, ground.sandbox.key) as gateway:
        await gateway.issue("the-event-plane", ground.secrets[f"{PREFIX}payment-key-AbCdEf"])


@asynccontextmanager
async def shopping(ground: Ground, gate: str, store: str, host: str) -> AsyncIterator[People]:
    async with aiohttp.ClientSession(timeout=LONGEST_ANSWER) as session:
        yield People(session, gate, store, ground, host)


async def test_a_day_is_played_through_the_images(ground, tasks, tmp_path):
    for applied in (True, False):  # it runs before every store, so it has to be repeatable
        done = tasks["migrate"].run()
        assert done.returncode == 0, done.stdout + done.stderr
        assert ("0001_drop.sql" in done.stdout) == applied

    with ExitStack() as stack:
        running = {name: stack.enter_context(tasks[name].running(tmp_path)) for name in ("gate", "store", "worker")}
        for name, container in running.items():
            container.wait_for("/healthz")
            used = container.processor_seconds()
            container.wait_for("/readyz")
            assert used < MOST_START_SECONDS, f"{name}: {used} s"
            assert tasks[name].is_healthy(container)

        host = tasks["gate"].environment["MARKETDAY_PUBLIC_URL"].removeprefix("https://")
        async with shopping(ground, running["gate"].url, running["store"].url, host) as people:
            await hand_over(ground)
            crowd = [new_id() for _ in range(PEOPLE)]
            assert set(await asyncio.gather(*map(people.join, crowd))) == {201}
            admitted = await asyncio.gather(*map(people.admitted, crowd))
            held = await asyncio.gather(*map(people.reserve, admitted))
            assert sorted(status for status, _ in held) == [201] * UNITS + [409] * (PEOPLE - UNITS)
            winners = [
                (headers, told["id"]) for headers, (status, told) in zip(admitted, held, strict=True) if status == 201
            ]

            first, *others = winners
            status, paid = await people.pay(*first, "card_ok")
            assert status == 201, paid
            assert paid["order"]["id"]

            # The others pay with a card for which the gateway needs a second; during it the store is asked to end.
            answers = await end_during(running["store"], host, [people.pay(*each, "card_late") for each in others])
            assert [status for status, _ in answers] == [201] * len(others), answers

        for name in ("store", "gate", "worker"):
            if name != "store":
                running[name].terminate()
            begun = time.monotonic()
            assert running[name].ended(tasks[name].stop_seconds) == 0, running[name].said()
            assert time.monotonic() - begun < tasks[name].stop_seconds
            assert '"level": "error"' not in running[name].said()

    owner = await connect(ground.owner_url)
    try:
        shop = Shop(owner)
        assert await shop.stock() == (UNITS, 0, UNITS)
        assert await shop.value("SELECT count(*) FROM orders") == UNITS
        assert await shop.broken_sums() == []
    finally:
        await owner.close()
