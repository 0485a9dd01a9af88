"""What exactness costs: the same store on a database without limit, key and constraint."""

import asyncio

from bench import steps
from bench.bench import Bench, ratio
from bench.load.seen import Seen
from bench.row import Row, a_second
from bench.rows.room import own_nginx
from bench.rows.store import CLIENTS, start_store
from marketday.kit.database import connect, load_queries
from marketday.kit.files import sql_folder
from marketday.kit.migrations import migrate
from marketday.provisioners.local.databases import ensure_database

_SQL = load_queries("bench", "unguarded.sql")
_DATABASE = "unguarded"


def exactness(bench: Bench) -> list[Row]:
    """Compare the guarded with the unguarded path; each has a store process and an nginx of its own."""
    slug = bench.market.new_drop()
    asyncio.run(_unguard(bench, slug))
    guarded = own_nginx(bench, services=(start_store(bench, 3),))
    unguarded = own_nginx(bench, services=(start_store(bench, 4, _DATABASE),))

    def reserved(name: str, port: int) -> Seen:
        people = bench.people_for("reserve", slug)
        return bench.closed(name, bench.load([steps.reserve(slug)], CLIENTS, port, people=people))

    exact, careless = bench.interleaved(
        lambda: reserved("guarded", guarded), lambda: reserved("unguarded", unguarded), times=2
    )
    return [
        Row(
            f"what exactness costs, {bench.clients(CLIENTS)} clients",
            a_second(exact.rate),
            f"{a_second(careless.rate)}: the same path without limit, key and constraint",
            (1 - ratio(exact, careless)) * 100,
            8,
            at_least=False,
            unit=" %",
            latencies=exact.latencies,
        )
    ]


async def _unguard(bench: Bench, slug: str) -> None:
    """Make a drop database without guards beside the real one, with the same drop."""
    url = bench.market.database_named(_DATABASE)
    await ensure_database(bench.market.database_url, _DATABASE)
    await migrate(url, sql_folder("drop"))
    await bench.market.write_drop(url, slug)
    connection = await connect(url)
    try:
        await connection.execute(_SQL["constraints"])
        await connection.execute(_SQL["reserve_batch"])
    finally:
        await connection.close()
