"""What PostgreSQL does without the product: the same tables' rows, in bare statements, each committed with fsync."""

import asyncio
import time
from collections import Counter
from typing import Any

from bench.load.seen import Latencies, Seen
from marketday.kit.database import connect
from marketday.testing.drops import SKU

ROWS = 200
CONNECTIONS = 4
_STATEMENT = """
WITH taken AS (UPDATE stock SET reserved = reserved + $3 WHERE drop_slug = $1 AND sku = $2)
INSERT INTO reservations (id, drop_slug, sku, person_id, quantity, unit_price_minor, currency, state,
                          reserved_until, idempotency_key, fingerprint)
SELECT uuidv7(), $1, $2, uuidv7(), 1, 32000, 'KRW', 'held', now() + interval '1 hour', 'key', '\\x00'
FROM generate_series(1, $3)
"""


def batches(url: str, slug: str, seconds: float, *, rows: int = ROWS, connections: int = CONNECTIONS) -> Seen:
    """Write batches for some seconds; what was seen counts rows, its latencies are of whole batches."""
    return asyncio.run(_batches(url, slug, seconds, rows, connections))


async def _batches(url: str, slug: str, seconds: float, rows: int, connections: int) -> Seen:
    opened: list[Any] = [await connect(url) for _ in range(connections)]
    statements = [await connection.prepare(_STATEMENT) for connection in opened]
    latencies = Latencies()
    begun = time.perf_counter()

    async def write(statement: Any) -> None:
        while (before := time.perf_counter()) < begun + seconds:
            await statement.fetch(slug, SKU, rows)
            latencies.add(time.perf_counter() - before)

    try:
        await asyncio.gather(*map(write, statements))
        passed = time.perf_counter() - begun
    finally:
        for connection in opened:
            await connection.close()
    batch_counts = Counter({micros: count * rows for micros, count in latencies.counts.items()})
    return Seen(passed, {"batch": latencies}, Latencies(batch_counts))
