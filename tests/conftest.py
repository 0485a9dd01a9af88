"""Real servers for every test that asks: one PostgreSQL and one Valkey for the session, a database for each test."""

import asyncio
import contextlib
import gc
import os
import secrets
import signal
import sys
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
import structlog
from hypothesis import HealthCheck, settings

from marketday.kit.database import connect
from marketday.kit.files import sql_folder
from marketday.kit.ids import new_id
from marketday.kit.migrations import migrate
from marketday.provisioners.local import postgres, processes, readiness, valkey
from marketday.provisioners.local.binaries import postgres_programs
from marketday.provisioners.local.model import ProcessSpec
from marketday.provisioners.local.ports import free_ports
from marketday.testing.folders import folder_for_servers

# How long an example takes is the machine's business: no test depends on it.
settings.register_profile(
    "marketday", deadline=None, max_examples=60, database=None, suppress_health_check=[HealthCheck.too_slow]
)
# `make unit` tries fewer, and the same each time; `make test` looks for new ones.
settings.register_profile("quick", settings.get_profile("marketday"), max_examples=10, derandomize=True)
# The state machine of a sale plays hundreds of long ones, each time others.
settings.register_profile("long", settings.get_profile("marketday"), max_examples=1000)
settings.load_profile("marketday")

PLANE = "tests"
EVENT_ROLES = ("store", "worker")
# What is started last decides when all have ended, so what takes longest is started first.
LONGEST = (
    "cloud/test_stacks.py",
    "cloud/test_chain_story.py",
    "cloud/test_chain_lambda.py",
    "e2e/test_market_day.py",
    "e2e/test_readme.py",
    "faults",
    "cloud/test_terraform_rules.py",
    "cloud/test_sweep.py",
    "integration/provisioners",
    "integration/bench",
    "integration/handback",
    "integration/gate",
)


def pytest_configure(config: pytest.Config) -> None:
    """A terminated session cleans up like an interrupted one, and an error that is logged costs no seconds."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # What structlog does by itself draws each traceback with all its variables.
    plain = [structlog.processors.add_log_level, structlog.processors.format_exc_info]
    structlog.configure(processors=[*plain, structlog.dev.ConsoleRenderer(colors=False)])
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"  # where boto3 asks last for credentials, and waits


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Python need not look for garbage in what was imported and collected, nor as often as usual afterwards."""
    gc.disable()
    try:
        return (yield)
    finally:
        _do_once()
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        gc.enable()


def _do_once() -> None:
    """Keep what two libraries make again for each test. What no test has imported is not imported for this."""
    for module, function in (
        ("botocore.session", "create_loader"),  # reads the descriptions of services, some of them many megabytes
        ("typer.testing", "_get_command"),  # makes a command from its functions, for every line it is given
    ):
        if loaded := sys.modules.get(module):
            setattr(loaded, function, cache(getattr(loaded, function)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest first."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    return next(
        (place for place, begin in enumerate(LONGEST) if item.nodeid.startswith(f"tests/{begin}")), len(LONGEST)
    )


class Administrator:
    """One connection for all that tests ask of their cluster itself, in a loop of its own: a new one costs more."""

    def __init__(self, url: str) -> None:
        self._runner = asyncio.Runner()
        self._thread = ThreadPoolExecutor(1)
        self._connection = self.run(connect(url, application="tests"))

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine to its end, whatever loop the test has."""
        return self._thread.submit(self._runner.run, work).result()

    def execute(self, *statements: str) -> None:
        for statement in statements:
            self.run(self._connection.execute(statement))

    def close(self) -> None:
        self.run(self._connection.close())
        self._thread.submit(self._runner.close).result()
        self._thread.shutdown()


@contextlib.contextmanager
def running(spec: ProcessSpec, folder: Path) -> Iterator[None]:
    log = folder / f"{spec.name}.log"
    child = processes.start(spec, PLANE, log)
    try:
        readiness.wait_until_ready(spec, lambda: child.poll() is None, log)
        yield
    finally:
        processes.end(child, spec)


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """One folder for the servers of all tests."""
    with folder_for_servers() as folder:
        yield folder


@dataclass(frozen=True)
class PostgresForTests:
    """The session's cluster, with the databases that the tests' own are cloned from."""

    server: postgres.PostgresServer
    role_password: str
    administrator: Administrator

    def url(self, database: str, role: str | None = None) -> str:
        if role:
            return self.server.url(database, role, self.role_password)
        return self.server.url(database)

    def execute(self, *statements: str) -> None:
        self.administrator.execute(*statements)

    @contextlib.contextmanager
    def clone(self, template: str) -> Iterator[str]:
        """A database of one's own, gone afterwards whoever still holds it; yields its name."""
        name = f"{template}_{new_id().hex}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        try:
            yield name
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres_server(server_folder: Path) -> Iterator[PostgresForTests]:
    folder = server_folder / "postgres"
    server = postgres.PostgresServer(folder, postgres_programs(server_folder), free_ports(1)[0], secrets.token_hex(16))
    postgres.create_cluster(folder, server.programs, server.password)
    # A test's database is never read again after a crash, so nothing waits for the disk; and a password that nobody
    # could guess needs no thousands of rounds at each of a test's connections.
    fast = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
    with (
        running(server.spec(**fast, scram_iterations="1"), server_folder),
        contextlib.closing(Administrator(server.url("postgres"))) as administrator,
    ):
        cluster = PostgresForTests(server, secrets.token_hex(16), administrator)
        cluster.execute(f"ALTER ROLE {postgres.OWNER} PASSWORD '{server.password}'")
        cluster.execute(*(f"CREATE ROLE {role} LOGIN PASSWORD '{cluster.role_password}'" for role in EVENT_ROLES))
        yield cluster


def _template(cluster: PostgresForTests, name: str) -> str:
    cluster.execute(f"CREATE DATABASE {name}")
    cluster.administrator.run(migrate(cluster.url(name), sql_folder(name)))
    return name


@pytest.fixture(scope="session")
def mall_template(postgres_server: PostgresForTests) -> str:
    return _template(postgres_server, "mall")


@pytest.fixture(scope="session")
def drop_template(postgres_server: PostgresForTests) -> str:
    return _template(postgres_server, "drop")


@pytest.fixture
def mall_database_url(postgres_server: PostgresForTests, mall_template: str) -> Iterator[str]:
    """A migrated, empty mall database, as its owner."""
    with postgres_server.clone(mall_template) as name:
        yield postgres_server.url(name)


@pytest.fixture
def drop_database_url(postgres_server: PostgresForTests, drop_template: str) -> Iterator[str]:
    """A migrated, empty drop database, as its owner."""
    with postgres_server.clone(drop_template) as name:
        yield postgres_server.url(name)


def _as_role(cluster: PostgresForTests, url: str, role: str) -> str:
    return cluster.url(urlsplit(url).path.removeprefix("/"), role)


@pytest.fixture
def store_database_url(postgres_server: PostgresForTests, drop_database_url: str) -> str:
    """The same database as `drop_database_url`, as the role `store`."""
    return _as_role(postgres_server, drop_database_url, "store")


@pytest.fixture
def worker_database_url(postgres_server: PostgresForTests, drop_database_url: str) -> str:
    """The same database as `drop_database_url`, as the role `worker`."""
    return _as_role(postgres_server, drop_database_url, "worker")


@pytest.fixture(scope="session")
def valkey_server(server_folder: Path) -> Iterator[valkey.ValkeyServer]:
    server = valkey.ValkeyServer(server_folder / "valkey", free_ports(1)[0], secrets.token_hex(16))
    valkey.write_configuration(server, durable=False)
    with running(server.spec(), server_folder):
        yield server


@pytest.fixture
def valkey_url(valkey_server: valkey.ValkeyServer) -> Iterator[str]:
    """An empty Valkey database, emptied again afterwards."""
    url = valkey_server.url()
    with redis.Redis.from_url(url) as client:
        client.flushall()
        try:
            yield url
        finally:
            client.flushall()
