"""Attacks of whoever owns the drop's database, its server, and the environment's key to the payment gateway."""

import asyncio
import struct
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pytest

from marketday.handback.copy import DirectCopier
from marketday.handback.errors import (
    CopyRefused,
    HandBackError,
    HasOrders,
    PromotionDiffers,
    SourceUnavailable,
)
from marketday.handback.postgres.link import _point
from marketday.handback.postgres.staging import staged
from marketday.handback.tables import TABLES
from marketday.kit import guard
from marketday.kit.database import PG_CATALOG, connect
from marketday.kit.ids import new_id
from marketday.payments.ports import GatewayState

from .damages import ORDER

# What the drop's tables cannot hold, its server can send: here the copy is changed behind its back.
STAGED = {
    "sold is unknown": ("UPDATE {s}.stock SET sold = NULL", "stock_is_sold_and_left"),
    "reserved is unknown": ("UPDATE {s}.stock SET reserved = NULL", "stock_is_sold_and_left"),
    "lent is unknown": ("UPDATE {s}.stock SET total = NULL", "stock_is_sold_and_left"),
    "a limit is unknown": ("UPDATE {s}.allowances SET limit_per_person = NULL", "rows_are_whole"),
    "a second row of stock, of another drop": (
        "INSERT INTO {s}.stock SELECT 'zz', sku, total, reserved, sold FROM {s}.stock",
        "rows_are_whole",
    ),
    "a reservation of another drop": ("UPDATE {s}.reservations SET drop_slug = 'mall'", "rows_are_whole"),
    "an order of the mall": ("UPDATE {s}.orders SET drop_slug = 'mall'", "rows_are_whole"),
    "a payment without a reason": ("UPDATE {s}.payments SET reason = NULL", "rows_are_whole"),
    "a payment without a moment": ("UPDATE {s}.payments SET updated_at = NULL", "values_are_possible"),
    "an order without a person": ("UPDATE {s}.orders SET person_id = NULL", "rows_are_whole"),
    "a quantity below nothing": ("UPDATE {s}.order_lines SET quantity = -1", "values_are_possible"),
    "an amount beyond all": (
        "UPDATE {s}.payments SET amount_minor = 9223372036854775807",
        "payments_are_the_orders_own",
    ),
}


async def test_what_no_table_of_ours_holds_is_found_in_the_copy(sold):
    async with sold.links.open(sold.window) as snapshot, sold.staging.open(sold.window) as stage:
        for damage, (statement, equation) in STAGED.items():
            await DirectCopier().start(sold.window, snapshot, stage, again=False)
            await sold.evidence().gather(sold.window, stage)
            assert not any((await stage.problems()).values()), damage
            async with staged(sold.mall, sold.window) as connection:
                await connection.execute(statement.format(s=sold.window.staging))
            assert (await stage.problems())[equation], damage


async def test_an_order_of_the_mall_is_never_written_over(sold):
    """The id of somebody's order in the mall: whoever else owns a drop cannot take it, nor change it."""
    taken = await sold.drop.fetchval(f"SELECT {ORDER}")
    person = await sold.mall.fetchval("SELECT id FROM accounts LIMIT 1")
    await sold.mall.execute(
        "INSERT INTO orders (id, account_id, origin, state, currency, total_minor) "
        "VALUES ($1, $2, 'mall', 'paid', 'KRW', 5)",
        taken,
        person,
    )
    with pytest.raises(PromotionDiffers):
        await sold.service().hand_back(sold.window)
    assert await sold.mall.fetchval("SELECT total_minor FROM orders WHERE id = $1", taken) == 5


async def test_a_million_broken_rows_do_not_fill_the_memory(sold, monkeypatch):
    monkeypatch.setattr("marketday.handback.postgres.stage.MOST_DIFFERENCES", 5)
    await sold.service()._bringing.bring(sold.window)
    async with sold.staging.open(sold.window) as stage:
        await sold.mall.execute(
            f"INSERT INTO {sold.window.staging}.orders (id, state, currency, drop_slug) "
            "SELECT gen_random_uuid(), repeat('x', 100000), chr(65 + n % 26) || 'YZ', 'dawn-serum' "
            "FROM generate_series(1, 300) n"
        )
        found = await stage.problems()
        assert max(map(len, found.values())) == 5
        assert max(len(text) for texts in found.values() for text in texts) <= 1000
        assert all(len(one.state) <= 20 for one in await stage.sums())


class TestNeverOpened:
    """A receipt that says nobody bought, of a drop's database that says so."""

    async def _empty(self, sold):
        await sold.drop.execute("TRUNCATE orders, order_lines, payments, standbys, reservations, allowances")

    async def _never_opened(self, sold):
        return await sold.service().never_opened(sold.window, reachable=True, must_look=True)

    @pytest.mark.parametrize("state", [GatewayState.AUTHORISED, GatewayState.CAPTURED])
    @pytest.mark.parametrize("group", ["dawn-serum", "hidden"])
    async def test_what_the_gateway_has_money_of_was_sold(self, sold, state, group):
        await self._empty(sold)
        entry = sold.books.entries[0]
        changed = replace(
            entry, payment=replace(entry.payment, state=state), purpose=replace(entry.purpose, group=group)
        )
        sold.books.entries[:] = [changed]
        with pytest.raises(HasOrders, match="the payment gateway has money of 1 payments"):
            await self._never_opened(sold)
        assert sold.books.revoked == [sold.window.payment_holder]
        holds = await sold.mall_holds()
        assert holds["receipts"] == []
        assert holds["allocations"][0]["returned"] is None

    async def test_what_was_given_back_was_not(self, sold):
        await self._empty(sold)
        gone = [replace(one, payment=replace(one.payment, state=GatewayState.REFUNDED)) for one in sold.books.entries]
        sold.books.entries[:] = gone
        assert (await self._never_opened(sold)).kind == "never-opened"

    async def test_what_a_killed_smoke_test_left_is_given_back(self, sold):
        await self._empty(sold)
        left = sold.books.entries[0]
        sold.books.entries[:] = [replace(left, purpose=replace(left.purpose, group="smoke-0badcafe"))]
        assert (await self._never_opened(sold)).kind == "never-opened"
        assert sold.books.entries[0].payment.state is GatewayState.REFUNDED

    async def test_without_a_key_of_its_own_too(self, sold):
        await self._empty(sold)
        sold.window = replace(sold.window, payment_holder=None)
        sold.books.entries[:] = [replace(one, created_at=datetime.now(UTC)) for one in sold.books.entries]
        with pytest.raises(HasOrders):
            await self._never_opened(sold)
        sold.books.entries[:] = [
            replace(one, created_at=datetime(2020, 1, 1, tzinfo=UTC)) for one in sold.books.entries
        ]
        assert (await self._never_opened(sold)).kind == "never-opened"


@asynccontextmanager
async def evil_server(behave):
    """A program that speaks as PostgreSQL would, and then does as it likes."""

    async def serve(reader, writer):
        try:
            (length,) = struct.unpack("!i", await reader.readexactly(4))
            if (await reader.readexactly(length - 4))[:4] == struct.pack("!i", 80877103):  # asks for TLS
                writer.write(b"N")
                (length,) = struct.unpack("!i", await reader.readexactly(4))
                await reader.readexactly(length - 4)
            await behave(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the mall went away, or the test is over
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"postgresql://owner:secret@127.0.0.1:{server.sockets[0].getsockname()[1]}/drop"


def message(kind, body=b""):
    return kind + struct.pack("!i", len(body) + 4) + body


async def many_rounds(reader, writer):
    writer.write(message(b"R", struct.pack("!i", 10) + b"SCRAM-SHA-256\0\0"))
    kind, length = struct.unpack("!ci", await reader.readexactly(5))
    said = await reader.readexactly(length - 4)
    nonce = said.rpartition(b"r=")[2]
    assert kind == b"p"
    challenge = b"r=" + nonce + b"evil,s=c2FsdHNhbHQ=,i=2000000000"
    writer.write(message(b"R", struct.pack("!i", 11) + challenge)[:-4])
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.write(b"0000")
    await writer.drain()
    await asyncio.sleep(60)


def welcome():
    settings = b"".join(message(b"S", setting) for setting in (b"server_version\016.0\0", b"client_encoding\0UTF8\0"))
    return message(b"R", struct.pack("!i", 0)) + settings + message(b"K", bytes(8)) + message(b"Z", b"I")


async def endless_notices(_reader, writer):
    writer.write(message(b"R", struct.pack("!i", 0)))
    while True:
        writer.write(message(b"N", b"SWARNING\0M" + b"x" * 10_000 + b"\0\0"))
        await writer.drain()


async def one_huge_message(_reader, writer):
    writer.write(message(b"R", struct.pack("!i", 0)) + b"D" + struct.pack("!i", 2**31 - 1))
    while True:
        writer.write(b"x" * 65536)
        await writer.drain()


async def a_long_error(reader, writer):
    writer.write(welcome())
    await reader.readexactly(5)
    writer.write(message(b"E", b"SERROR\0C42601\0M" + b"\x1b[2J" * 100_000 + b"\0\0") + message(b"Z", b"I"))
    await writer.drain()
    await asyncio.sleep(60)


async def endless_settings(_reader, writer):
    writer.write(message(b"R", struct.pack("!i", 0)))
    while True:
        writer.write(message(b"S", b"name%d\0" % id(object()) + b"v" * 1000 + b"\0"))
        await writer.drain()


EVIL = {
    "a password to be hashed for hours": many_rounds,
    "notices without end": endless_notices,
    "a message of two gigabytes": one_huge_message,
    "settings without end": endless_settings,
    "an error of half a megabyte": a_long_error,
}


async def test_a_server_gets_neither_our_memory_nor_our_time(sold, monkeypatch, subtests):
    monkeypatch.setattr(guard, "LARGEST_ANSWER", 1024 * 1024)
    monkeypatch.setattr(guard, "LARGEST_MESSAGE", 1024 * 1024)
    for evil, behave in EVIL.items():
        async with evil_server(behave) as url, asyncio.timeout(60):
            with subtests.test(evil), pytest.raises(HandBackError):
                await sold.service().hand_back(replace(sold.window, database_url=url))
    assert (await sold.service().hand_back(sold.window)).claims["promotion"]["orders"] == 7


async def test_rows_without_end_are_cut_off(sold, monkeypatch):
    monkeypatch.setattr(guard, "LARGEST_ANSWER", 1024 * 1024)
    connection = await connect(sold.window.database_url, search_path=PG_CATALOG, guarded=True)
    with pytest.raises(Exception, match="connection"):
        await connection.fetch("SELECT repeat('x', 1000) FROM generate_series(1, 10000000)")
    connection.terminate()


async def test_many_small_answers_are_no_large_one(sold, monkeypatch):
    monkeypatch.setattr(guard, "LARGEST_ANSWER", 64 * 1024)
    connection = await connect(sold.window.database_url, search_path=PG_CATALOG, guarded=True)
    for _ in range(20):
        await connection.fetch("SELECT repeat('x', 1000) FROM generate_series(1, 10)")
    async with connection.transaction():
        rows = [row async for row in connection.cursor("SELECT repeat('x', 1000) FROM generate_series(1, 500)")]
    assert len(rows) == 500
    await connection.close()


LIES = {
    "a position of a megabyte": (b"x" * 1000, None),
    "no position": (None, None),
    "no moment": ("0/1", None),
    "a moment of no zone": ("0/1", datetime(2030, 1, 1)),  # noqa: DTZ001 - that is the lie
}


@pytest.mark.parametrize(("lsn", "at"), LIES.values(), ids=LIES)
def test_a_point_that_is_none_is_refused(lsn, at):
    with pytest.raises((SourceUnavailable, TypeError)):
        _point({"lsn": lsn, "at": at})


SCHEMAS = {
    "keys that are numbers": "ALTER TABLE orders ALTER id TYPE bigint USING 1",
    "moments that are text": "ALTER TABLE orders ALTER created_at TYPE text",
    "money that is text": (
        "ALTER TABLE orders DROP CONSTRAINT orders_total_minor_check; ALTER TABLE orders ALTER total_minor TYPE text"
    ),
    "money that is not a number": (
        "ALTER TABLE orders DROP CONSTRAINT orders_total_minor_check;"
        "ALTER TABLE orders ALTER total_minor TYPE numeric; UPDATE orders SET total_minor = 'NaN'"
    ),
    "a moment before our calendar": "UPDATE orders SET created_at = '4000-01-01 BC'",
}


async def test_other_types_are_refused_in_a_sentence(sold, subtests):
    before = await sold.mall_holds()
    await sold.drop.execute("ALTER TABLE order_lines DROP CONSTRAINT order_lines_order_id_fkey")
    await sold.drop.execute("ALTER TABLE payments DROP CONSTRAINT payments_order_id_fkey")
    await sold.drop.execute("ALTER TABLE orders RENAME TO true_orders")
    copied = "CREATE TABLE orders (LIKE true_orders INCLUDING CONSTRAINTS); INSERT INTO orders TABLE true_orders;"
    for name, statement in SCHEMAS.items():
        await sold.drop.execute(copied + statement)
        with subtests.test(name), pytest.raises(HandBackError):
            await sold.service().hand_back(sold.window)
        assert await sold.mall_holds() == before, name
        await sold.drop.execute("DROP TABLE orders")
    await sold.drop.execute(copied)
    await sold.service().hand_back(sold.window)  # each was refused for its types alone


COPIES = {
    "nothing": b"",
    "no signature": b"x" * 100,
    "a row of too many fields": b"PGCOPY\n\xff\r\n\0" + bytes(8) + struct.pack("!h", 999),
    "a field of two gigabytes": b"PGCOPY\n\xff\r\n\0" + bytes(8) + struct.pack("!hi", 9, 2**31 - 1) + b"x",
    "a field of less than nothing": b"PGCOPY\n\xff\r\n\0" + bytes(8) + struct.pack("!hi", 9, -5),
    "text that is none": b"PGCOPY\n\xff\r\n\0" + bytes(8) + struct.pack("!hi", 9, 1) + b"\xff",
    "text with a zero": b"PGCOPY\n\xff\r\n\0" + bytes(8) + struct.pack("!hi", 9, 1) + b"\0",
    "extensions without end": b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 2**31 - 1) + b"x" * 100,
}


async def test_a_copy_that_is_none_is_refused_for_good(sold, subtests):
    for copy, rows in COPIES.items():
        async with sold.staging.open(sold.window) as stage:
            await stage.prepare()
            with subtests.test(copy), pytest.raises(CopyRefused, match="expected rows of that table"):
                await stage.copy_in(TABLES[0], BytesIO(rows))


async def test_a_row_that_comes_twice_is_refused_for_good(sold):
    await sold.drop.execute("ALTER TABLE stock DROP CONSTRAINT stock_pkey CASCADE; INSERT INTO stock TABLE stock")
    with pytest.raises(CopyRefused, match="expected rows of that table"):
        await sold.service().hand_back(sold.window)


async def test_a_link_that_is_read_forever_ends(sold, monkeypatch):
    monkeypatch.setattr("marketday.handback.postgres.link._LONGEST_SECONDS", 0.5)
    with pytest.raises(SourceUnavailable, match="not read completely"):
        async with sold.links.open(sold.window):
            await asyncio.sleep(30)
    assert await sold.link_roles() == []


async def test_a_room_or_books_without_end_are_refused(sold, monkeypatch):
    monkeypatch.setattr("marketday.handback.postgres.evidence.MOST_LINES", 3)
    with pytest.raises(HandBackError, match="over 3 payments"):
        await sold.service().hand_back(sold.window)
    sold.books.entries.clear()
    with pytest.raises(HandBackError, match="over 3 entries"):
        await sold.service().hand_back(sold.window)


async def test_a_foreign_payment_under_the_drops_name_is_nobodys_business(sold):
    """Another environment's key names this drop: what it paid is not this environment's."""
    entry = sold.books.entries[0]
    foreign = replace(entry, payment=replace(entry.payment, reference=new_id()), holder="event-of-the-dusk")
    sold.books.entries.append(foreign)
    receipt = await sold.service().hand_back(sold.window)
    assert receipt.claims["evidence"]["payments"] == 7
    assert len(TABLES) == 10


async def test_a_purpose_that_no_database_holds_keeps_nothing_from_coming_home(sold):
    """The gateway's books cannot be changed: what stands there has to be readable for ever."""
    entry = sold.books.entries[0]
    voided = replace(entry.payment, reference=new_id(), state=GatewayState.VOIDED)
    purpose = replace(entry.purpose, group="a\0b", goods="\0\u202e<script>" * 20)
    sold.books.entries.append(replace(entry, payment=voided, purpose=purpose))
    assert (await sold.service().hand_back(sold.window)).claims["evidence"]["payments"] == 8
