"""A mall and a drop as processes of one version or another on the same servers, and what people do there over HTTP."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from marketday.accounts.tokens import parse_signing_key, public_jwks
from marketday.kit.ids import new_id
from marketday.provisioners.local.ports import free_ports

MALL, EVENT = "mall.example", "event.example"
SERVICES = ("mall", "gate", "store", "worker")
LONGEST_SECONDS = 90  # for a busy machine: nothing here is measured
_NOT_YET = (202, 409, 503)  # ask again: it is not decided, not this person's turn, or a server is busy
Process = asyncio.subprocess.Process


@dataclass(frozen=True, slots=True, repr=False)
class Servers:
    """Addresses with credentials: the databases of mall and drop, Valkey, and the payment gateway."""

    mall: str
    drop_owner: str
    store: str
    worker: str
    valkey: str
    gateway: str


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """The keys of a shop: the mall's that signs, the room's, and those of merchant and plane to the gateway."""

    signing: str
    admission: str
    merchant: str
    plane: str


@dataclass(slots=True)
class Person:
    """Who shops: a session of the mall, and what gate and store want to see."""

    session: str
    identity: str = ""
    admission: str = ""


@dataclass(slots=True)
class Shop:
    """Both versions on one set of servers; `code` has the folder of each version's modules."""

    http: httpx.AsyncClient
    servers: Servers
    keys: Keys
    folder: Path
    drop: str
    code: Mapping[str, Path]
    patience_seconds: float = LONGEST_SECONDS  # with an answer that says "not yet"
    urls: dict[tuple[str, str], str] = field(default_factory=dict)
    running: dict[str, AsyncExitStack] = field(default_factory=dict)

    async def start(self, version: str, *services: str) -> None:
        """Start processes of a version, and wait until they are ready."""
        ends = self.running.setdefault(version, AsyncExitStack())
        ports = free_ports(len(services))
        self.urls |= {(version, name): f"http://127.0.0.1:{port}" for name, port in zip(services, ports, strict=True)}
        started = [await ends.enter_async_context(self._process(version, name)) for name in services]
        await asyncio.gather(
            *(self._ready(version, name, process) for name, process in zip(services, started, strict=True))
        )

    async def stop(self, version: str) -> None:
        """End the processes of a version; each ends by itself when it is asked to."""
        await self.running.pop(version).aclose()
        self.urls = {key: url for key, url in self.urls.items() if key[0] != version}

    async def close(self) -> None:
        """End everything."""
        for version in list(self.running):
            await self.stop(version)

    async def migrate(self, version: str, module: str, half: str) -> str:
        """Apply a half of a version's migrations to the mall's database or the drop's; return what it says."""
        process = await self._run(version, module, {}, "--phase", half)
        said, _ = await asyncio.wait_for(process.communicate(), LONGEST_SECONDS)
        if process.returncode:
            raise AssertionError(said.decode())
        return said.decode()

    @asynccontextmanager
    async def _process(self, version: str, service: str) -> AsyncIterator[Process]:
        port = self.urls[version, service].rpartition(":")[2]
        process = await self._run(version, service, {"PORT": port})
        reading = asyncio.create_task(self._keep_log(version, service, process))
        try:
            yield process
            if process.returncode is None:
                process.terminate()
            assert await asyncio.wait_for(process.wait(), LONGEST_SECONDS) in (0, -signal.SIGTERM)  # noqa: S101
        finally:
            if process.returncode is None:
                process.kill()
            await reading

    async def _keep_log(self, version: str, service: str, process: Process) -> None:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        with (self.folder / f"{version}-{service}.log").open("ab") as log:
            while line := await process.stdout.readline():
                log.write(line)

    async def _run(self, version: str, module: str, more: Mapping[str, str], *words: str) -> Process:
        variables = {f"MARKETDAY_{name}": value for name, value in {**self._settings(module, version), **more}.items()}
        plain = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "PYTHONPATH": str(self.code[version])}
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", f"marketday.apps.{module}", *words),
            env={**plain, **variables},
            cwd=self.folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    def _settings(self, module: str, version: str) -> dict[str, str]:
        servers, keys, addresses = self.servers, self.keys, {"MALL_URL": f"https://{MALL}"}
        signing = self.folder / "signing.json"
        if not signing.exists():
            signing.write_text(keys.signing, "utf-8")
        jwks = {"JWKS": json.dumps(public_jwks(parse_signing_key(keys.signing), f"https://{MALL}"))}
        event = {"PUBLIC_URL": f"https://{EVENT}", "ADMISSION_KEY": keys.admission, **addresses, **jwks}
        pays = {"GATEWAY_URL": servers.gateway, "GATEWAY_KEY": keys.plane}
        store = self.urls.get((version, "store"), "http://127.0.0.1:1")
        return {
            "mall": {
                "DATABASE_URL": servers.mall,
                "VALKEY_URL": servers.valkey,
                "PUBLIC_URL": f"https://{MALL}",
                "SIGNING_KEY_FILE": str(signing),
                "MEDIA_FOLDER": str(self.folder),
                **pays,
                "GATEWAY_KEY": keys.merchant,
            },
            "gate": {**event, "VALKEY_URL": servers.valkey},
            "store": {**event, **pays, "DATABASE_URL": servers.store},
            "worker": {**pays, "DATABASE_URL": servers.worker, "VALKEY_URL": servers.valkey, "STORE_URLS": store},
            "migrate_mall": {"DATABASE_URL": servers.mall},
        }[module] | {"LOG_LEVEL": "warning"}

    async def _ready(self, version: str, service: str, process: Process) -> None:
        async with asyncio.timeout(LONGEST_SECONDS):
            while True:
                if process.returncode is not None:
                    raise AssertionError((self.folder / f"{version}-{service}.log").read_text("utf-8")[-3000:])
                try:
                    if (await self.http.get(f"{self.urls[version, service]}/readyz")).status_code == httpx.codes.OK:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.1)

    async def ask(
        self, version: str, service: str, method: str, path: str, person: Person, body: Any = None, *, key: str = ""
    ) -> httpx.Response:
        """Send a person's request to a service of a version."""
        token = person.session if service == "mall" else person.identity
        headers = {"Host": MALL if service == "mall" else EVENT, "Authorization": f"Bearer {token}"}
        if person.admission and service == "store":
            headers["Marketday-Admission"] = person.admission
        if method == "POST":
            headers["Idempotency-Key"] = key or new_id().hex
        return await self.http.request(method, f"{self.urls[version, service]}{path}", json=body, headers=headers)

    async def until(self, wanted: int, *words: Any) -> dict[str, Any]:
        """Repeat a request with the same key until it has the answer `wanted`; return its body."""
        key, last = new_id().hex, None
        try:
            async with asyncio.timeout(self.patience_seconds):
                while True:
                    last = await self.ask(*words, key=key)
                    if last.status_code in (wanted, httpx.codes.OK):  # a repeated call finds what is there: 200
                        found: dict[str, Any] = last.json()
                        return found
                    if last.status_code not in _NOT_YET:
                        break
                    await asyncio.sleep(0.1)
        except TimeoutError:
            pass
        said = f"{last.status_code} {last.text}" if last else "no answer"
        raise AssertionError(f"{' '.join(map(str, words[:4]))}: {said}; expected {wanted}")

    async def enter(self, version: str, person: Person) -> None:
        """Get an identity at the mall, a place in the room, and the admission to the store."""
        person.identity = (await self.until(201, version, "mall", "POST", "/v1/identity-tokens", person))["token"]
        entered = await self.ask(version, "gate", "POST", f"/v1/drops/{self.drop}/entries", person)
        assert entered.status_code in (200, 201), entered.text  # noqa: S101
        came = await self.until(201, version, "gate", "POST", f"/v1/drops/{self.drop}/admissions", person)
        person.admission = came["admission"]

    async def reserve(self, version: str, person: Person, sku: str) -> str:
        """Reserve a unit; return the reservation's id."""
        wish = {"sku": sku, "quantity": 1}
        path = f"/v1/drops/{self.drop}/reservations"
        return str((await self.until(201, version, "store", "POST", path, person, wish))["id"])

    async def pay(self, version: str, person: Person, reservation: str) -> str:
        """Pay for a reservation; return the order's id."""
        path = f"/v1/reservations/{reservation}/payment"
        paid = await self.until(201, version, "store", "POST", path, person, {"method": "card_ok"})
        return str(paid["order"]["id"])

    async def buy_in_the_mall(self, version: str, person: Person, sku: str) -> str:
        """Buy a unit in the ordinary mall; return the order's id."""
        put = await self.ask(version, "mall", "PUT", f"/v1/cart/lines/{sku}", person, {"quantity": 1})
        assert put.status_code == httpx.codes.OK, put.text  # noqa: S101
        bought = await self.until(201, version, "mall", "POST", "/v1/orders", person, {"method": "card_ok"})
        assert bought["state"] == "paid", bought  # noqa: S101
        return str(bought["id"])
