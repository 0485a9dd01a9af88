"""Starts the ordinary shop with a database of its own and as many processes as our gate and store together."""

import asyncio
import json
import sys
from pathlib import Path

from bench.bench import Bench
from bench.rows.room import own_nginx
from bench.started import started
from marketday.kit.database import connect
from marketday.provisioners.local.databases import ensure_database
from marketday.provisioners.local.model import ProcessSpec, TcpCheck
from marketday.provisioners.local.ports import free_ports

_PROCESSES = 2
_ROOT = Path(__file__).parents[2]
_TABLES = Path(__file__).with_name("shop.sql").read_text("utf-8")


def start(bench: Bench) -> int:
    """Start it until the benchmark ends; return the port of the nginx before it."""
    market = bench.market
    url = market.database_named("naive")
    asyncio.run(_fill(market.database_url, url))
    folder = market.new_folder()
    jwks = folder / "jwks.json"
    jwks.write_text(json.dumps(market.people.jwks()))
    ports = free_ports(_PROCESSES)
    for port in ports:
        settings = {
            "PORT": str(port),
            "DATABASE_URL": url,
            "JWKS_FILE": str(jwks),
            "GATEWAY_URL": market.mall.gateway_url,
            "GATEWAY_KEY": market.mall.gateway_key,
        }
        spec = ProcessSpec(
            name=f"naive-{port}",
            argv=(sys.executable, "-m", "bench.naive.shop"),
            folder=str(_ROOT),
            environment={f"SHOP_{name}": value for name, value in settings.items()},
            ready=TcpCheck(port=port),
        )
        bench.stack.enter_context(started(spec, folder))
    return own_nginx(bench, services=tuple(ports))


async def _fill(admin_url: str, url: str) -> None:
    await ensure_database(admin_url, "naive")
    connection = await connect(url)
    try:
        await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public;" + _TABLES)
    finally:
        await connection.close()
