"""A hand-back by DMS on two real databases. The task is in memory; what it copies, it copies with the window's two
credentials from the one database into the other, as DMS would, beside tables of its own.
"""

import asyncio
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg
import pytest

from marketday.handback.bring import Bringing
from marketday.handback.dms import DmsCopier
from marketday.handback.errors import CopyDiffers, CopyFailed, EquationsBroken, SourceUnavailable
from marketday.handback.model import Brought, Receipt, Replication, Waiting
from marketday.handback.postgres.link import PostgresLinks
from marketday.handback.postgres.staging import PostgresStaging
from marketday.handback.secretsmanager import SecretPasswords
from marketday.handback.service import HandBackService
from marketday.kit.clock import SystemClock
from marketday.kit.database import connect
from marketday.provisioners.local.ports import free_ports
from marketday.testing.dms import TASK, FakeDms, copy_rows

NOON = datetime(2026, 11, 26, 3, tzinfo=UTC)
ROLES = "SELECT rolname FROM pg_roles WHERE rolname LIKE '%' || $1"


@dataclass
class ByDms:
    """The sold drop with a DMS task between it and the mall."""

    sold: object
    mall_url: str
    passwords: dict

    def __post_init__(self):
        self.window = replace(self.sold.window, replication=Replication(TASK, "source-secret", "target-secret"))
        self.spoilers = []  # statements on the staging schema, one after each load
        self.kinds = []
        self.dms = FakeDms(lambda kind: asyncio.run(self._load(kind)))

    def get_secret_value(self, *, SecretId):  # noqa: N803 - as boto3 names it
        role = self.window.link_role if SecretId == "source-secret" else self.window.stage_role
        return {"SecretString": json.dumps({"username": role, "password": self.passwords[SecretId]})}

    def service(self):
        secrets = SecretPasswords(self)
        self.links = PostgresLinks(SystemClock(), secrets.source)
        self.staging = PostgresStaging(self.sold.mall, self.sold.mall_url, secrets.target)
        sides = (self.links, self.staging, self.sold.evidence(), self.sold.promotions, self.sold.receipts)
        return HandBackService(
            *sides, self.sold.key, "http://mall.localhost", SystemClock(), copier=DmsCopier(self.dms, self.staging)
        )

    async def done(self, ask, window=None):
        """Ask a service made anew each time until it waits for nothing more."""
        for _ in range(60):
            result = await getattr(self.service(), ask)(window or self.window)
            if not isinstance(result, Waiting):
                return result
        return pytest.fail(f"never done: {result.reason}")

    async def _load(self, kind):
        self.kinds.append(kind)
        source = self._url(self.window.database_url, self.window.link_role, "source-secret")
        target, schema = self._url(self.mall_url, self.window.stage_role, "target-secret"), self.window.staging
        await copy_rows(source, target, schema, kind)
        if self.spoilers:
            spoiling = await connect(target)
            await spoiling.execute(self.spoilers.pop(0).format(schema=schema))
            await spoiling.close()

    def _url(self, url, role, secret):
        parts = urlsplit(url)
        place = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=f"{role}:{quote(self.passwords[secret])}@{place}"))

    async def roles(self):
        return await self.sold.mall.fetch(ROLES, self.window.environment_id.hex)

    async def tables_of_dms(self):
        query = "SELECT FROM pg_tables WHERE schemaname = $1 AND tablename LIKE 'awsdms%'"
        return len(await self.sold.mall.fetch(query, self.window.staging))


@pytest.fixture
def by_dms(sold, mall_database_url):
    return ByDms(sold, mall_database_url, {"source-secret": "source-words", "target-secret": "target-words"})


async def test_every_order_comes_home_with_a_receipt_and_nothing_is_left_open(by_dms):
    receipt = await by_dms.done("hand_back")
    assert isinstance(receipt, Receipt)
    assert receipt.claims["promotion"] == {"orders": 7, "units_lent": 20, "units_sold": 7, "units_returned": 13}
    assert by_dms.kinds == ["start-replication"]
    assert by_dms.dms.status == ""
    assert await by_dms.roles() == []
    assert await by_dms.tables_of_dms() == 0
    assert (await by_dms.done("hand_back")).token == receipt.token
    assert by_dms.dms.calls.count("delete") == 1


async def test_a_row_that_dms_left_out_is_found_and_mended(by_dms):
    by_dms.spoilers = ["DELETE FROM {schema}.entries WHERE index = 3"]
    receipt = await by_dms.done("hand_back")
    assert by_dms.kinds == ["start-replication", "reload-target"]
    assert receipt.claims["tables"]["entries"]["rows"] == 7


SPOILED = {
    "missing": "DELETE FROM {schema}.entries WHERE index = 3",
    "extra": "INSERT INTO {schema}.allowances VALUES ('dawn-serum', 'NO-SUCH', gen_random_uuid(), 1, 2)",
    "cut short": "UPDATE {schema}.items SET title_ko = left(title_ko, 2)",
    "less precise": "UPDATE {schema}.payments SET created_at = date_trunc('milliseconds', created_at)",
    "another zero byte": "UPDATE {schema}.draws SET seed = seed || '\\x00'",
    "a value that is gone": "UPDATE {schema}.reservations SET settled_at = NULL WHERE state = 'released'",
}


async def test_whatever_stays_wrong_stops_the_day_and_closes_the_link(by_dms, subtests):
    before = await by_dms.sold.mall_holds()
    for wrong, spoiler in SPOILED.items():
        by_dms.spoilers = [spoiler, spoiler]
        with subtests.test(wrong), pytest.raises(CopyDiffers, match=r"missing|extra|changed"):
            await by_dms.done("hand_back")
        assert by_dms.spoilers == [], wrong
        assert await by_dms.sold.mall_holds() == before, wrong
        assert await by_dms.roles() == [], wrong
        assert by_dms.dms.status == "stopped", wrong
    assert (await by_dms.done("hand_back")).claims["promotion"]["orders"] == 7


async def test_a_drop_that_contradicts_itself_leaves_no_link_open(by_dms):
    await by_dms.sold.drop.execute("UPDATE stock SET sold = sold + 1")
    with pytest.raises(EquationsBroken):
        await by_dms.done("hand_back")
    assert await by_dms.roles() == []
    await by_dms.sold.drop.execute("UPDATE stock SET sold = sold - 1")
    await by_dms.done("hand_back")


async def test_while_dms_copies_both_credentials_stand_and_can_do_that_alone(by_dms):
    assert isinstance(await by_dms.service().hand_back(by_dms.window), Waiting)
    while by_dms.dms.status != "running":
        await by_dms.service().hand_back(by_dms.window)
    assert len(await by_dms.roles()) == 2
    stage = await connect(by_dms._url(by_dms.mall_url, by_dms.window.stage_role, "target-secret"))
    await stage.execute(f"UPDATE {by_dms.window.staging}.orders SET state = state")
    for forbidden in (
        "SELECT * FROM public.accounts",
        "INSERT INTO public.orders SELECT * FROM public.orders",
        "CREATE TABLE public.mine ()",
        "CREATE SCHEMA mine",
        f"DROP TABLE {by_dms.window.staging}.orders",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await stage.execute(forbidden)
    await stage.close()
    await by_dms.done("hand_back")


async def test_a_session_of_dms_lives_from_call_to_call_and_ends_with_the_window(by_dms):
    while by_dms.dms.status != "running":
        await by_dms.service().hand_back(by_dms.window)
    reading = await connect(by_dms._url(by_dms.window.database_url, by_dms.window.link_role, "source-secret"))
    await by_dms.service().hand_back(by_dms.window)
    assert await reading.fetchval("SELECT count(*) FROM orders") == 7
    await by_dms.done("hand_back")
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await reading.fetchval("SELECT 1")


async def test_a_window_tells_what_changed_since(by_dms):
    hourly = replace(by_dms.window, due=NOON)
    while by_dms.dms.status != "running":
        await by_dms.service().window(hourly)
    await by_dms.sold.drop.execute("UPDATE stock SET reserved = 1")
    await by_dms.sold.drop.execute("DELETE FROM entries WHERE index > 4")
    brought = await by_dms.done("window", hourly)
    assert isinstance(brought, Brought)
    assert brought.behind == {"stock": 1, "entries": 2}
    assert by_dms.kinds == ["start-replication"]
    assert by_dms.dms.status == ""
    assert await by_dms.roles() == []
    assert (await by_dms.sold.mall_holds())["orders"] == []


async def test_the_last_window_follows_an_hourly_one_with_a_task_of_its_own(by_dms):
    await by_dms.done("window", replace(by_dms.window, due=NOON))
    with pytest.raises(CopyFailed, match="there is no DMS task"):
        await by_dms.done("hand_back")
    by_dms.dms.status, by_dms.passwords["source-secret"] = "ready", "other-words"
    receipt = await by_dms.done("hand_back")
    assert receipt.claims["promotion"]["orders"] == 7
    assert by_dms.kinds == ["start-replication"] * 2


async def test_a_task_that_was_kept_brings_what_changed(by_dms):
    await by_dms.done("window", replace(by_dms.window, due=NOON))
    by_dms.dms.status = "stopped"
    await by_dms.done("hand_back")
    assert by_dms.kinds == ["start-replication", "resume-processing"]


async def test_a_staging_schema_of_other_columns_is_made_anew(by_dms):
    await by_dms.done("window", replace(by_dms.window, due=NOON))
    await by_dms.sold.mall.execute(f"ALTER TABLE {by_dms.window.staging}.orders ADD COLUMN more text")
    by_dms.dms.status = "stopped"
    await by_dms.done("hand_back")
    assert by_dms.kinds == ["start-replication", "reload-target"]


async def test_a_killed_end_is_brought_to_its_end(by_dms, monkeypatch):
    class Killed(BaseException):
        pass

    async def dying(*arguments):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Bringing, "close", dying)
        with pytest.raises(Killed):
            await by_dms.done("hand_back")
    assert [row["rolname"] for row in await by_dms.roles()] == [by_dms.window.link_role]
    receipt = await by_dms.done("hand_back")
    assert isinstance(receipt, Receipt)
    assert await by_dms.roles() == []
    assert by_dms.dms.status == ""


async def test_a_drop_that_is_away_keeps_what_stands(by_dms):
    while by_dms.dms.status != "running":
        await by_dms.service().hand_back(by_dms.window)
    away = replace(by_dms.window, database_url=f"postgresql://x:y@127.0.0.1:{free_ports(1)[0]}/drop")
    with pytest.raises(SourceUnavailable):
        await by_dms.service().hand_back(away)
    assert len(await by_dms.roles()) == 2
    await by_dms.done("hand_back")
    assert by_dms.kinds == ["start-replication"]
