"""The owner of both databases as RDS gives it: no superuser, but a role that may make others."""

from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from tests.conftest import running

from marketday.handback.postgres.link import PostgresLinks
from marketday.handback.postgres.staging import PostgresStaging
from marketday.kit.clock import SystemClock
from marketday.kit.database import connect, create_pool
from marketday.kit.files import sql_folder
from marketday.kit.ids import new_id
from marketday.kit.migrations import migrate
from marketday.provisioners.local import postgres
from marketday.provisioners.local.binaries import postgres_programs
from marketday.provisioners.local.ports import free_ports

from .test_dms import ByDms

TAKE_OVER = """
DO $$ DECLARE one record; BEGIN
    EXECUTE format('ALTER DATABASE %I OWNER TO {role}', current_database());
    FOR one IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('ALTER TABLE public.%I OWNER TO {role}', one.name);
    END LOOP;
END $$
"""


def _as(url, role, password):
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{role}:{password}@{parts.netloc.rpartition('@')[2]}"))


@pytest.fixture
async def owned(sold, mall_database_url):
    """The sold drop, worked on by an owner that is no superuser, on a server where replication is a role's right."""
    role = f"owner_{new_id().hex[-8:]}"
    setup = [f"CREATE ROLE {role} LOGIN CREATEROLE PASSWORD 'words'", "CREATE ROLE rds_replication"]
    for statement in (*setup, f"GRANT rds_replication TO {role} WITH ADMIN OPTION"):
        await sold.mall.execute(statement)
    for database in (sold.mall, sold.drop):
        await database.execute(TAKE_OVER.format(role=role))
    sold.mall_url = _as(mall_database_url, role, "words")
    superuser, sold.mall = sold.mall, await create_pool(sold.mall_url)
    sold.window = replace(sold.window, database_url=_as(sold.window.database_url, role, "words"))
    sold.links, sold.staging = PostgresLinks(SystemClock()), PostgresStaging(sold.mall, sold.mall_url)
    sold.promotions.__init__(sold.mall)
    sold.receipts.__init__(sold.mall, sold.folder)
    yield sold
    await sold.mall.close()
    sold.mall = superuser
    for database in (sold.mall, sold.drop):
        await database.execute(f"REASSIGN OWNED BY {role} TO CURRENT_USER; DROP OWNED BY {role}")
    await superuser.execute(f"DROP ROLE {role}; DROP ROLE rds_replication")


async def test_the_direct_way(owned):
    receipt = await owned.service().hand_back(owned.window)
    assert receipt.claims["promotion"]["orders"] == 7
    assert await owned.link_roles() == []


async def test_the_way_by_dms(owned, mall_database_url):
    by_dms = ByDms(owned, mall_database_url, {"source-secret": "source-words", "target-secret": "target-words"})
    while by_dms.dms.status != "running":
        await by_dms.service().hand_back(by_dms.window)
    may_follow = "SELECT pg_has_role($1, 'rds_replication', 'usage')"
    assert await owned.mall.fetchval(may_follow, by_dms.window.link_role)
    assert not await owned.mall.fetchval(may_follow, by_dms.window.stage_role)
    reading = await connect(by_dms._url(by_dms.window.database_url, by_dms.window.link_role, "source-secret"))
    assert (await by_dms.done("hand_back")).claims["promotion"]["orders"] == 7
    assert await by_dms.roles() == []
    assert await by_dms.tables_of_dms() == 0
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await reading.fetchval("SELECT 1")


async def test_a_slot_that_dms_left_is_dropped_with_the_link(server_folder, sold):
    """It would keep the drop's log of changes for ever; a slot of a server that writes such a log is needed for it."""
    folder = server_folder / f"logical-{new_id().hex[-8:]}"
    server = postgres.PostgresServer(folder, postgres_programs(server_folder), free_ports(1)[0], "words")
    postgres.create_cluster(folder, server.programs, server.password)
    spec = server.spec(fsync="off", wal_level="logical").model_copy(update={"name": folder.name})

    async def password(window):
        return "link-words"

    with running(spec, server_folder):
        url = server.url("postgres")
        owner = await connect(url)
        await owner.execute(f"CREATE ROLE store; CREATE ROLE worker; CREATE ROLE {sold.window.stage_role}")
        await migrate(url, sql_folder("drop"))
        links, window = PostgresLinks(SystemClock(), password), replace(sold.window, database_url=url)
        async with links.open(window):
            await owner.execute("SELECT pg_create_logical_replication_slot('dms', 'pgoutput')")
        assert await owner.fetchval("SELECT count(*) FROM pg_replication_slots") == 1
        await links.close(window)
        assert await owner.fetchval("SELECT count(*) FROM pg_replication_slots") == 0
        assert await owner.fetch("SELECT FROM pg_roles WHERE rolname = $1", window.link_role) == []
        await owner.close()
