"""`make release-keep`: keep a release for the tests of the next one: its wheel, and dumps of a shop that it ran.

One drop is over, with a receipt; another is open, with a window that was handed back. In it are orders, paid and taken
back, reservations that are held, released and expired, a declined payment, people in line for a unit, and people in the
room. It is open for ten years, so that no dump ends by itself.
"""

import argparse
import asyncio
import base64
import json
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
from ci.stage import ROOT, Stopped
from redis import Redis
from release import kept
from release.plane import Plane, opened_plane
from release.servers import ROLES, cluster, gateway, memory, new_keys
from release.shop import MALL, SERVICES, Keys, Person, Servers, Shop

from marketday import __version__
from marketday.accounts.postgres import seed_people
from marketday.accounts.tokens import parse_signing_key, sign_identity
from marketday.apps.payment_gateway import open_gateway
from marketday.drops.definition import DropDefinition, load
from marketday.drops.postgres.roles import prepare_drop_database
from marketday.environments.dynamodb.store import DynamoEnvironments
from marketday.environments.model import Environment, Outcome, State, Step, StepRecord
from marketday.kit.clock import SystemClock
from marketday.kit.database import make_pool
from marketday.kit.files import sql_folder
from marketday.kit.ids import new_id
from marketday.kit.migrations import migrate
from marketday.provisioners.local.databases import ensure_database
from marketday.provisioners.local.postgres import PostgresServer
from marketday.provisioners.terraform.dynamodb import DynamoRuns
from marketday.provisioners.terraform.model import Action, Run, Stack
from marketday.testing.folders import folder_for_servers
from marketday.testing.rows import add_product
from marketday.testing.run_table import run_table
from marketday.waitingroom.tokens import key_from_hex, sign

VERSION = "kept"  # the name of the code that is kept, among the shop's versions
ENDED, OPEN = "first-drop", "second-drop"
MANY, FEW = "DAWN-MANY", "DAWN-FEW"
DROP = f"""\
[drop]
slug = "{OPEN}"
name = {{ ko = "두 번째", en = "Second Drop" }}
zone = "Asia/Seoul"
opens_at = 2026-12-10T20:00:00
closes_at = 2026-12-10T21:00:00
regions = ["ap-northeast-2"]
hold_seconds = 3600
admission_seconds = 7200

[[drop.products]]
sku = "{MANY}"
stock = 500
limit_per_person = 2

[[drop.products]]
sku = "{FEW}"
stock = 2
limit_per_person = 2

[drop.rate_limits]
admissions_per_second = 50
inside = 400
requests_per_second = 100
"""
_LONG = timedelta(days=3650)
_PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><circle r="2"/></svg>'


def keep(wheel: Path, target: Path) -> None:
    """Write the folder of a release: its wheel, dumps, keys, and the definition of the drop."""
    target.mkdir(parents=True)
    release = kept.Kept(target)
    shutil.copyfile(wheel, release.wheel)
    (target / "drop.toml").write_text(DROP, "utf-8")
    with folder_for_servers() as folder, cluster(folder) as server, memory(folder) as valkey_url:
        asyncio.run(_play(release, folder, server, valkey_url))
    for file in target.glob("*.sql"):
        if (size := file.stat().st_size) > kept.MOST_BYTES:
            raise Stopped(f"{file.name} has {size} bytes; expected at most {kept.MOST_BYTES}")


async def _play(release: kept.Kept, folder: Path, server: PostgresServer, valkey_url: str) -> None:
    keys, ledger = new_keys(), folder / "ledger.sqlite"
    for name in ("mall", "ended", "open"):
        await ensure_database(server.url(), name)
    await migrate(server.url("mall"), sql_folder("mall"))
    for name in ("ended", "open"):
        await prepare_drop_database(server.url(name), dict.fromkeys(ROLES, server.password))
    (folder / "picture.svg").write_text(_PICTURE, "utf-8")
    code = {VERSION: release.code(folder / "code")}
    async with gateway(ledger, keys.merchant) as address, httpx.AsyncClient(timeout=30) as http:

        @asynccontextmanager
        async def selling(drop: str, database: str) -> AsyncIterator[tuple[Shop, Plane]]:
            urls = (server.url(database, role, server.password) for role in ROLES)
            servers = Servers(server.url("mall"), server.url(database), *urls, valkey_url, address)
            shop = Shop(http, servers, keys, folder, drop, code)
            async with opened_plane(servers, keys, folder) as plane:
                try:
                    yield shop, plane
                finally:
                    await shop.close()

        async with make_pool(server.url("mall")) as mall:
            for sku in (MANY, FEW):
                await add_product(mall, sku, picture="picture.svg")
            people = [Person(token) for _, token in await seed_people(mall, 12, SystemClock().now())]
        async with selling(ENDED, "ended") as (shop, plane):
            ended = await _ended(shop, plane, people[:3])
        with Redis.from_url(valkey_url) as client:
            client.flushall()  # each drop has a Valkey of its own
        async with selling(OPEN, "open") as (shop, plane):
            facts = await _open(shop, plane, people, release.folder / "drop.toml")
            await _write_run_table(plane, UUID(str(facts["open"])), release.folder / "run_table.json")
            await shop.stop(VERSION)
            _dump(release, server, shop.servers, ledger)
    kept.write_facts(release.folder / "shop.json", {**facts, **asdict(keys), "ended": str(ended.id)})


def _dump(release: kept.Kept, server: PostgresServer, servers: Servers, ledger: Path) -> None:
    kept.dump_database(server.programs, servers.mall, release.folder / "mall.sql")
    kept.dump_database(server.programs, servers.drop_owner, release.folder / "drop.sql")
    kept.dump_room(servers.valkey, release.folder / "room.json")
    kept.dump_ledger(ledger, release.folder / "ledger.sql")


async def _begin(shop: Shop, plane: Plane, definition: DropDefinition) -> Environment:
    """Build the drop's environment, start its processes, and open its room."""
    now, soon = SystemClock().now(), timedelta(seconds=2)
    moved = definition.moved_to(now, room_opens_in=soon, opens_in=2 * soon, closes_in=_LONG)
    environment = await plane.service.request(moved, build_now=True)
    await plane.until(environment.id, State.READY)
    await shop.start(VERSION, *SERVICES)
    while (await plane.store.get(environment.id)).state is not State.OPEN:
        await plane.service.advance(environment.id)
        await asyncio.sleep(0.2)
    return await plane.store.get(environment.id)


async def _ended(shop: Shop, plane: Plane, people: list[Person]) -> Environment:
    definition = load(_small_file(shop.folder))
    environment = await _begin(shop, plane, definition)
    for person in people:
        await shop.enter(VERSION, person)
        await shop.pay(VERSION, person, await shop.reserve(VERSION, person, MANY))
        person.admission = ""
    return await plane.end(environment)


def _small_file(folder: Path) -> Path:
    file = folder / "ended.toml"
    file.write_text(DROP.replace(OPEN, ENDED).replace("stock = 500", "stock = 9"), "utf-8")
    return file


async def _open(shop: Shop, plane: Plane, people: list[Person], drop: Path) -> dict[str, object]:
    environment = await _begin(shop, plane, load(drop))
    buyer, holder, leaver, late, poor, *others = people
    for person in (buyer, holder, leaver, late, poor, *others[:4]):
        await shop.enter(VERSION, person)
    for person in others[4:]:  # they are in the room, and were never in the store
        person.identity = (await shop.until(201, VERSION, "mall", "POST", "/v1/identity-tokens", person))["token"]
        await shop.ask(VERSION, "gate", "POST", f"/v1/drops/{OPEN}/entries", person)
    order = await shop.pay(VERSION, buyer, await shop.reserve(VERSION, buyer, MANY))
    held = await shop.reserve(VERSION, holder, MANY)
    await shop.ask(VERSION, "store", "DELETE", f"/v1/reservations/{await shop.reserve(VERSION, leaver, MANY)}", leaver)
    expired = await shop.reserve(VERSION, late, MANY)
    declined = await shop.reserve(VERSION, poor, MANY)
    path = f"/v1/reservations/{declined}/payment"
    await shop.ask(VERSION, "store", "POST", path, poor, {"method": "card_declined"})
    for person in others[:2]:
        await shop.reserve(VERSION, person, FEW)
    for person in others[2:4]:
        wish = {"sku": FEW, "quantity": 1}
        await shop.until(201, VERSION, "store", "POST", f"/v1/drops/{OPEN}/standbys", person, wish)
    refunded = await shop.pay(VERSION, leaver, await shop.reserve(VERSION, leaver, MANY))
    await _take_back(shop, refunded)
    mall_order = await shop.buy_in_the_mall(VERSION, buyer, MANY)
    await _expire(shop.servers, expired)
    await _window(plane, environment)
    tokens = _long_tokens(shop.keys, environment, await _person_of(shop.servers, held))
    return {"order": order, "held": held, "mall_order": mall_order, "open": str(environment.id), **tokens}


async def _take_back(shop: Shop, order: str) -> None:
    """Have an order taken back: its money went back at the gateway before the drop had recorded that it was taken."""
    async with (
        make_pool(shop.servers.drop_owner) as drop,
        open_gateway(shop.servers.gateway, shop.keys.merchant) as bank,
    ):
        payment = await drop.fetchval("SELECT id FROM payments WHERE order_id = $1", UUID(order))
        captured = "SELECT state = 'captured' FROM payments WHERE id = $1"
        await _until(drop, captured, payment)
        await bank.refund(payment)
        unsure = "UPDATE payments SET state = 'authorised', updated_at = now() - interval '1 hour' WHERE id = $1"
        await drop.execute(unsure, payment)
        await _until(drop, "SELECT state = 'refunded' FROM orders WHERE id = $1", UUID(order))


async def _expire(servers: Servers, reservation: str) -> None:
    async with make_pool(servers.drop_owner) as drop:
        await drop.execute("UPDATE reservations SET reserved_until = now() WHERE id = $1", UUID(reservation))
        await _until(drop, "SELECT state = 'expired' FROM reservations WHERE id = $1", UUID(reservation))


async def _until(drop: "asyncpg.Pool[Any]", question: str, value: UUID) -> None:
    async with asyncio.timeout(60):
        while not await drop.fetchval(question, value):  # noqa: ASYNC110 - a database has no event for it
            await asyncio.sleep(0.1)


async def _person_of(servers: Servers, reservation: str) -> UUID:
    async with make_pool(servers.drop_owner) as drop:
        person: UUID = await drop.fetchval("SELECT person_id FROM reservations WHERE id = $1", UUID(reservation))
    return person


async def _window(plane: Plane, environment: Environment) -> None:
    """Hand back what there is, as in the first full hour, and record it as the lifecycle does."""
    done = await plane.steps.window(environment, await plane.plane.access(environment))
    at = environment.schedule.windows_until(environment.schedule.closes_at)[0]
    brought = environment.having_done(Step.WINDOW, done.outputs, at)  # type: ignore[union-attr]
    await plane.store.save(brought, StepRecord(Step.WINDOW, Outcome.DONE, str(done), SystemClock().now()))


async def _write_run_table(plane: Plane, environment_id: UUID, file: Path) -> None:
    """Record the environment and a run of Terraform as on AWS, in an emulated table, and write their items."""
    environment = await plane.store.get(environment_id)
    with run_table() as table:
        await DynamoEnvironments(table, SystemClock()).add(environment)
        run = Run(new_id(), environment.id, Stack.EVENT, Action.APPLY, "0" * 40, {"drop": OPEN}, SystemClock().now())
        await DynamoRuns(table).save(replace(run, changes=("+ aws_vpc.this",), outputs={"address": "https://x"}))
        [recorded] = await table.query("environment")
        [ran] = await table.query(f"runs#{environment.id}#{Stack.EVENT}")
    items = {"environment": recorded, "run": {**ran, "body": base64.b64encode(bytes(ran["body"])).decode()}}
    file.write_text(json.dumps(items, indent=1, default=int, ensure_ascii=False) + "\n", "utf-8")


def _long_tokens(keys: Keys, environment: Environment, holder: UUID) -> dict[str, str]:
    """Return an identity and an admission of the person who holds a reservation; they are valid for ten years."""
    now, signing = SystemClock().now(), parse_signing_key(keys.signing)
    identity = sign_identity(signing, holder, f"https://{MALL}", now, int(_LONG.total_seconds()))
    admission = sign(key_from_hex(keys.admission), environment.drop_slug, holder, now + _LONG, 1)
    return {"identity": identity, "admission_token": admission, "holder": str(holder)}


def _refuse_other(wheel: Path, name: str) -> None:
    if wheel.name != name or not wheel.is_file():
        raise Stopped(f"there is no wheel {wheel}; expected {name} of this commit: `make release` makes it")


def main() -> None:
    """Keep a release instead of the one before; end with one sentence and status 2 if it cannot be."""
    parser = argparse.ArgumentParser(prog="make release-keep", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("wheel", type=Path, nargs="?", help="the release's wheel; without it dist/VERSION's")
    name = f"marketday-{__version__}-py3-none-any.whl"
    wheel = parser.parse_args().wheel or ROOT / "dist" / __version__ / name
    half, target = kept.FOLDER / "half" / __version__, kept.FOLDER / __version__
    sys.stderr.write("release-keep: a small shop is played with the wheel, in a minute ...\n")
    try:
        _refuse_other(wheel, name)
        shutil.rmtree(half.parent, ignore_errors=True)
        keep(wheel, half)
    except Stopped as stopped:
        sys.stderr.write(f"release-keep: {stopped}\n")
        sys.exit(2)
    for old in kept.FOLDER.glob("[0-9]*"):
        shutil.rmtree(old)
    half.rename(target)
    half.parent.rmdir()
    sys.stdout.write(f"{target.relative_to(ROOT)} is the release that the next version upgrades from; commit it\n")


if __name__ == "__main__":
    main()
