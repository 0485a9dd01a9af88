"""A new version is delivered while people shop: one half of its migrations, both versions at once, the other half.

The version before is this code. The new one is a copy of it, with two more migrations and a query that uses what the
first one adds. Processes and migrations are started with the arguments of the manifests.
"""

import asyncio
import os
import shutil
import signal
import sys
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import cycle
from pathlib import Path

import httpx
import pytest
import yaml

from marketday.accounts.postgres import seed_people
from marketday.apps import sandbox
from marketday.kit.clock import SystemClock
from marketday.kit.database import make_pool
from marketday.kit.ids import new_id
from marketday.provisioners.local.ports import free_ports
from marketday.testing.accounts import ed25519_key
from marketday.testing.serving import served

ROOT = Path(__file__).parents[3]
BASE = ROOT / "infra/kubernetes/base"
HOST = "mall.example"
KEY = "a key of sixteen characters"
SHOPPERS = 3
REST_SECONDS = 0.1  # of a person, between two orders
LONGEST_SECONDS = 90  # for a busy machine: nothing here is measured

EXPAND = "ALTER TABLE orders ADD COLUMN channel text"
CONTRACT = """
    UPDATE orders SET channel = 'unknown' WHERE channel IS NULL;
    ALTER TABLE orders ALTER COLUMN channel SET NOT NULL
"""
# What the new version changes in the query insert_order.
COLUMNS = "INSERT INTO orders (id, account_id, state, currency, total_minor, created_at"
VALUES = "VALUES ($1, $2, 'pending', $3, $4, $5"
GOODS = """
    INSERT INTO products (id, handle, title_ko, title_en, status) VALUES (gen_random_uuid(), 's', 's', 's', 'active');
    INSERT INTO variants (sku, product_id, position, price_minor, currency, stock)
    SELECT 'SERUM', id, 1, 9000, 'KRW', 100000 FROM products
"""


@pytest.fixture(scope="module")
def arguments():
    """What each container of the manifests starts, by the name of its Rollout or Job."""
    files = ("mall.yaml", "migrations.yaml", "../components/contract/job.yaml")
    objects = [one for file in files for one in yaml.safe_load_all((BASE / file).read_text("utf-8"))]
    return {
        one["metadata"]["name"]: one["spec"]["template"]["spec"]["containers"][0]["args"]
        for one in objects
        if one["kind"] in {"Rollout", "Job"}
    }


@pytest.fixture
def versions(tmp_path):
    """Where the code of each version is."""
    new = tmp_path / "new"
    shutil.copytree(ROOT / "src/marketday", new / "src/marketday")
    shutil.copytree(ROOT / "sql", new / "sql")
    (new / "sql/mall/9001_channel.sql").write_text(EXPAND, "utf-8")
    (new / "sql/mall/9002_channel.contract.sql").write_text(CONTRACT, "utf-8")
    queries = new / "src/marketday/orders/queries.sql"
    text = queries.read_text("utf-8")
    assert text.count(f"{COLUMNS})\n{VALUES});") == 1
    changed = text.replace(f"{COLUMNS})\n{VALUES});", f"{COLUMNS}, channel)\n{VALUES}, 'web');")
    queries.write_text(changed, "utf-8")
    return {"old": ROOT / "src", "new": new / "src"}


class Mall:
    """The mall's two versions on one database, and the people who shop through what serves."""

    def __init__(self, http, variables, versions, arguments):
        self.http = http
        self.variables, self.versions, self.arguments = variables, versions, arguments
        self.urls, self.serving = {}, []
        self.orders, self.refused = Counter(), []

    async def run(self, version, name, port=None):
        environment = {**self.variables, "PATH": os.environ["PATH"], "PYTHONPATH": str(self.versions[version])}
        if port:
            environment["MARKETDAY_PORT"] = str(port)
        words = (sys.executable, "-m", *self.arguments[name])
        quiet = {"stdout": asyncio.subprocess.DEVNULL, "stderr": None if port else asyncio.subprocess.PIPE}
        return await asyncio.create_subprocess_exec(*words, env=environment, **quiet)

    async def migrate(self, half):
        """Run the Job of a half, as the new version brings it."""
        job = await self.run("new", f"migrate-{half}")
        _, said = await asyncio.wait_for(job.communicate(), LONGEST_SECONDS)
        assert job.returncode == 0, said

    @asynccontextmanager
    async def started(self, version):
        """A process of a version until the block ends; it is ready, and ends by itself when asked to."""
        (port,) = free_ports(1)
        self.urls[version] = f"http://127.0.0.1:{port}"
        process = await self.run(version, "mall", port)
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                while not await self._ready(version):
                    assert process.returncode is None
                    await asyncio.sleep(0.1)
            yield process
            process.terminate()
            assert await asyncio.wait_for(process.wait(), LONGEST_SECONDS) in (0, -signal.SIGTERM)
        finally:
            if process.returncode is None:
                process.kill()

    async def _ready(self, version):
        try:
            return (await self.http.get(f"{self.urls[version]}/readyz")).status_code == 200
        except httpx.TransportError:
            return False

    async def order(self, version, person):
        """Buy one unit; return the answer to the order."""
        who = {"Host": HOST, "Authorization": f"Bearer {person}"}
        url, key = self.urls[version], {"Idempotency-Key": new_id().hex}
        await self.http.put(f"{url}/v1/cart/lines/SERUM", json={"quantity": 1}, headers=who)
        return await self.http.post(f"{url}/v1/orders", json={"method": "card_ok"}, headers={**who, **key})

    async def shop(self, person):
        """Buy again and again, each time from the next process that serves, as a load balancer has it."""
        for turn in cycle(range(12)):
            version = self.serving[turn % len(self.serving)]
            answer = await self.order(version, person)
            if answer.status_code == 201 and answer.json()["state"] == "paid":
                self.orders[version] += 1
            else:
                self.refused.append((version, answer.status_code, answer.text))
            await asyncio.sleep(REST_SECONDS)

    async def until_more_are_bought(self, *versions, count=5):
        """Wait until each of these versions has taken `count` more orders."""
        wanted = {version: self.orders[version] + count for version in versions}
        async with asyncio.timeout(LONGEST_SECONDS):
            while any(self.orders[version] < least for version, least in wanted.items()) and not self.refused:
                await asyncio.sleep(0.05)
        assert self.refused == []


@pytest.fixture
async def mall(mall_database_url, valkey_url, tmp_path, versions, arguments):
    (port,) = free_ports(1)
    (tmp_path / "key.json").write_text(ed25519_key(), "utf-8")
    gateway = sandbox.create_app(sandbox.Settings(port=port, database_file=tmp_path / "ledger.sqlite", gateway_key=KEY))
    variables = {
        "DATABASE_URL": mall_database_url,
        "VALKEY_URL": valkey_url,
        "PUBLIC_URL": f"https://{HOST}",
        "SIGNING_KEY_FILE": str(tmp_path / "key.json"),
        "GATEWAY_URL": f"http://127.0.0.1:{port}",
        "GATEWAY_KEY": KEY,
        "LOG_LEVEL": "error",
    }
    async with served(gateway, port), httpx.AsyncClient(timeout=30) as http:
        yield Mall(http, {f"MARKETDAY_{name}": value for name, value in variables.items()}, versions, arguments)


async def test_orders_go_on_while_both_versions_serve(mall, mall_database_url):
    async with make_pool(mall_database_url) as pool, AsyncExitStack() as ends, asyncio.TaskGroup() as group:
        await pool.execute(GOODS)
        *people, early, late = [token for _, token in await seed_people(pool, SHOPPERS + 2, SystemClock().now())]
        await ends.enter_async_context(mall.started("old"))
        mall.serving = ["old"]
        shopping = [group.create_task(mall.shop(person)) for person in people]
        await mall.until_more_are_bought("old")

        # The new version needs the first half: without it, it can take no order.
        await ends.enter_async_context(mall.started("new"))
        assert (await mall.order("new", early)).status_code == 500
        await mall.migrate("expand")
        await mall.until_more_are_bought("old")
        mall.serving = ["old", "new"]
        await mall.until_more_are_bought("old", "new")

        # The old one cannot take an order after the second half, so it serves no more when that runs.
        mall.serving = ["new"]
        await mall.until_more_are_bought("new")
        await mall.migrate("contract")
        assert (await mall.order("old", late)).status_code == 500
        await mall.until_more_are_bought("new")
        for task in shopping:
            task.cancel()
    async with make_pool(mall_database_url) as pool:
        rows = await pool.fetch("SELECT channel, count(*) AS n FROM orders WHERE state = 'paid' GROUP BY channel")
    kept = {row["channel"]: row["n"] for row in rows}
    assert kept["unknown"] >= mall.orders["old"] > 0
    assert kept["web"] >= mall.orders["new"] > 0
    assert sum(kept.values()) - sum(mall.orders.values()) <= SHOPPERS  # those that were under way at the end
