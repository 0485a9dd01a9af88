"""The servers that all other tests stand on."""

import asyncpg
import pytest
import redis.asyncio as redis

from marketday.kit.database import connect


async def test_each_test_has_its_own_migrated_database(mall_database_url, drop_database_url):
    for url, table in ((mall_database_url, "products"), (drop_database_url, "reservations")):
        connection = await connect(url)
        try:
            assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0
            assert (await connection.fetchval("SHOW server_version")).startswith("18.")
        finally:
            await connection.close()


@pytest.mark.parametrize("role", ["store", "worker"])
async def test_the_roles_of_the_event_plane_reach_the_same_database(
    role, drop_database_url, store_database_url, worker_database_url
):
    owner = await connect(drop_database_url)
    service = await connect({"store": store_database_url, "worker": worker_database_url}[role])
    try:
        assert await service.fetchval("SELECT current_user::text") == role
        assert await service.fetchval("SELECT current_database()") == await owner.fetchval("SELECT current_database()")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await service.execute("DELETE FROM drops")
    finally:
        await service.close()
        await owner.close()


async def test_a_wrong_password_is_refused(postgres_server):
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(postgres_server.server.url(password="wrong"))


@pytest.mark.parametrize("attempt", [1, 2])
async def test_valkey_is_empty_for_each_test(attempt, valkey_url):
    async with redis.from_url(valkey_url) as client:
        assert await client.dbsize() == 0
        await client.set("left", "behind")
