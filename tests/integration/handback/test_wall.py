"""The wall between event and mall: whoever owns the drop's database, with everything that it has, against the mall."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from marketday.handback.errors import (
    CopyDiffers,
    CopyRefused,
    EquationsBroken,
    HandBackError,
    HasOrders,
    LedgerUnavailable,
    PromotionDiffers,
)
from marketday.handback.tables import EVIDENCE, TABLES
from marketday.kit.database import connect
from marketday.payments.ports import GatewayState

from .conftest import undone
from .damages import CONSISTENT, PERSON

HIJACK = """
CREATE SCHEMA evil;
CREATE FUNCTION evil.format_type(oid, integer) RETURNS text LANGUAGE sql AS
    $$ SELECT 'text); CREATE TABLE public.stolen AS SELECT * FROM public.accounts; --' $$;
CREATE FUNCTION evil.sha256(bytea) RETURNS bytea LANGUAGE sql AS $$ SELECT pg_catalog.sha256('\\x00') $$;
CREATE FUNCTION evil.convert_to(text, name) RETURNS bytea LANGUAGE sql AS $$ SELECT '\\x00'::bytea $$;
CREATE FUNCTION evil.quote_ident(text) RETURNS text LANGUAGE sql AS $$ SELECT 'x; DROP TABLE public.receipts' $$;
CREATE VIEW evil.orders AS SELECT * FROM public.orders WHERE false;
CREATE VIEW evil.payments AS SELECT * FROM public.payments WHERE false;
CREATE FUNCTION evil.to_regclass(text) RETURNS regclass LANGUAGE sql AS $$ SELECT NULL::regclass $$;
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = evil, pg_catalog, public', current_database()); END $$;
"""


async def test_a_search_path_of_the_drops_owner_reaches_nobody(sold):
    await sold.drop.execute(HIJACK)
    receipt = await sold.service().hand_back(sold.window)
    assert receipt.claims["promotion"]["orders"] == 7
    assert await sold.mall.fetchval("SELECT to_regclass('public.stolen')") is None


async def test_a_hijacked_path_does_not_hide_orders_from_a_look(sold):
    await sold.drop.execute(HIJACK)
    with pytest.raises(HasOrders):
        await sold.service().never_opened(sold.window, reachable=True, must_look=True)


NO_VIEW = "DROP VIEW payment_facts CASCADE;"  # it depends on columns that the hostile schema changes
HOSTILE = {
    "a type of ours renamed": f"{NO_VIEW} ALTER TABLE orders ALTER state TYPE varchar(20)",
    "a type of its own": f"{NO_VIEW} CREATE DOMAIN evil_text AS text; ALTER TABLE orders ALTER state TYPE evil_text",
    "a column more": 'ALTER TABLE orders ADD COLUMN "x text); DROP TABLE public.receipts; --" text',
    "a column less": f"{NO_VIEW} ALTER TABLE payments DROP COLUMN reason",
    "a table replaced by a view": "ALTER TABLE entries RENAME TO e; CREATE VIEW entries AS SELECT * FROM e",
    "a rule": "CREATE RULE r AS ON INSERT TO orders DO INSTEAD NOTHING",
    "an error in words": 'ALTER TABLE stock ADD CONSTRAINT "\'; DROP TABLE public.receipts; --" CHECK (sold >= 0)',
}


@pytest.mark.parametrize("statement", HOSTILE.values(), ids=HOSTILE)
async def test_whatever_the_schema_says_the_mall_runs_none_of_it(sold, statement):
    before = await sold.mall.fetch("SELECT schemaname, tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 2")
    await sold.drop.execute(statement)
    try:
        await sold.service().hand_back(sold.window)
    except HandBackError:
        assert (await sold.mall_holds())["orders"] == []
    after = await sold.mall.fetch("SELECT schemaname, tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 2")
    assert after == before
    assert await sold.mall.fetch("SELECT FROM pg_roles WHERE rolname = $1", sold.window.archive_role) == []


async def test_columns_and_types_are_those_of_our_own_schema(sold):
    """The page `tables.py` says what sql/drop says: of each table that comes home all columns, in order."""
    query = (
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
        "WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
    )
    for table in TABLES:
        found = [tuple(row) for row in await sold.drop.fetch(query, f"public.{table.name}")]
        assert found == list(table.columns.items()), table.name


async def test_the_schemas_owner_may_do_nothing_else_in_the_mall(sold):
    await sold.service()._bringing.bring(sold.window)
    forbidden = [
        "SELECT * FROM public.accounts",
        "SELECT * FROM public.orders",
        "INSERT INTO public.receipts SELECT * FROM public.receipts",
        "CREATE TABLE public.mine ()",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "SET ROLE postgres",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "ALTER SYSTEM SET work_mem = '1GB'",
    ]
    async with sold.staging.open(sold.window) as stage:
        assert await stage._connection.fetchval("SELECT session_user") == sold.window.archive_role
        assert await stage._connection.fetchval("SHOW search_path") == "pg_catalog"
        for statement in forbidden:
            with pytest.raises(asyncpg.PostgresError):
                await stage._connection.execute(statement)
        assert await stage._connection.fetchval(f"SELECT count(*) FROM {sold.window.staging}.orders") == 7
    assert await sold.mall.fetch("SELECT FROM pg_roles WHERE rolname = $1", sold.window.archive_role) == []
    owner = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = $1"
    assert [row[0] for row in await sold.mall.fetch(owner, sold.window.staging)] == [
        await sold.mall.fetchval("SELECT current_user")
    ]


PLANTED = {
    "a view": "DROP TABLE {s}.orders; CREATE VIEW {s}.orders AS SELECT 1 AS id",
    "a function": "CREATE FUNCTION {s}.format(text, uuid) RETURNS text LANGUAGE sql AS 'SELECT 1::text'",
    "an operator": "CREATE OPERATOR {s}.= (leftarg = bytea, rightarg = bytea, function = pg_catalog.byteaeq)",
    "a trigger": (
        "CREATE TRIGGER t BEFORE UPDATE ON {s}.orders "
        "FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()"
    ),
    "a policy": "ALTER TABLE {s}.orders ENABLE ROW LEVEL SECURITY",
    "a table": "CREATE TABLE {s}.accounts ()",
    "a default": "ALTER TABLE {s}.orders ALTER state SET DEFAULT 'paid'",
    "a type": "CREATE TYPE {s}.uuid AS ENUM ('a')",
}


async def test_nothing_but_plain_tables_is_read_with_the_malls_rights(sold, subtests):
    schema = sold.window.staging
    for thing, statement in PLANTED.items():
        await sold.service()._bringing.bring(sold.window)
        await sold.mall.execute(statement.format(s=schema))
        with subtests.test(thing), pytest.raises(PromotionDiffers, match="expected only plain tables"):
            await sold.promotions.promote(sold.window)
        await sold.mall.execute(f"DROP SCHEMA {schema} CASCADE")


async def test_each_damage_that_is_consistent_in_itself_is_found(sold, subtests):
    before = await sold.mall_holds()
    for damage, (statement, equation) in CONSISTENT.items():
        async with undone(sold.drop):
            await sold.drop.execute(statement)
            with subtests.test(damage):
                with pytest.raises(EquationsBroken) as broken:
                    await sold.service().hand_back(sold.window)
                assert equation in broken.value.extra["equations"]
        assert await sold.mall_holds() == before, damage
        assert await sold.mall.fetch("SELECT FROM pg_roles WHERE rolname = $1", sold.window.archive_role) == [], damage
    await sold.service().hand_back(sold.window)  # every damage was undone: each was found by itself


class TestTheGatewaysBooks:
    """What the payment gateway has and the drop does not, or has otherwise."""

    def _change(self, sold, number, **fields):
        entry = sold.books.entries[number]
        payment = {name: fields.pop(name) for name in ("state", "amount_minor", "currency") if name in fields}
        purpose = {name: fields.pop(name) for name in ("group", "customer", "subject", "goods") if name in fields}
        changed = replace(entry, payment=replace(entry.payment, **payment), purpose=replace(entry.purpose, **purpose))
        sold.books.entries[number] = replace(changed, **fields)

    async def test_a_payment_that_the_gateway_has_otherwise(self, sold, subtests):
        entries = list(sold.books.entries)
        for fields in (
            {"state": GatewayState.REFUNDED},
            {"state": GatewayState.AUTHORISED},
            {"state": GatewayState.VOIDED},
            {"amount_minor": 1},
            {"currency": "USD"},
            {"goods": "ANOTHER x 1"},
            {"group": "another-drop"},
            {"holder": "event-of-the-dusk"},
            {"created_at": datetime(2020, 1, 1, tzinfo=UTC), "updated_at": datetime(2020, 1, 1, tzinfo=UTC)},
        ):
            self._change(sold, 0, **fields)
            with subtests.test(str(fields)), pytest.raises(EquationsBroken):
                await sold.service().hand_back(sold.window)
            assert (await sold.mall_holds())["orders"] == []
            sold.books.entries[:] = entries

    async def test_a_payment_that_the_drop_does_not_have(self, sold):
        entry = sold.books.entries[0]
        extra = replace(entry, payment=replace(entry.payment, reference=sold.window.environment_id))
        for purpose in (entry.purpose, replace(entry.purpose, group="hidden")):
            sold.books.entries.append(replace(extra, purpose=purpose))
            with pytest.raises(EquationsBroken, match="only in the gateway's books"):
                await sold.service().hand_back(sold.window)
            sold.books.entries.pop()

    async def test_a_smoke_test_that_was_given_its_money_back_is_nothing_to_say(self, sold):
        entry = sold.books.entries[0]
        refunded = replace(entry.payment, reference=sold.window.environment_id, state=GatewayState.REFUNDED)
        smoke = replace(entry.purpose, group="smoke-0badcafe")
        sold.books.entries.append(replace(entry, payment=refunded, purpose=smoke))
        assert (await sold.service().hand_back(sold.window)).claims["evidence"]["payments"] == 8

    async def test_the_key_is_revoked_before_the_books_are_read(self, sold):
        await sold.service().hand_back(sold.window)
        assert sold.books.revoked == [sold.window.payment_holder]

    async def test_a_gateway_that_is_away_is_asked_again_and_proves_nothing(self, sold):
        sold.books.down = True
        with pytest.raises(LedgerUnavailable):
            await sold.service().hand_back(sold.window)
        assert (await sold.mall_holds())["receipts"] == []
        sold.books.down = False
        assert (await sold.service().hand_back(sold.window)).claims["promotion"]["orders"] == 7

    async def test_without_a_key_of_its_own_the_books_are_read_by_the_drop(self, sold):
        """An earlier environment of the same drop has payments of before: they are none of this one."""
        entry = sold.books.entries[0]
        earlier = replace(entry.payment, reference=sold.window.environment_id)
        sold.books.entries.append(replace(entry, payment=earlier, created_at=entry.created_at - timedelta(days=30)))
        window = replace(sold.window, payment_holder=None)
        receipt = await sold.service().hand_back(window)
        assert receipt.claims["evidence"]["payments"] == 7
        assert sold.books.revoked == []

    async def test_without_a_key_of_its_own_a_payment_too_many_is_found_too(self, sold):
        entry = sold.books.entries[0]
        extra = replace(entry.payment, reference=sold.window.environment_id)
        sold.books.entries.append(replace(entry, payment=extra))
        with pytest.raises(EquationsBroken, match="only in the gateway's books"):
            await sold.service().hand_back(replace(sold.window, payment_holder=None))


class TestTheRoom:
    """What the waiting room's own server has."""

    async def test_a_room_that_lost_everything_says_nothing_and_the_receipt_says_so(self, sold):
        await sold.rooms.forget_drop("dawn-serum")
        receipt = await sold.service().hand_back(sold.window)
        assert receipt.claims["evidence"] == {"payments": 7, "entries": None}

    async def test_a_buyer_whom_the_room_did_not_let_in_is_found(self, sold):
        person = await sold.drop.fetchval(f"SELECT {PERSON}")
        del sold.rooms._rooms["dawn-serum"].admitted[person]
        await sold.drop.execute("UPDATE entries SET admitted_at = NULL WHERE person_id = $1", person)
        with pytest.raises(EquationsBroken) as broken:
            await sold.service().hand_back(sold.window)
        assert broken.value.extra["equations"] == ["buyers_were_admitted"]

    async def test_whoever_joined_again_has_a_line_for_each_place(self, sold):
        person = await sold.drop.fetchval("SELECT person_id FROM entries WHERE index = 3")
        over = (await sold.rooms.standing("dawn-serum", person, sold.window.promised.opens_at)).admitted
        joined = await sold.rooms.rejoin("dawn-serum", person, over, over.expires_at)
        with pytest.raises(EquationsBroken) as broken:
            await sold.service().hand_back(sold.window)
        assert broken.value.extra["equations"] == ["the_register_is_the_rooms"]
        place = ("dawn-serum", person, joined.entry.index, over.expires_at)
        await sold.drop.execute("INSERT INTO entries VALUES ($1, $2, $3, $4)", *place)
        assert (await sold.service().hand_back(sold.window)).claims["evidence"]["entries"] == 8


async def test_what_the_mall_lent_is_compared_as_it_was_then(sold):
    """The mall may change names and prices while the drop runs: that changes nothing of what was lent."""
    await sold.mall.execute("UPDATE variants SET price_minor = 1; UPDATE products SET title_ko = 'x'")
    assert (await sold.service().hand_back(sold.window)).claims["promotion"]["orders"] == 7


async def test_an_item_of_whose_lending_nothing_is_on_record_stops_the_day(sold):
    await sold.mall.execute("UPDATE allocations SET item = NULL")
    with pytest.raises(EquationsBroken) as broken:
        await sold.service().hand_back(sold.window)
    assert "items_are_those_lent" in broken.value.extra["equations"]


async def test_what_the_drop_says_is_told_in_one_printable_line(sold):
    await sold.drop.execute("UPDATE drops SET name_en = E'\\x1b[2J\\r\\n<!channel> ' || repeat('x', 100000)")
    with pytest.raises(EquationsBroken) as broken:
        await sold.service().hand_back(sold.window)
    assert broken.value.detail.isprintable()
    assert len(broken.value.detail) < 25_000


async def test_more_than_any_drop_has_is_refused(sold, monkeypatch):
    monkeypatch.setattr("marketday.handback.postgres.link.LARGEST_COPY_BYTES", 1000)
    with pytest.raises(CopyRefused, match="expected the rows of one drop"):
        await sold.service().hand_back(sold.window)


async def test_a_source_that_differs_in_every_row_is_not_followed_to_its_end(sold, monkeypatch):
    monkeypatch.setattr("marketday.handback.model.MOST_DIFFERENCES", 3)
    lying = (
        "CREATE FUNCTION public.sha256(bytea) RETURNS bytea LANGUAGE sql AS 'SELECT NULL::bytea';"
        "UPDATE pg_proc SET proname = 'sha256_before' WHERE oid = 'pg_catalog.sha256(bytea)'::regprocedure;"
        "CREATE FUNCTION pg_catalog.sha256(bytea) RETURNS bytea LANGUAGE sql VOLATILE AS "
        "$$ SELECT decode(md5(random()::text), 'hex') $$"
    )
    owner = await connect(sold.window.database_url)
    await owner.execute("SET allow_system_table_mods = on")
    await owner.execute(lying)
    await owner.close()
    with pytest.raises(CopyDiffers) as differs:
        await sold.service().hand_back(sold.window)
    assert differs.value.extra["differences"] <= 3 * len(TABLES)
    assert len(EVIDENCE) == 6
