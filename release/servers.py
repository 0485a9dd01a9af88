"""PostgreSQL, Valkey and the payment gateway's sandbox for one small shop, until a block ends."""

import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from release.shop import Keys

from marketday.accounts.tokens import new_signing_key
from marketday.apps import sandbox
from marketday.provisioners.local import postgres, processes, readiness, valkey
from marketday.provisioners.local.binaries import postgres_programs
from marketday.provisioners.local.model import ProcessSpec
from marketday.provisioners.local.ports import free_ports
from marketday.testing.serving import served

ROLES = ("store", "worker")


@contextmanager
def running(spec: ProcessSpec, folder: Path) -> Iterator[None]:
    """Run a server."""
    log = folder / f"{spec.name}.log"
    child = processes.start(spec, "release", log)
    try:
        readiness.wait_until_ready(spec, lambda: child.poll() is None, log)
        yield
    finally:
        processes.end(child, spec)


@contextmanager
def cluster(folder: Path) -> Iterator[postgres.PostgresServer]:
    """Make a cluster of PostgreSQL and run it."""
    server = postgres.PostgresServer(
        folder / "postgres", postgres_programs(folder), free_ports(1)[0], secrets.token_hex(16)
    )
    postgres.create_cluster(server.folder, server.programs, server.password)
    with running(server.spec(fsync="off"), folder):
        yield server


@contextmanager
def memory(folder: Path) -> Iterator[str]:
    """Run a Valkey; yield its address."""
    server = valkey.ValkeyServer(folder / "valkey", free_ports(1)[0], secrets.token_hex(16))
    valkey.write_configuration(server, durable=False)
    with running(server.spec(), folder):
        yield server.url()


@asynccontextmanager
async def gateway(ledger: Path, merchant: str) -> AsyncIterator[str]:
    """Serve the payment gateway over its books; yield its address."""
    [port] = free_ports(1)
    app = sandbox.create_app(sandbox.Settings(port=port, database_file=ledger, gateway_key=merchant))
    async with served(app, port):
        yield f"http://127.0.0.1:{port}"


def new_keys() -> Keys:
    """Return keys that nothing else uses."""
    return Keys(new_signing_key(), secrets.token_hex(32), secrets.token_hex(16), secrets.token_hex(16))


def keys_of(facts: Mapping[str, str]) -> Keys:
    """Return the keys that were kept."""
    return Keys(facts["signing"], facts["admission"], facts["merchant"], facts["plane"])
