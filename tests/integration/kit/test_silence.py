"""A database that falls silent, or whose connections break: every wait has its limit, and no broken one is used."""

import asyncio
import time

import asyncpg
import pytest

from marketday.kit.database import AWAY, connect, make_pool
from marketday.testing.wire import TcpProxy, wire_to

SECONDS = 2.0  # the limit that the pools here are given
SLACK = 10.0  # for a busy machine


@pytest.fixture
async def wire(mall_database_url):
    async with wire_to(mall_database_url) as wire:
        yield wire


@pytest.fixture
async def pool(wire):
    async with make_pool(wire.url, max_size=2, seconds=SECONDS) as pool:
        assert await pool.fetchval("SELECT 1") == 1
        yield pool


async def limited(asked):
    """Wait for a failure that says that the server is away; return after how long it came."""
    begun = time.monotonic()
    with pytest.raises(AWAY):
        await asked
    took = time.monotonic() - begun
    assert took < SECONDS + SLACK
    return took


async def good_again(wire, pool):
    """Heal the wire: a few seconds later the pool is as good as new, whatever state its connections are in."""
    wire.heal()
    async with asyncio.timeout(3 + SLACK):
        while True:
            try:
                assert await pool.fetchval("SELECT 1") == 1
            except AWAY:
                continue
            return


@pytest.mark.parametrize("there", [True, False], ids=["sent-and-unanswered", "never-arrives"])
async def test_a_statement_has_a_limit(wire, pool, there):
    wire.back, wire.there = False, there
    await limited(pool.fetchval("SELECT 1"))
    await good_again(wire, pool)


async def test_an_answer_that_stops_in_the_middle_has_a_limit(wire, pool):
    wire.left_of_answer = 1000
    await limited(pool.fetch("SELECT repeat('x', 1000) FROM generate_series(1, 100)"))
    await good_again(wire, pool)


@pytest.mark.parametrize("fault", [TcpProxy.reset, TcpProxy.half_close])
async def test_a_statement_on_a_connection_that_breaks_fails_and_the_next_does_not(wire, pool, fault):
    asked = asyncio.create_task(pool.fetchval("SELECT pg_sleep(60)"))
    while pool.get_idle_size():
        await asyncio.sleep(0.01)
    fault(wire)
    await limited(asked)
    assert await pool.fetchval("SELECT 1") == 1


@pytest.mark.parametrize("fault", [TcpProxy.reset, TcpProxy.half_close])
async def test_a_connection_that_broke_while_nobody_used_it_fails_nobody(wire, pool, fault):
    fault(wire)
    while pool.get_size() > pool.get_idle_size() or pool.get_idle_size():  # until the driver has noticed
        await asyncio.sleep(0.01)
    assert await pool.fetchval("SELECT 1") == 1


async def test_slow_answers_are_answers(wire):
    wire.pause_seconds = 0.05
    async with make_pool(wire.url, max_size=2, seconds=60) as pool:
        assert await asyncio.gather(*(pool.fetchval("SELECT 1") for _ in range(6))) == [1] * 6


async def test_connecting_has_a_limit(wire):
    wire.fall_silent()
    await limited(connect(wire.url, seconds=SECONDS))
    async with make_pool(wire.url, seconds=SECONDS) as pool:
        await limited(pool.fetchval("SELECT 1"))
        await good_again(wire, pool)


async def test_many_more_than_the_pool_has_connections_all_hear_in_time(wire, pool):
    wire.fall_silent()
    await asyncio.gather(*(limited(pool.fetchval("SELECT 1")) for _ in range(50)))
    await good_again(wire, pool)


async def test_hundreds_more_than_the_pool_has_connections_wait_as_long_as_the_database_answers(mall_database_url):
    """All together wait longer than one may wait for a connection."""
    async with make_pool(mall_database_url, max_size=1, seconds=6) as pool:
        begun = time.monotonic()
        await asyncio.gather(*(pool.fetchval("SELECT pg_sleep(0.02)") for _ in range(200)))
        assert time.monotonic() - begun > 3


async def test_what_a_transaction_did_not_finish_has_a_limit_and_holds_no_lock(wire, pool, mall_database_url):
    async def half_done():
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("LOCK TABLE products")
            wire.fall_silent()
            await connection.fetchval("SELECT 1")

    await limited(half_done())
    await good_again(wire, pool)
    other = await connect(mall_database_url)
    try:
        async with asyncio.timeout(15 + SLACK):  # the server waits ten seconds for a transaction that says nothing
            assert await other.fetchval("SELECT count(*) FROM products") == 0
    finally:
        await other.close()


async def test_a_commit_without_an_answer_is_no_answer(wire, pool):
    await pool.execute("CREATE TABLE told (word text)")

    async def tell():
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("INSERT INTO told VALUES ('yes')")
            wire.last_words = b"COMMIT"

    await limited(tell())
    await good_again(wire, pool)
    assert await pool.fetchval("SELECT count(*) FROM told") == 1  # and whoever asks again must not do it twice


async def test_what_was_answered_stays_answered_when_the_release_meets_silence(wire, pool):
    async with pool.acquire() as connection:
        assert await connection.fetchval("SELECT 7") == 7
        wire.fall_silent()
        begun = time.monotonic()
    assert time.monotonic() - begun < SECONDS + SLACK
    await good_again(wire, pool)


async def test_closing_has_a_limit(wire, pool):
    connection = await connect(wire.url, seconds=SECONDS)
    held = await pool.acquire()
    wire.fall_silent()
    async with asyncio.timeout(2 * SECONDS + SLACK):
        await connection.close()
        await pool.close()
    with pytest.raises(asyncpg.InterfaceError):
        await held.fetchval("SELECT 1")


async def test_the_server_ends_what_takes_longer_than_anybody_waits(pool, mall_database_url):
    await limited(pool.fetchval("SELECT pg_sleep(60)"))
    other = await connect(mall_database_url)
    try:
        async with asyncio.timeout(SECONDS + SLACK):
            while await other.fetchval("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'"):
                await asyncio.sleep(0.05)
    finally:
        await other.close()


async def test_a_cancelled_caller_leaves_a_good_pool(pool):
    asked = asyncio.create_task(pool.fetchval("SELECT pg_sleep(60)"))
    await asyncio.sleep(0.1)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert await pool.fetchval("SELECT 1") == 1
