"""Migrations over a real server: each file once, in two halves, and never changed afterwards."""

import asyncio
import shutil

import asyncpg
import pytest

from marketday.kit import migrations
from marketday.kit.database import DRIVER_ERRORS, connect
from marketday.kit.files import sql_folder
from marketday.kit.migrations import (
    Half,
    MigrationBusy,
    MigrationChanged,
    MigrationState,
    MigrationTooEarly,
    migrate,
    migration_states,
)

EXPAND, CONTRACT = (Half.EXPAND,), (Half.CONTRACT,)


@pytest.fixture
def empty_url(postgres_server):
    with postgres_server.clone("template1") as name:
        yield postgres_server.url(name)


@pytest.fixture
async def database(empty_url):
    connection = await connect(empty_url)
    yield connection
    await connection.close()


def write(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.sql").write_text(text, "utf-8")
    return folder


def write_contract(folder, name, text):
    (folder / f"{name}.contract.sql").write_text(text, "utf-8")


async def columns(database, table):
    return await database.fetchval(
        "SELECT array_agg(attname ORDER BY attnum) FROM pg_attribute "
        "WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped",
        table,
    )


async def test_migrations_are_applied_in_order_and_once(empty_url, tmp_path):
    write(tmp_path, a0002="ALTER TABLE tea ADD COLUMN hot bool", a0001="CREATE TABLE tea (name text)")
    assert await migrate(empty_url, tmp_path) == ["a0001.sql", "a0002.sql"]
    assert await migrate(empty_url, tmp_path) == []
    write(tmp_path, a0003="CREATE TABLE cup (size int)")
    assert await migrate(empty_url, tmp_path) == ["a0003.sql"]


async def test_a_migration_that_fails_is_named_and_leaves_nothing_of_itself(empty_url, database, tmp_path):
    write(tmp_path, a0001="CREATE TABLE tea (name text); SELECT 1 / 0")
    with pytest.raises(asyncpg.DivisionByZeroError) as raised:
        await migrate(empty_url, tmp_path)
    assert raised.value.__notes__ == ["migration a0001.sql; nothing of it is done"]
    assert await columns(database, "tea") is None
    write(tmp_path, a0001="CREATE TABLE tea (name text)")
    assert await migrate(empty_url, tmp_path) == ["a0001.sql"]


async def test_many_migrators_at_once_apply_each_file_once(empty_url):
    applied = await asyncio.gather(*(migrate(empty_url, sql_folder("mall")) for _ in range(4)))
    files = sorted(file.name for file in sql_folder("mall").glob("*.sql"))
    assert sorted(name for names in applied for name in names) == files


async def test_an_empty_folder_is_a_mistake_and_said(empty_url, tmp_path):
    with pytest.raises(FileNotFoundError, match="no migration"):
        await migrate(empty_url, tmp_path)


async def test_one_that_was_changed_after_it_was_applied_stops_all(empty_url, database, tmp_path):
    write(tmp_path, a0001="CREATE TABLE tea (name text)")
    await migrate(empty_url, tmp_path)
    write(tmp_path, a0001="CREATE TABLE tea (name text, hot bool)", a0002="CREATE TABLE cup (size int)")
    with pytest.raises(MigrationChanged, match=r"a0001\.sql has the SHA-256 \w{64}; expected \w{64}.*Restore the file"):
        await migrate(empty_url, tmp_path)
    assert await columns(database, "cup") is None
    assert await migration_states(empty_url, tmp_path) == {
        "a0001.sql": MigrationState.CHANGED,
        "a0002.sql": MigrationState.PENDING,
    }
    write(tmp_path, a0001="CREATE TABLE tea (name text)")
    assert await migrate(empty_url, tmp_path) == ["a0002.sql"]


@pytest.mark.parametrize("name", ["mall", "drop"])
async def test_a_database_with_the_books_of_before_goes_on(empty_url, database, tmp_path, name):
    """What kept the names alone was the migration until it kept checksums: the files of today are its truth."""
    files = sorted(sql_folder(name).glob("*.sql"))
    await database.execute("CREATE TABLE migrations (name text PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())")
    for file in files:
        shutil.copyfile(file, tmp_path / file.name)
        await database.execute(file.read_text("utf-8"))
        await database.execute("INSERT INTO migrations (name) VALUES ($1)", file.name)
    assert set((await migration_states(empty_url, tmp_path)).values()) == {MigrationState.APPLIED}
    write(tmp_path, x9999="CREATE TABLE tea (name text)")
    assert await migrate(empty_url, tmp_path) == ["x9999.sql"]
    assert await database.fetchval("SELECT count(*) FROM migrations WHERE sha256 IS NULL") == 0
    (tmp_path / files[0].name).write_text("SELECT 1", "utf-8")
    with pytest.raises(MigrationChanged, match=files[0].name):
        await migrate(empty_url, tmp_path)


async def test_the_halves_run_apart_while_services_are_replaced(empty_url, database, tmp_path):
    write(tmp_path, a0001="CREATE TABLE tea (name text)")
    await migrate(empty_url, tmp_path)
    write(tmp_path, a0002="ALTER TABLE tea ADD COLUMN title text", a0004="ALTER TABLE tea ADD COLUMN hot bool")
    write_contract(tmp_path, "a0003", "ALTER TABLE tea DROP COLUMN name")
    with pytest.raises(MigrationTooEarly, match=r"a0002\.sql is pending"):
        await migrate(empty_url, tmp_path, CONTRACT)
    assert await migrate(empty_url, tmp_path, EXPAND) == ["a0002.sql", "a0004.sql"]
    assert await columns(database, "tea") == ["name", "title", "hot"]
    assert await migrate(empty_url, tmp_path, EXPAND) == []
    assert (await migration_states(empty_url, tmp_path))["a0003.contract.sql"] is MigrationState.PENDING
    assert await migrate(empty_url, tmp_path, CONTRACT) == ["a0003.contract.sql"]
    assert await columns(database, "tea") == ["title", "hot"]
    assert await migrate(empty_url, tmp_path, CONTRACT) == []


@pytest.mark.parametrize("halves", [EXPAND, tuple(Half)])
async def test_a_new_database_has_no_version_before_and_gets_both_halves(empty_url, tmp_path, halves):
    write(tmp_path, a0001="CREATE TABLE tea (name text)", a0003="CREATE TABLE cup (size int)")
    write_contract(tmp_path, "a0002", "DROP TABLE tea")
    assert await migrate(empty_url, tmp_path, halves) == ["a0001.sql", "a0003.sql", "a0002.contract.sql"]


async def test_what_a_newer_version_applied_is_left_alone(empty_url, tmp_path):
    write(tmp_path, a0001="CREATE TABLE tea (name text)", a0002="CREATE TABLE cup (size int)")
    await migrate(empty_url, tmp_path)
    (tmp_path / "a0002.sql").unlink()
    assert await migrate(empty_url, tmp_path) == []
    assert await migration_states(empty_url, tmp_path) == {
        "a0001.sql": MigrationState.APPLIED,
        "a0002.sql": MigrationState.NO_FILE,
    }


async def test_the_state_of_a_new_database_is_told_and_nothing_is_made(empty_url, database, tmp_path):
    write(tmp_path, a0001="CREATE TABLE tea (name text)")
    assert await migration_states(empty_url, tmp_path) == {"a0001.sql": MigrationState.PENDING}
    assert await columns(database, "migrations") is None


async def test_whoever_waits_too_long_for_another_migrator_is_told(empty_url, database, tmp_path, monkeypatch):
    write(tmp_path, a0001="CREATE TABLE tea (name text)")
    monkeypatch.setattr(migrations, "_TURN_SECONDS", 0.01)
    await database.execute("SELECT pg_advisory_lock($1)", migrations._LOCK)
    with pytest.raises(MigrationBusy, match="another migration is running"):
        await migrate(empty_url, tmp_path)
    await database.execute("SELECT pg_advisory_unlock($1)", migrations._LOCK)
    monkeypatch.undo()
    assert await migrate(empty_url, tmp_path) == ["a0001.sql"]


async def test_a_table_in_use_is_not_waited_for_longer_than_services_would(empty_url, database, tmp_path, monkeypatch):
    write(tmp_path, a0001="CREATE TABLE tea (name text)")
    await migrate(empty_url, tmp_path)
    write(tmp_path, a0002="ALTER TABLE tea ADD COLUMN hot bool")
    monkeypatch.setattr(migrations, "_TABLE_SECONDS", 0.01)
    async with database.transaction():
        await database.execute("SELECT FROM tea")
        with pytest.raises(MigrationBusy, match=r"a0002\.sql: a table that it changes is in use"):
            await migrate(empty_url, tmp_path)
    monkeypatch.undo()
    assert await migrate(empty_url, tmp_path) == ["a0002.sql"]


async def test_whoever_is_cut_off_in_the_middle_leaves_nothing_and_keeps_nobody_out(empty_url, database, tmp_path):
    write(tmp_path, a0001="CREATE TABLE tea (name text); SELECT pg_sleep(600)")
    cut_off = asyncio.create_task(migrate(empty_url, tmp_path))
    asleep = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
    async with asyncio.timeout(60):
        while (process := await database.fetchval(asleep)) is None:
            await asyncio.sleep(0.01)
    await database.execute("SELECT pg_terminate_backend($1)", process)
    with pytest.raises(DRIVER_ERRORS):
        await cut_off
    write(tmp_path, a0001="CREATE TABLE tea (name text)")
    assert await migrate(empty_url, tmp_path) == ["a0001.sql"]
