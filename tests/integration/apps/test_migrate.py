"""The container before the store, over a real server: a database of its own, whose roles other tests use too."""

import asyncio
import json
from urllib.parse import quote, urlsplit

import asyncpg
import pytest
from pydantic import ValidationError

from marketday.apps import migrate
from marketday.kit.ids import new_id


@pytest.fixture
def environment(postgres_server, monkeypatch):
    """An empty database, and the container's environment over it; the roles get back the password of all tests."""
    name = f"fresh_{new_id().hex}"
    owner = urlsplit(postgres_server.url("postgres"))
    # An owner as RDS makes it: no superuser, but one that may make roles.
    role, password = f"owner_{new_id().hex}", "a/b@c:d%e"
    postgres_server.execute(f"CREATE ROLE {role} LOGIN CREATEROLE PASSWORD '{password}'")
    postgres_server.execute(f"CREATE DATABASE {name} OWNER {role}")
    grants = [f"GRANT {each} TO {role} WITH ADMIN OPTION" for each in ("store", "worker")]
    postgres_server.execute(*grants)
    place = f"{owner.hostname}:{owner.port}/{name}"
    passwords = dict.fromkeys(("store", "worker"), postgres_server.role_password)
    values = {
        "OWNER_SECRET": json.dumps({"username": role, "password": password}),
        "DATABASE_HOST": owner.hostname,
        "DATABASE_PORT": str(owner.port),
        "DATABASE_NAME": name,
        **{
            f"{each.upper()}_DATABASE_URL": f"postgresql://{each}:{quote(word, safe='')}@{place}"
            for each, word in passwords.items()
        },
    }
    for key, value in values.items():
        monkeypatch.setenv(f"MARKETDAY_{key}", value)
    yield {**values, "owner_role": role}
    postgres_server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    postgres_server.execute(f"DROP OWNED BY {role}", f"DROP ROLE {role}")


async def allowed(url, statement):
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(statement)
    finally:
        await connection.close()


async def test_roles_and_tables_are_made_and_a_second_start_changes_nothing(environment):
    settings = migrate.Settings()
    assert "0001_drop.sql" in await migrate.prepare(settings)
    assert await migrate.prepare(settings) == []
    store = environment["STORE_DATABASE_URL"]
    assert await allowed(store, "SELECT * FROM items") == []
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await allowed(store, "SELECT * FROM draws")
    assert await allowed(environment["WORKER_DATABASE_URL"], "SELECT * FROM draws") == []


async def test_two_tasks_that_start_at_once_do_no_harm(environment):
    came = await asyncio.gather(*(_patient(migrate.Settings()) for _ in range(2)))
    assert sum("0001_drop.sql" in each for each in came) == 1


async def _patient(settings):
    """ECS starts a task again whose first container failed."""
    for _ in range(5):
        try:
            return await migrate.prepare(settings)
        except asyncpg.InternalServerError:  # tuple concurrently updated: both change a role's password
            continue
    raise AssertionError("it never came through")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OWNER_SECRET", "hush"),
        ("OWNER_SECRET", '{"username": "hush"}'),
        ("STORE_DATABASE_URL", "postgresql://mall:hush@host/drop"),
        ("WORKER_DATABASE_URL", "postgresql://worker@hush/drop"),
    ],
)
def test_a_wrong_setting_is_named_and_not_shown(environment, monkeypatch, name, value):
    monkeypatch.setenv(f"MARKETDAY_{name}", value)
    with pytest.raises(ValidationError) as raised:
        migrate.Settings()
    assert name.lower() in str(raised.value)
    assert "expected" in str(raised.value)
    assert "hush" not in str(raised.value)
