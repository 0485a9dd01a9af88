"""How often the waiting room's document can be read in a second, and how many of these requests reach the gate.

The ceiling is nginx with the same document as a static file, read by the same clients in the same run. The edge caches
the document for a second, so the gate gets about one request a second, however many people look. The last row asks the
gate directly, like an edge without a cache. Run with `python bench/waiting.py`; it takes about 30 seconds and ends by
itself.
"""

import asyncio
import json
import os
import platform
import re
import secrets
import shutil
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from marketday.accounts.tokens import load_signing_key, new_signing_key, public_jwks
from marketday.kit.valkey import connect
from marketday.provisioners.local import processes, readiness
from marketday.provisioners.local.binaries import nginx_program
from marketday.provisioners.local.model import HttpCheck, ProcessSpec, TcpCheck
from marketday.provisioners.local.nginx import Edge
from marketday.provisioners.local.ports import free_ports
from marketday.provisioners.local.valkey import ValkeyServer, write_configuration
from marketday.waitingroom.draw import commitment
from marketday.waitingroom.model import Facts
from marketday.waitingroom.valkey import ValkeyRooms

SECONDS = 3.0
RUNS = 3
CLIENTS = 64
NOW = "/v1/drops/bench/now"
STATIC = """daemon off; worker_processes 1; pid {folder}/pid; error_log stderr; {user}
events {{ worker_connections 1024; }}
http {{
    access_log off; default_type application/json; keepalive_requests 1000000;
    server {{ listen 127.0.0.1:{port}; root {folder}; }}
}}
"""


@contextmanager
def running(spec: ProcessSpec, folder: Path) -> Iterator[None]:
    """Run one process until the block ends."""
    log = folder / f"{spec.name}.log"
    child = processes.start(spec, "bench", log)
    try:
        readiness.wait_until_ready(spec, lambda: child.poll() is None, log)
        yield
    finally:
        processes.end(child, spec)


def static_file(folder: Path, port: int, body: bytes) -> ProcessSpec:
    """Return an nginx that serves `body` as a file."""
    file = folder / NOW[1:]
    file.parent.mkdir(parents=True)
    file.write_bytes(body)
    user = "user root;" if os.geteuid() == 0 else ""
    configuration = folder / "nginx.conf"
    configuration.write_text(STATIC.format(folder=folder, port=port, user=user))
    argv = (str(nginx_program()), "-p", str(folder), "-c", str(configuration), "-e", "stderr")
    return ProcessSpec(name="static", argv=argv, folder=str(folder), ready=TcpCheck(port=port))


def gate(folder: Path, port: int, valkey: ValkeyServer) -> ProcessSpec:
    """Return the gate's process."""
    place = folder / "gate"
    place.mkdir()
    (place / "key.json").write_text(new_signing_key())
    keys = public_jwks(load_signing_key(place / "key.json"), "http://mall.localhost")
    (place / "jwks.json").write_text(json.dumps(keys))
    settings = {
        "PORT": str(port),
        "VALKEY_URL": valkey.url(),
        "JWKS_FILE": str(place / "jwks.json"),
        "ADMISSION_KEY": secrets.token_hex(32),
        "PUBLIC_URL": "http://event.localhost",
        "MALL_URL": "http://mall.localhost",
    }
    return ProcessSpec(
        name="gate",
        argv=(sys.executable, "-m", "marketday.apps.gate"),
        folder=str(place),
        environment={f"MARKETDAY_{key}": value for key, value in settings.items()},
        ready=HttpCheck(port=port),
    )


async def publish(valkey: ValkeyServer) -> None:
    """Open a waiting room."""
    client = connect(valkey.url())
    now = datetime.now(UTC)
    facts = Facts("bench", now, now + timedelta(hours=1), now + timedelta(hours=2), 600, commitment(bytes(32)))
    await ValkeyRooms(client).publish_drop(facts)
    await client.aclose()


async def look(port: int, until: float, seconds: list[float]) -> None:
    """Read the document again and again on one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    question = f"GET {NOW} HTTP/1.1\r\nHost: event.localhost\r\n\r\n".encode()
    while (begun := time.perf_counter()) < until:
        writer.write(question)
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        assert head.startswith(b"HTTP/1.1 200"), head
        assert length, head
        await reader.readexactly(int(length[1]))
        seconds.append(time.perf_counter() - begun)
        if b"connection: close" in head.lower():
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()


async def measure(port: int) -> tuple[float, float]:
    """Return requests a second and their p99 in milliseconds: medians of several runs."""
    rates, slowest = [], []
    for _ in range(RUNS):
        seconds: list[float] = []
        begun = time.perf_counter()
        await asyncio.gather(*(look(port, begun + SECONDS, seconds) for _ in range(CLIENTS)))
        rates.append(len(seconds) / (time.perf_counter() - begun))
        slowest.append(statistics.quantiles(seconds, n=100)[98] * 1000)
    return statistics.median(rates), statistics.median(slowest)


def asked(port: int) -> int:
    """Return how often the gate has been asked for the document so far."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        text = answer.read().decode()
    return sum(
        int(float(count))
        for count in re.findall(r'^marketday_request_seconds_count\{route="[^"]*/now".*\} (\S+)$', text, re.MULTILINE)
    )


def main() -> None:
    """Start everything, measure, print the table, stop everything."""
    folder = Path(tempfile.mkdtemp(prefix="marketday-bench-"))
    folder.chmod(0o711)
    valkey_port, gate_port, edge_port, static_port = free_ports(4)
    valkey = ValkeyServer(folder / "valkey", valkey_port, secrets.token_hex(16))
    try:
        with ExitStack() as stack:
            write_configuration(valkey)
            stack.enter_context(running(valkey.spec(), folder))
            stack.enter_context(running(gate(folder, gate_port, valkey), folder))
            edge = Edge(folder / "nginx", edge_port, secrets.token_hex(32))
            nginx = edge.write_event(gate=gate_port, store=gate_port, requests_per_second=20)
            stack.enter_context(running(nginx, folder))
            asyncio.run(publish(valkey))
            with urllib.request.urlopen(f"http://127.0.0.1:{gate_port}{NOW}") as answer:
                body = answer.read()
            stack.enter_context(running(static_file(folder / "static", static_port, body), folder))
            _print(static_port, edge_port, gate_port)
    finally:
        shutil.rmtree(folder)


def _print(static_port: int, edge_port: int, gate_port: int) -> None:
    ceiling, _ = rates = asyncio.run(measure(static_port))
    rows = [("nginx, static file (ceiling)", *rates, "")]
    before = asked(gate_port)
    begun = time.perf_counter()
    edge = asyncio.run(measure(edge_port))
    reached = (asked(gate_port) - before) / (time.perf_counter() - begun)
    rows.append(("the edge, as people look", *edge, f"{reached:.1f}"))
    rows.append(("the gate, without its edge", *asyncio.run(measure(gate_port)), "all"))
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    table = Table("what", "looks/s", "ratio", "p99 ms", "reach the gate /s", title=f"{CLIENTS} clients; {machine}")
    for name, rate, slowest, reach in rows:
        table.add_row(name, f"{rate:,.0f}", f"{rate / ceiling:.2f}", f"{slowest:.1f}", reach)
    Console().print(table)


if __name__ == "__main__":
    main()
