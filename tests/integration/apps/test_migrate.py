"""The container before the store, over a real server: a database of its own, whose roles other tests use too."""

import asyncio
import json
import sys
from functools import partial
from urllib.parse import quote, urlsplit

import asyncpg
import pytest
from pydantic import ValidationError

from marketday.apps import migrate, migrate_mall
from marketday.drops.postgres import roles
from marketday.drops.postgres.roles import prepare_drop_database
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


async def prepare(settings):
    return await prepare_drop_database(settings.owner_url(), settings.passwords())


async def allowed(url, statement):
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(statement)
    finally:
        await connection.close()


async def test_roles_and_tables_are_made_and_a_second_start_changes_nothing(environment):
    settings = migrate.Settings()
    assert "0001_drop.sql" in await prepare(settings)
    assert await prepare(settings) == []
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
            return await prepare(settings)
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


def test_the_state_is_shown_and_a_file_that_was_changed_ends_it(environment, tmp_path, monkeypatch, capsys):
    settings = migrate.Settings()
    (tmp_path / "0001_tea.sql").write_text("CREATE TABLE tea (name text)", "utf-8")
    (tmp_path / "0002_tea.contract.sql").write_text("SELECT 1", "utf-8")
    for module in (migrate, roles):
        monkeypatch.setattr(module, "sql_folder", lambda _: tmp_path)

    def carry_out(*words):
        monkeypatch.setattr(sys, "argv", ["migrate", *words])
        migrate.carry_out(
            migrate.read_options(),
            settings.owner_url(),
            "drop",
            partial(prepare_drop_database, settings.owner_url(), settings.passwords()),
        )

    carry_out("--status")
    assert capsys.readouterr().out == "pending  expand   0001_tea.sql\npending  contract 0002_tea.contract.sql\n"
    with pytest.raises(SystemExit, match=r"0001_tea\.sql is pending; expected the phase expand"):
        carry_out("--phase", "contract")
    carry_out("--phase", "expand")
    carry_out("--status")
    assert "pending" not in capsys.readouterr().out
    (tmp_path / "0001_tea.sql").write_text("CREATE TABLE cup (name text)", "utf-8")
    with pytest.raises(SystemExit, match=r"0001_tea\.sql has the SHA-256"):
        carry_out()
    with pytest.raises(SystemExit, match="restore it"):
        carry_out("--status")
    assert "changed  expand   0001_tea.sql" in capsys.readouterr().out


def test_a_database_that_is_away_is_one_line(environment, monkeypatch, capsys):
    monkeypatch.setenv("MARKETDAY_DATABASE_URL", "postgresql://mall:hush@127.0.0.1:1/mall")
    monkeypatch.setattr(sys, "argv", ["migrate_mall", "--status"])
    monkeypatch.setattr(migrate_mall, "configure", lambda _: None)
    with pytest.raises(SystemExit) as ended:
        migrate_mall.main()
    assert "the database does not answer as expected: ConnectionRefusedError" in str(ended.value.code)
    assert "hush" not in str(ended.value.code)


def test_the_mall_database_is_migrated_by_its_owners_url(postgres_server, monkeypatch, capsys):
    monkeypatch.setattr(migrate_mall, "configure", lambda _: None)
    with postgres_server.clone("template1") as name:
        monkeypatch.setenv("MARKETDAY_DATABASE_URL", postgres_server.url(name))
        for words in ([], ["--status"]):
            monkeypatch.setattr(sys, "argv", ["migrate_mall", *words])
            migrate_mall.main()
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("pending")] == []
    assert "applied  expand   0001_shop.sql" in lines
