import asyncio

import asyncpg
import pytest

from marketday.kit.database import connect, create_pool, migrate
from marketday.kit.files import sql_folder


@pytest.fixture
def empty_url(postgres_server):
    with postgres_server.clone("template1") as name:
        yield postgres_server.url(name)


def write(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.sql").write_text(text, "utf-8")
    return folder


async def test_migrations_are_applied_in_order_and_once(empty_url, tmp_path):
    write(tmp_path, a0002="ALTER TABLE tea ADD COLUMN hot bool", a0001="CREATE TABLE tea (name text)")
    assert await migrate(empty_url, tmp_path) == ["a0001.sql", "a0002.sql"]
    assert await migrate(empty_url, tmp_path) == []
    write(tmp_path, a0003="CREATE TABLE cup (size int)")
    assert await migrate(empty_url, tmp_path) == ["a0003.sql"]


async def test_a_migration_that_fails_leaves_nothing_of_itself(empty_url, tmp_path):
    write(tmp_path, a0001="CREATE TABLE tea (name text); SELECT 1 / 0")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(empty_url, tmp_path)
    connection = await connect(empty_url)
    try:
        assert await connection.fetchval("SELECT to_regclass('tea')") is None
    finally:
        await connection.close()
    write(tmp_path, a0001="CREATE TABLE tea (name text)")
    assert await migrate(empty_url, tmp_path) == ["a0001.sql"]


async def test_many_migrators_at_once_apply_each_file_once(empty_url):
    applied = await asyncio.gather(*(migrate(empty_url, sql_folder("mall")) for _ in range(4)))
    files = sorted(file.name for file in sql_folder("mall").glob("*.sql"))
    assert sorted(name for names in applied for name in names) == files


async def test_an_empty_folder_is_a_mistake_and_said(empty_url, tmp_path):
    with pytest.raises(FileNotFoundError, match="no migration"):
        await migrate(empty_url, tmp_path)


async def test_jsonb_is_a_python_value_on_every_connection(mall_database_url):
    value = {"ko": "새벽", "n": [1, 2.5, None, True]}
    async with await create_pool(mall_database_url, max_size=2) as pool:
        assert await pool.fetchval("SELECT $1::jsonb", value) == value


async def test_a_connection_tells_who_it_is_and_speaks_utc(mall_database_url):
    connection = await connect(mall_database_url, application="tea-test")
    try:
        assert await connection.fetchval("SHOW application_name") == "tea-test"
        assert await connection.fetchval("SHOW timezone") == "UTC"
    finally:
        await connection.close()
