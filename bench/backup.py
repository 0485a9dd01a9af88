"""What it costs that each commit is on a second disk before it is told: orders a second with and without, in turns.

A PostgreSQL of the mall's kind takes orders (order, line and payment in one transaction) from eight connections. Its
WAL is kept by the archiver's own code, in another folder of the same disk unless another folder is given. Run with
`python -m bench.backup [FOLDER]`; it takes a minute and ends by itself.
"""

import asyncio
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import asyncpg
from rich.console import Console

from marketday.kit.files import sql_folder
from marketday.kit.ids import new_id
from marketday.kit.migrations import migrate
from marketday.provisioners.local import mall_plane, processes, readiness
from marketday.provisioners.local.backup.clusters import Cluster, clusters_of
from marketday.provisioners.local.backup.streaming import Keeping
from marketday.provisioners.local.bringing_up import lay_ground, lay_servers
from marketday.provisioners.local.databases import ensure_database
from marketday.provisioners.local.home import Home, open_home

CLIENTS = 8
TURNS = 5
SECONDS = 4.0
ORDER = """
WITH o AS (INSERT INTO orders (id, account_id, state, currency, total_minor) VALUES ($1, $2, 'paid', 'KRW', 1000)
           RETURNING id),
     l AS (INSERT INTO order_lines SELECT id, 1, 'A', 'A', 'A', 1, 1000 FROM o)
INSERT INTO payments (id, order_id, state, amount_minor, currency) SELECT id, id, 'captured', 1000, 'KRW' FROM o
"""


async def one_turn(cluster: Cluster, account: object) -> tuple[float, list[float]]:
    """Take orders for a while; return how many a second, and how long each took in milliseconds."""
    took: list[float] = []
    until = time.perf_counter() + SECONDS

    async def client() -> None:
        connection = await asyncpg.connect(cluster.url)
        try:
            while time.perf_counter() < until:
                began = time.perf_counter()
                await connection.execute(ORDER, new_id(), account)
                took.append((time.perf_counter() - began) * 1000)
        finally:
            await connection.close()

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return len(took) / SECONDS, took


async def keep(cluster: Cluster, home: Home, folder: Path) -> "asyncio.Task[None]":
    """Begin to keep the WAL in `folder`, and return when commits wait for it."""

    async def tell(_: str) -> None: ...

    keeping = Keeping(cluster, folder, home.mall.log("receiver"), tell)
    task = asyncio.create_task(keeping.run())
    while not keeping.protected:  # noqa: ASYNC110 - it has no event for this
        await asyncio.sleep(0.1)
    return task


async def measure(home: Home, second: Path) -> list[str]:
    """Take turns without and with the second disk; return the lines of the result."""
    cluster = clusters_of(home)[0]
    await ensure_database(cluster.server.url(), mall_plane.DATABASE)
    await migrate(cluster.url, sql_folder("mall"))
    account = new_id()
    connection = await asyncpg.connect(cluster.url)
    await connection.execute("INSERT INTO accounts VALUES ($1, 'a@example.com', '', '')", account)
    await connection.close()
    rates: dict[str, list[float]] = {"without": [], "with": []}
    waits: dict[str, list[float]] = {"without": [], "with": []}
    for _ in range(TURNS):
        for how, each in rates.items():
            task = await keep(cluster, home, second) if how == "with" else None
            rate, took = await one_turn(cluster, account)
            each.append(rate)
            waits[how] += took
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
    lines = []
    for how, each in rates.items():
        cuts = statistics.quantiles(waits[how], n=100)
        spread = f"{min(each):,.0f} to {max(each):,.0f}"
        lines.append(
            f"{how:8} {statistics.median(each):,.0f} orders/s ({spread}), p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms"
        )
    return lines


def main() -> None:
    """Run as a command."""
    given = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    above = Path(tempfile.mkdtemp(prefix="marketday-bench-", dir="/var/tmp"))
    above.chmod(0o711)
    home = open_home(above / "home")
    ground = lay_ground(home.mall, home.plane_id("mall"), ("edge", "postgres", "valkey"))
    spec, _ = lay_servers(ground, home.programs)
    child = processes.start(spec, ground.plane_id, ground.folder.log("postgres"))
    try:
        readiness.wait_until_ready(spec, lambda: child.poll() is None, ground.folder.log("postgres"))
        for line in asyncio.run(measure(home, (given or above) / "stream")):
            Console(highlight=False).print(line)
    finally:
        processes.end(child, spec)
        shutil.rmtree(above)


if __name__ == "__main__":
    main()
