"""Reservations a second through the service, compared with bare 200-row batches on the same server.

The ceiling is what `pgbench` would measure: one statement that inserts 200 reservations and one that takes their stock,
committed together with fsync on, with the number of connections that is fastest. The service does the same durable
work and more: it decides about each request separately (limit, idempotency, opening hours), records allowances, and
fills the outbox. Run with `python bench/reservations.py`; it takes about 20 seconds and ends by itself.
"""

import asyncio
import os
import platform
import secrets
import shutil
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from marketday.drops.postgres.store import PostgresDropStore
from marketday.drops.service import Reservations
from marketday.kit.database import connect, make_pool
from marketday.kit.files import sql_folder
from marketday.kit.ids import new_id
from marketday.kit.migrations import migrate
from marketday.provisioners.local import postgres, processes, readiness
from marketday.provisioners.local.binaries import postgres_programs
from marketday.provisioners.local.ports import free_ports
from marketday.testing.drops import SKU, SLUG, Shop

SECONDS = 1.5
RUNS = 3
ROWS = 200
PLENTY = 1_000_000_000

CEILING = """
WITH taken AS (UPDATE stock SET reserved = reserved + $3 WHERE drop_slug = $1 AND sku = $2)
INSERT INTO reservations (id, drop_slug, sku, person_id, quantity, unit_price_minor, currency, state,
                          reserved_until, idempotency_key, fingerprint)
SELECT uuidv7(), $1, $2, uuidv7(), 1, 32000, 'KRW', 'held', now() + interval '5 min', 'key', '\\x00'
FROM generate_series(1, $3)
"""


@asynccontextmanager
async def database() -> AsyncIterator[str]:
    """Start a PostgreSQL with fsync on, and one drop in it."""
    folder = Path(tempfile.mkdtemp(prefix="marketday-bench-"))
    folder.chmod(0o711)
    server = postgres.PostgresServer(
        folder / "postgres", postgres_programs(folder), free_ports(1)[0], secrets.token_hex(16)
    )
    postgres.create_cluster(server.folder, server.programs, server.password)
    spec = server.spec()
    child = processes.start(spec, "bench", folder / "postgres.log")
    try:
        readiness.wait_until_ready(spec, lambda: child.poll() is None, folder / "postgres.log")
        url = server.url("postgres")
        owner = await connect(url)
        for role in ("store", "worker"):
            await owner.execute(f"CREATE ROLE {role}")
        await migrate(url, sql_folder("drop"))
        shop = Shop(owner)
        await shop.drop()
        await shop.item(stock=PLENTY, limit=PLENTY)
        await owner.close()
        yield url
    finally:
        processes.end(child, spec)
        shutil.rmtree(folder)


async def repeat(workers: int, work: Callable[[int], Awaitable[int]]) -> float:
    """Return how much `work` is done in a second: the median of several runs of `workers` tasks."""

    async def one(number: int, until: float) -> int:
        done = 0
        while time.perf_counter() < until:
            done += await work(number)
        return done

    rates = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        done = await asyncio.gather(*(one(number, begun + SECONDS) for number in range(workers)))
        rates.append(sum(done) / (time.perf_counter() - begun))
    return statistics.median(rates)


async def ceiling(url: str, connections: int) -> float:
    """Return rows a second of bare batches."""
    opened: list[Any] = [await connect(url) for _ in range(connections)]
    statements = [await connection.prepare(CEILING) for connection in opened]

    async def batch(number: int) -> int:
        await statements[number].fetch(SLUG, SKU, ROWS)
        return ROWS

    try:
        return await repeat(connections, batch)
    finally:
        for connection in opened:
            await connection.close()


async def service(url: str, people: int) -> float:
    """Return reservations a second, each requested separately."""
    async with make_pool(url, min_size=1, max_size=4) as pool:
        reservations = Reservations(PostgresDropStore(pool))

        async def reserve(_: int) -> int:
            await reservations.reserve(SLUG, new_id(), "key", SKU, 1)
            return 1

        return await repeat(people, reserve)


async def main() -> None:
    """Measure, and print the table."""
    async with database() as url:
        bare = {connections: await ceiling(url, connections) for connections in (1, 4)}
        served = {people: await service(url, people) for people in (64, 256)}
    highest = max(bare.values())
    cores = len(os.sched_getaffinity(0))
    table = Table(
        title=f"Reservations a second · {platform.machine()}, {cores} cores, Python {platform.python_version()}"
    )
    for heading in ("what", "reservations/s", "ratio to the ceiling"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    for connections, rate in bare.items():
        table.add_row(f"bare {ROWS}-row batches, {connections} connections", f"{rate:,.0f}", f"{rate / highest:.2f}")
    for people, rate in served.items():
        table.add_row(f"the service, {people} people at once", f"{rate:,.0f}", f"{rate / highest:.2f}")
    Console().print(table)


if __name__ == "__main__":
    asyncio.run(main())
